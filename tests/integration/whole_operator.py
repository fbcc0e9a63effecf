"""One small synthetic operator, simulated and run from its sources to a published snapshot, for all tests that need it.

A run costs a quarter of a minute, so the session shares one home; who needs to change it takes a copy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from simulator import generate
from simulator.tax_server import serving
from tests.integration.independent.calendar_months import index, last_day, last_full_month
from vitrina.progress import SilentProgress
from vitrina.settings import Settings
from vitrina.warehouse.reader import SnapshotReader

CUSTOMERS, MONTHS, DAILY_MONTHS, SEED = 600, 7, 5, 21
# Two days before a month ends: the running month is nearly full, and going on for two days completes it.
UNTIL = date(2026, 10, 29)
LAST_MONTH = last_full_month(UNTIL)
MONTH_ENDS = [last_day(month) for month in range(index(UNTIL) - MONTHS + 1, LAST_MONTH + 1)]


def simulate(home: Path) -> None:
    """Write the sources of the operator; the first two months come from the archive of the billing."""
    generate(home, CUSTOMERS, MONTHS, SEED, until=UNTIL, daily_months=DAILY_MONTHS)


@contextmanager
def sources_of(home: Path) -> Iterator[dict[str, str]]:
    """The variables with which a run reaches the billing database and the tax portal of a home."""
    with serving(home) as portal:
        yield {**portal, "VITRINA_FORIS_URL": f"sqlite:///{home / 'simulator' / 'foris.sqlite'}"}


def run(
    home: Path,
    as_of: date = UNTIL,
    *,
    full_refresh: bool = False,
    instead: dict[str, str] | None = None,
    sources_dir: Path | None = None,
) -> int:
    """A whole run in this process; returns the published version. `instead` are variables of sources to lie about."""
    from pipelines.run import run_pipeline

    with sources_of(home) as variables, pytest.MonkeyPatch.context() as patch:
        for name, value in {**variables, **(instead or {})}.items():
            patch.setenv(name, value)
        settings = Settings(home=home, **({"sources_dir": sources_dir} if sources_dir else {}))
        return run_pipeline(settings, as_of, SilentProgress(), full_refresh=full_refresh).version


def reader(home: Path) -> SnapshotReader:
    """Reader of what is published now."""
    return SnapshotReader(home / "published")


def simulate_and_run(home: Path) -> None:
    """What the shared home holds: sources and one published snapshot."""
    simulate(home)
    run(home)
