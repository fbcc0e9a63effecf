"""From the private build to a published snapshot: written aside, synced, renamed, and only then pointed at.

A publish killed at any moment leaves the previous snapshot in use and leftovers that the next sweep removes.
"""

import contextlib
import datetime as dt
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from vitrina.durable import sha256_of, sync_directory, sync_many, write_text
from vitrina.progress import Progress, SilentProgress
from vitrina.warehouse.engine import Resources, literal
from vitrina.warehouse.facts import export_fact
from vitrina.warehouse.guard import GuardLimits, PublishRefused, reasons_to_refuse
from vitrina.warehouse.manifest import FileEntry, Manifest, TableEntry
from vitrina.warehouse.marts import BuiltTable, MartCatalogue, built_tables
from vitrina.warehouse.native import write_native
from vitrina.warehouse.retention import clear_leftovers
from vitrina.warehouse.store import NothingPublished, Store


@dataclass(frozen=True)
class PublishRequest:
    """What the caller knows of this build.

    `as_of`: last day in it; `now`: UTC; `changed_months` ('YYYY-MM'): the only months whose rows can differ from the
    newest published version, late effects included, or None to compare every month by content (the safe default);
    `force` publishes what the guard would refuse, and the manifest notes it.
    """

    as_of: dt.date
    now: dt.datetime
    changed_months: Collection[str] | None = None
    watermarks: dict[str, Any] = field(default_factory=dict)
    code_revision: str = ""
    contract_versions: dict[str, str] = field(default_factory=dict)
    force: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Published:
    """The new snapshot; `months_written` by fact, `months_kept` in all, `seconds` by phase."""

    manifest: Manifest
    months_written: dict[str, tuple[str, ...]]
    months_kept: int
    seconds: dict[str, float]

    @property
    def version(self) -> int:
        """Number of the new snapshot."""
        return self.manifest.version


def publish(
    build: Path | duckdb.DuckDBPyConnection,
    published_dir: Path,
    request: PublishRequest,
    catalogue: MartCatalogue,
    resources: Resources | None = None,
    limits: GuardLimits | None = None,
    progress: Progress | None = None,
) -> Published:
    """Publish the marts of a successful build as the next version and make it current.

    `build` is the build file, or an open connection to it when the caller still holds one. Raises `PublishRefused`
    (the old snapshot stays), `StoreIsBusy`, `MartMismatch`, FileNotFoundError when there is no build.
    """
    store = Store(published_dir)
    with store.exclusive(), _connection(build, resources or Resources()) as connection:
        store.note_pointer()
        clear_leftovers(store)
        tables = built_tables(connection, catalogue)
        notes = _guard(tables, catalogue, store, limits or GuardLimits(), request.force)
        return _Publication(connection, store, request, tables, notes, progress or SilentProgress()).run()


@contextlib.contextmanager
def _connection(build: Path | duckdb.DuckDBPyConnection, resources: Resources) -> Iterator[duckdb.DuckDBPyConnection]:
    if isinstance(build, Path) and not build.exists():
        raise FileNotFoundError(f"there is no build to publish: {build.name} does not exist")
    # Connecting by path joins the instance that this process may still have open; ATTACH would collide with it.
    connection = duckdb.connect(str(build)) if isinstance(build, Path) else build.cursor()
    try:
        resources.apply(connection)
        yield connection
    finally:
        connection.close()


def _guard(
    tables: dict[str, BuiltTable], catalogue: MartCatalogue, store: Store, limits: GuardLimits, force: bool
) -> tuple[str, ...]:
    try:
        current = store.manifest(store.pointer().version)
    except NothingPublished:
        current = None
    reasons = reasons_to_refuse(tables, catalogue, current, limits)
    if not tables:
        raise PublishRefused(("the build has no marts at all",))
    if reasons and not force:
        raise PublishRefused(reasons)
    return tuple(f"forced although {reason}" for reason in reasons)


