"""A fresh desk per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.database import Database, open_database
from crm.start import prepare
from tests.unit.signal_runs.operator import NOW


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("desk") / "crm.sqlite"
    prepare(f"sqlite:///{path}", NOW).close()
    return path


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty operational database in the folder of a home."""
    path = tmp_path / "state" / "crm.sqlite"
    path.parent.mkdir()
    path.write_bytes(template.read_bytes())
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.close()
