"""A small home on the real CDNOW connector and contract: one delivery, most of it good."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cli_home import BAD, GOOD, deliver
from typer.testing import CliRunner, Result

from vitrina.cli.main import app


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Home folder, its sources reading from `shared/` beside it; nothing taken in yet."""
    shared = tmp_path / "shared"
    (shared / "cdnow").mkdir(parents=True)
    monkeypatch.setenv("VITRINA_SHARED_DATA", str(shared))
    monkeypatch.setenv("VITRINA_ENABLED_SOURCES", "cdnow")
    monkeypatch.setenv("COLUMNS", "250")
    deliver(tmp_path / "home", [*GOOD, *BAD])
    return tmp_path / "home"


@pytest.fixture
def vitrina(home: Path) -> Callable[..., Result]:
    """Run a command over the home."""
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--home", str(home)])
