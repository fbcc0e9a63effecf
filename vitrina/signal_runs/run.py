"""One run of signals: what is due is held against the published snapshot, written down, and the mart published."""

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from vitrina.members.sources import SnapshotRows
from vitrina.runlock import run_lock
from vitrina.settings import Settings
from vitrina.signal_runs.evaluate import evaluate
from vitrina.signal_runs.plan import Keeper, Recorded
from vitrina.signal_runs.tables import TABLE, write_table
from vitrina.warehouse.askable import let_segments_ask
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.light import SnapshotMoved, publish_tables
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.marts import load_catalogue
from vitrina.warehouse.reader import SnapshotReader
from vitrina.warehouse.store import StoreIsBusy

LOCK: Final = "signals.lock"
UNPUBLISHED: Final = "signals.unpublished"
_ATTEMPTS, _PAUSE = 5, 2.0


@dataclass(frozen=True)
class Ran:
    """What a run wrote down, and the version that it published (None when nothing is new)."""

    recorded: Recorded
    manifest: Manifest | None


def run_signals(
    settings: Settings, keeper: Keeper, now: dt.datetime, keys: Sequence[str] = (), *,
    tell: Callable[[str], None] = lambda _: None,
) -> Ran:  # fmt: skip
    """Hold rules that are due (of `keys` alone, when there are any) against the snapshot in use, and publish the mart
    when that brought anything; decisions of people come into it with the next such run, or the next build.

    Killed at any moment, it leaves whole days written down; the next run goes on with the others. Raises
    `AnotherRunIsAtWork`, `NothingPublished`, and what the keeper raises.
    """
    unpublished = settings.state_dir / UNPUBLISHED
    with run_lock(settings.state_dir / LOCK):
        # What a killed run wrote down is no news to this one, and not published either.
        is_behind = unpublished.exists()
        recorded = _record(settings, keeper, keys, tell)
        manifest = publish_history(settings, keeper, now) if recorded.is_news or is_behind else None
        unpublished.unlink(missing_ok=True)
    return Ran(recorded, manifest)


def publish_history(settings: Settings, keeper: Keeper, now: dt.datetime) -> Manifest:
    """Publish `signal_history` on top of the snapshot in use; made anew when that moved meanwhile."""
    for attempt in range(_ATTEMPTS):
        try:
            return _publish(settings, keeper, now)
        except (SnapshotMoved, StoreIsBusy):
            # Segments and models publish by themselves too.
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(_PAUSE)
    raise AssertionError("the last attempt returns or raises")


def history_into_build(settings: Settings, keeper: Keeper) -> int:
    """Write `signal_history` into the build, so that the snapshot made of it has the table; how many signals."""
    with tempfile.TemporaryDirectory(prefix="signals-") as folder, duckdb.connect(str(settings.build_path)) as build:
        written = write_table(build, keeper, Path(folder))
        let_segments_ask(build, "signal_tables.yml", TABLE)
        return written


def _record(settings: Settings, keeper: Keeper, keys: Sequence[str], tell: Callable[[str], None]) -> Recorded:
    with SnapshotReader.open(settings.published_dir, resources=_resources(settings)) as reader:
        as_of = reader.manifest.as_of
        plan = keeper.plan(as_of, keys)
        if plan.is_empty:
            return Recorded()
        tell(f"{len(plan.rules)} rules, {len(plan.days)} days")
        with reader.cursor() as cursor:
            findings = evaluate(plan, SnapshotRows(cursor), cursor.manifest.data_version, as_of)
    tell(f"{findings.found.num_rows} found")
    (settings.state_dir / UNPUBLISHED).touch()
    return keeper.record(findings)


def _publish(settings: Settings, keeper: Keeper, now: dt.datetime) -> Manifest:
    with SnapshotReader.open(settings.published_dir) as reader:
        version = reader.version
    with tempfile.TemporaryDirectory(prefix="signals-") as folder, duckdb.connect(":memory:") as tables:
        _resources(settings).apply(tables)
        tables.execute("CREATE SCHEMA marts")
        write_table(tables, keeper, Path(folder))
        return publish_tables(tables, settings.published_dir, version, now, load_catalogue(), "signals")


def _resources(settings: Settings) -> Resources:
    return Resources(memory_limit=settings.memory_limit, threads=settings.threads)
