"""One small synthetic operator, simulated and run from its sources to a published snapshot, for all tests that need it.

A run costs a quarter of a minute, so the session shares one home; who needs to change it takes a copy.
"""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from simulator import generate
from simulator.tax_server import serving
from vitrina.progress import SilentProgress
from vitrina.settings import Settings
from vitrina.warehouse.reader import SnapshotReader

CUSTOMERS, MONTHS, DAILY_MONTHS, SEED = 600, 7, 5, 21
# Two days before a month ends: the running month is nearly full, and going on for two days completes it.
UNTIL = date(2026, 10, 29)


def simulate(home: Path) -> None:
    """Write the sources of the operator; the first two months come from the archive of the billing."""
    generate(home, CUSTOMERS, MONTHS, SEED, until=UNTIL, daily_months=DAILY_MONTHS)


@contextmanager
def sources_of(home: Path) -> Iterator[dict[str, str]]:
    """The variables with which a run reaches the billing database and the tax portal of a home."""
    with serving(home) as portal:
        yield {**portal, "VITRINA_FORIS_URL": f"sqlite:///{home / 'simulator' / 'foris.sqlite'}"}


def run(home: Path, as_of: date = UNTIL, *, full_refresh: bool = False, settings: Settings | None = None) -> int:
    """A whole run in this process; returns the published version."""
    from pipelines.run import run_pipeline

    with sources_of(home) as variables, pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        return run_pipeline(
            settings or Settings(home=home), as_of, SilentProgress(), full_refresh=full_refresh
        ).version  # fmt: skip


def command(home: Path, as_of: date) -> list[str]:
    """The same as a command for a process of its own."""
    return [sys.executable, "-m", "vitrina.cli", "run", "--home", str(home), "--as-of", as_of.isoformat()]


def reader(home: Path) -> SnapshotReader:
    """Reader of what is published now."""
    return SnapshotReader(home / "published")


def made_once(folder: Path, name: str) -> Path:
    """Home of the operator, simulated and run by whichever test process comes first."""
    home, lock = folder / name, folder / f"{name}.lock"
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (home / "done").exists():
            shutil.rmtree(home, ignore_errors=True)
            simulate(home)
            run(home)
            (home / "done").touch()
    return home


def copied(home: Path, target: Path) -> Path:
    """A copy of a home to change; hard links would let a change of one reach the other."""
    shutil.copytree(home, target)
    _move_paths(target)
    return target


def _move_paths(home: Path) -> None:
    """Dagster's own configuration names the folder it lies in."""
    configuration = home / "dagster" / "dagster.yaml"
    configuration.unlink(missing_ok=True)


def quiet_environment(variables: dict[str, str]) -> dict[str, str]:
    """Environment of a subprocess that is a run."""
    return {**os.environ, **variables}
