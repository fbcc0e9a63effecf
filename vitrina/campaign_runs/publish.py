"""When the tables of campaigns are published: in every build, and between builds on top of the snapshot in use."""

import datetime as dt
import tempfile
import time
from pathlib import Path
from typing import Final

import duckdb

from vitrina.campaign_runs.plan import MartsKeeper
from vitrina.campaign_runs.tables import ASKABLE, write_tables
from vitrina.settings import Settings
from vitrina.warehouse.askable import let_segments_ask
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.light import SnapshotMoved, publish_tables
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.marts import load_catalogue
from vitrina.warehouse.reader import SnapshotReader
from vitrina.warehouse.store import StoreIsBusy

FILE: Final = "campaign_tables.yml"
CATALOGUES: Final = ("attribute_catalogue", "segment_entities", "segment_fields")
_ATTEMPTS, _PAUSE = 5, 2.0


def tables_into_build(settings: Settings, keeper: MartsKeeper) -> dict[str, int]:
    """Write the tables into the build, so that the snapshot made of it has them; rows by table."""
    with tempfile.TemporaryDirectory(prefix="campaigns-") as folder, duckdb.connect(str(settings.build_path)) as build:
        written = write_tables(build, keeper, Path(folder))
        for name in ASKABLE:
            let_segments_ask(build, FILE, name)
        return written


def publish(settings: Settings, keeper: MartsKeeper, now: dt.datetime) -> Manifest:
    """Publish the tables on top of the snapshot in use; made anew when that moved meanwhile."""
    for attempt in range(_ATTEMPTS):
        try:
            return _publish(settings, keeper, now)
        except (SnapshotMoved, StoreIsBusy):
            # Segments, signals and models publish by themselves too.
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(_PAUSE)
    raise AssertionError("the last attempt returns or raises")


def _publish(settings: Settings, keeper: MartsKeeper, now: dt.datetime) -> Manifest:
    resources = Resources(memory_limit=settings.memory_limit, threads=settings.threads)
    with tempfile.TemporaryDirectory(prefix="campaigns-") as folder, duckdb.connect(":memory:") as tables:
        resources.apply(tables)
        tables.execute("CREATE SCHEMA marts")
        with SnapshotReader.open(settings.published_dir) as reader, reader.cursor() as cursor:
            version = cursor.version
            known = cursor.query("SELECT table_name FROM segment_entities")["table_name"].to_pylist()
            if not set(ASKABLE) <= set(known):
                # A snapshot of before there were campaigns: segments learn of them at once, too.
                for name in CATALOGUES:
                    tables.register("found", cursor.query(f"SELECT * FROM {name}"))
                    tables.execute(f"CREATE TABLE marts.{name} AS SELECT * FROM found")
                    tables.unregister("found")
        write_tables(tables, keeper, Path(folder))
        if not set(ASKABLE) <= set(known):
            for name in ASKABLE:
                let_segments_ask(tables, FILE, name)
        return publish_tables(tables, settings.published_dir, version, now, load_catalogue(), "campaigns")
