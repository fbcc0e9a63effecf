"""A publish of a few small tables on top of the snapshot that is in use: everything else is that snapshot's own.

Parquet files are the same files (hard links), months of facts are shared as ever, and of marts.duckdb a copy gets the
new tables. To readers it is a version like any other: whole, immutable, hashed, pointed at last. Not here: what is in
the tables, and publishing of a build (publish.py).
"""

import contextlib
import datetime as dt
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb

from vitrina.durable import sha256_of, sync_directory, sync_many, write_text
from vitrina.errors import UserError
from vitrina.warehouse.engine import literal, quoted
from vitrina.warehouse.facts import export_fact
from vitrina.warehouse.manifest import FileEntry, Manifest, TableEntry
from vitrina.warehouse.marts import BuiltTable, MartCatalogue, built_tables
from vitrina.warehouse.native import write_native
from vitrina.warehouse.retention import clear_leftovers, remove_followed
from vitrina.warehouse.store import Store


class SnapshotMoved(UserError):
    """The snapshot that the tables were made from is no longer the one in use; make them anew."""


def publish_tables(
    connection: duckdb.DuckDBPyConnection,
    published_dir: Path,
    base_version: int,
    now: dt.datetime,
    catalogue: MartCatalogue,
    reason: str = "",
) -> Manifest:
    """Publish the tables of the connection's publishable schemas in place of those of `base_version`, and as its own.

    `base_version` must be the version in use. Raises `SnapshotMoved`, `StoreIsBusy`. Killed at any moment, it leaves
    the snapshot in use as it was.
    """
    store = Store(published_dir)
    with store.exclusive():
        store.note_pointer()
        clear_leftovers(store)
        if store.pointer().version != base_version:
            raise SnapshotMoved(f"version {base_version} is no longer in use; compute anew")
        manifest = _Refresh(connection, store, store.manifest(base_version)).run(now, catalogue, reason)
        remove_followed(store)
    return manifest


class _Refresh:
    """One refresh under way."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, store: Store, base: Manifest) -> None:
        self._connection, self._store, self._base = connection, store, base
        self._version = store.next_version()
        self._staging = store.directory(self._version, ".tmp")
        self._new: list[Path] = []

    def run(self, now: dt.datetime, catalogue: MartCatalogue, reason: str) -> Manifest:
        self._staging.mkdir()
        built = built_tables(self._connection, catalogue)
        kept = [self._kept(entry) for name, entry in self._base.tables.items() if name not in built]
        facts = [self._fact(table) for table in built.values() if table.spec.month_column]
        natives = self._natives([table for table in built.values() if not table.spec.month_column], built.keys())
        entries = sorted([*kept, *facts, *natives], key=lambda entry: entry.name)
        manifest = self._base.model_copy(
            update={
                "version": self._version,
                "created_at": now if now.tzinfo else now.replace(tzinfo=dt.UTC),
                "database": self._entry(self._staging / "marts.duckdb", None),
                "tables": {entry.name: entry for entry in entries},
                "base_version": self._base.version,
                "refreshes": self._base.data_version,
            }
        )
        write_text(self._staging / "manifest.json", manifest.model_dump_json(indent=1))
        folders = {folder for path in self._new for folder in (path.parent, path.parent.parent)}
        sync_many([*self._staging.iterdir(), *self._new, *folders])
        self._staging.rename(self._store.directory(self._version))
        sync_directory(self._store.root)
        self._store.move_pointer(self._version, "publish", now, reason)
        return manifest

    def _kept(self, entry: TableEntry) -> TableEntry:
        """The same table; its Parquet file is linked under the new version, since the old one may be swept."""
        if entry.parquet is None:
            return entry
        source = self._store.root / entry.parquet.path
        _link(source, self._staging / source.name)
        path = f"{self._store.directory(self._version).name}/{source.name}"
        return entry.model_copy(update={"parquet": entry.parquet.model_copy(update={"path": path})})

    def _fact(self, table: BuiltTable) -> TableEntry:
        previous = self._base.tables.get(table.spec.name)
        export = export_fact(self._connection, table, previous, None, self._store.root)
        self._new += [self._store.root / export.entry.months[month].path for month in export.written]
        return export.entry

    def _natives(self, tables: list[BuiltTable], replaced: Collection[str]) -> list[TableEntry]:
        database = self._staging / "marts.duckdb"
        shutil.copyfile(self._store.root / self._base.database.path, database)
        with self._attached(database):
            for name in sorted(replaced):
                self._connection.execute(f"DROP TABLE IF EXISTS refreshed.main.{quoted(name)}")
            entries = [
                write_native(self._connection, "refreshed", table, self._staging, self._entry) for table in tables
            ]
            self._connection.execute("CHECKPOINT refreshed")
        return entries

    @contextlib.contextmanager
    def _attached(self, database: Path) -> Iterator[None]:
        self._connection.execute(f"ATTACH {literal(str(database))} AS refreshed")
        try:
            yield
        finally:
            self._connection.execute("DETACH refreshed")

    def _entry(self, path: Path, rows: int | None) -> FileEntry:
        final = self._store.directory(self._version).name
        return FileEntry(path=f"{final}/{path.name}", bytes=path.stat().st_size, sha256=sha256_of(path), rows=rows)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)