class _Publication:
    """One publish under way: holds what every step needs."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        store: Store,
        request: PublishRequest,
        tables: dict[str, BuiltTable],
        notes: tuple[str, ...],
        progress: Progress,
    ) -> None:
        self._connection, self._store, self._request = connection, store, request
        self._tables, self._notes, self._progress = tables, notes, progress
        self._version = store.next_version()
        self._staging = store.directory(self._version, ".tmp")
        self._seconds: dict[str, float] = {}
        self._written: dict[str, tuple[str, ...]] = {}

    def run(self) -> Published:
        """Facts, then native tables, then the manifest, the rename and the pointer."""
        self._staging.mkdir()
        newest = self._newest()
        with self._progress.step("publish", total=len(self._tables) + 1) as advance:
            with self._timed("facts"):
                facts = [self._fact(t, newest, advance) for t in self._tables.values() if t.spec.month_column]
            with self._timed("native"):
                natives = self._natives([t for t in self._tables.values() if not t.spec.month_column], advance)
            with self._timed("commit"):
                manifest = self._commit([*facts, *natives], newest)
            advance(1, note=f"version {manifest.version}")
        kept = sum(len(entry.months) for entry in facts) - sum(map(len, self._written.values()))
        return Published(manifest, self._written, kept, self._seconds)

    def _newest(self) -> Manifest | None:
        versions = self._store.published_versions()
        return self._store.manifest(versions[-1]) if versions else None

    @contextlib.contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self._seconds[phase] = self._seconds.get(phase, 0.0) + time.perf_counter() - started

    def _fact(self, table: BuiltTable, newest: Manifest | None, advance: Any) -> TableEntry:
        previous = newest.tables.get(table.spec.name) if newest else None
        changed = self._request.changed_months
        export = export_fact(self._connection, table, previous, changed, self._store.root)
        self._written[table.spec.name] = export.written
        advance(1, note=table.spec.name)
        return export.entry

    def _natives(self, tables: list[BuiltTable], advance: Any) -> list[TableEntry]:
        database = self._staging / "marts.duckdb"
        run = self._connection.execute
        run(f"ATTACH {literal(str(database))} AS snapshot")
        try:
            entries = []
            for table in tables:
                entries.append(write_native(self._connection, "snapshot", table, self._staging, self._entry))
                advance(1, note=table.spec.name)
            run("CHECKPOINT snapshot")
        finally:
            run("DETACH snapshot")
        return entries

    def _entry(self, path: Path, rows: int | None) -> FileEntry:
        final = self._store.directory(self._version).name
        return FileEntry(path=f"{final}/{path.name}", bytes=path.stat().st_size, sha256=sha256_of(path), rows=rows)

    def _commit(self, entries: list[TableEntry], newest: Manifest | None) -> Manifest:
        manifest = Manifest(
            version=self._version,
            as_of=self._request.as_of,
            created_at=self._request.now,
            database=self._entry(self._staging / "marts.duckdb", None),
            tables={entry.name: entry for entry in sorted(entries, key=lambda entry: entry.name)},
            watermarks=self._request.watermarks,
            code_revision=self._request.code_revision,
            contract_versions=self._request.contract_versions,
            base_version=newest.version if newest else None,
            notes=self._notes,
        )
        write_text(self._staging / "manifest.json", manifest.model_dump_json(indent=1))
        self._sync(entries)
        self._staging.rename(self._store.directory(self._version))
        sync_directory(self._store.root)
        self._store.move_pointer(self._version, "publish", self._request.now, self._request.reason)
        return manifest

    def _sync(self, entries: list[TableEntry]) -> None:
        """Everything the manifest names is on the disk before anyone can be pointed at it."""
        root, written = self._store.root, self._written
        new = [root / entry.months[month].path for entry in entries for month in written.get(entry.name, ())]
        folders = {folder for path in new for folder in (path.parent, path.parent.parent)}
        sync_many([*self._staging.iterdir(), *new, *folders])
