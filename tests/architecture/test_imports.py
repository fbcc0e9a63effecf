"""The import rules of the architecture page, held by a test."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_imports_run_one_way_as_the_architecture_says() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_settings_module_reads_the_environment() -> None:
    """Environment reads anywhere else would make a run depend on something that no one declared."""
    allowed = {"vitrina/settings.py"}
    offenders = []
    for package in ("vitrina", "data_contracts", "ingest", "parties", "apps"):
        for path in (REPOSITORY / package).rglob("*.py"):
            name = path.relative_to(REPOSITORY).as_posix()
            text = path.read_text(encoding="utf-8")
            if name not in allowed and ("os.environ.get" in text or "os.getenv" in text):
                offenders.append(name)
    assert offenders == []
