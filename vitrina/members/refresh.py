"""When segments are computed: in a run of the pipeline, before it publishes, and between runs on what is published."""

import datetime as dt
from collections.abc import Sequence

import duckdb

from vitrina.members.plan import Register
from vitrina.members.run import run_due, tell
from vitrina.members.sources import BuildRows, SnapshotRows
from vitrina.members.store import MemberStore, Run, SegmentsAreBusy
from vitrina.members.tables import write_tables
from vitrina.runlock import is_held
from vitrina.settings import Settings
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.light import publish_tables
from vitrina.warehouse.live import lists_folder
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.marts import load_catalogue
from vitrina.warehouse.reader import SnapshotReader
from vitrina.warehouse.store import Store


def member_store(settings: Settings) -> MemberStore:
    """The segments of a home."""
    return MemberStore(settings.segments_dir)


def refresh_build(settings: Settings, as_of: dt.date, register: Register, now: dt.datetime) -> Run | None:
    """Compute what is due on the build and write the three tables into it; None when nothing was due.

    What the register raises leaves the tables as the runs before give them, and goes on to the caller.
    """
    store, resources = member_store(settings), _resources(settings)
    run: Run | None = None
    with store.exclusive(wait=True), duckdb.connect(str(settings.build_path)) as build:
        try:
            snapshot = Store(settings.published_dir).next_version()
            plan = register.plan(snapshot)
            if plan.due or _left_out(store, frozenset(plan.active)):
                with build.cursor() as cursor:
                    rows = BuildRows(cursor, lists_folder(settings.published_dir))
                    run = run_due(store, plan, rows, as_of, register, now, snapshot, resources, is_published=False)
        finally:
            write_tables(build, store)
    return run


def refresh_published(
    settings: Settings, register: Register, now: dt.datetime, keys: Sequence[str] = ()
) -> Manifest | None:
    """Compute what is due, or `keys`, on the snapshot in use and publish the three tables alone; None: nothing was due.

    Raises `SegmentsAreBusy`, `SnapshotMoved`, `StoreIsBusy`, `NothingPublished`, and what the register raises.
    """
    store, resources = member_store(settings), _resources(settings)
    with store.exclusive(wait=bool(keys)), SnapshotReader.open(settings.published_dir, resources=resources) as reader:
        data = reader.manifest.data_version
        if any(run.snapshot is None for run in store.untold()) and is_held(settings.state_dir / "run.lock"):
            raise SegmentsAreBusy("a run computed segments and is about to publish them")
        tell(store, register, data)
        plan = register.plan(data, keys)
        if not plan.due and not _left_out(store, frozenset(plan.active)):
            return None
        with reader.cursor() as cursor:
            as_of, version = cursor.manifest.as_of, cursor.version
            run = run_due(store, plan, SnapshotRows(cursor), as_of, register, now, data, resources)
        with duckdb.connect(":memory:") as tables:
            resources.apply(tables)
            tables.execute("CREATE SCHEMA marts")
            write_tables(tables, store)
            manifest = publish_tables(
                tables, settings.published_dir, version, now, load_catalogue(), f"segments {run.run_id}"
            )
        tell(store, register, data)
        return manifest


def _left_out(store: MemberStore, active: frozenset[str]) -> bool:
    """Whether segments that have members went out of use since the last run, or came back."""
    runs = store.runs()
    return bool(runs) and (runs[-1].active ^ active) & store.current(runs).keys() != set()


def _resources(settings: Settings) -> Resources:
    return Resources(memory_limit=settings.memory_limit, threads=settings.threads)
