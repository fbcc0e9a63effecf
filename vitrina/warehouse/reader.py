"""The one way to read the published warehouse: whole, immutable versions, with no lock and no wait.

Every version is opened in a DuckDB instance of its own (in memory, the snapshot attached read-only), so cursors of an
old version keep working while new ones already see the next; the old instance closes with its last cursor. SQL run
here reaches the snapshot's files, the uploaded lists beside it, and no other file. Not here: who may see what.
"""

import datetime as dt
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from vitrina.errors import UserError
from vitrina.warehouse.engine import Resources, quoted
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.opened import MARTS, OpenSnapshot, ViewSet
from vitrina.warehouse.store import NothingPublished, Store

Parameters = Sequence[Any] | Mapping[str, Any] | None
_ATTEMPTS = 5


class SnapshotReader:
    """Reads the current snapshot, or a fixed one; safe to share between threads.

    A reader on the current snapshot moves only at `refresh`, so what it shows does not change in mid-page.
    """

    def __init__(self, published_dir: Path, resources: Resources | None = None, version: int | None = None) -> None:
        """Open the current snapshot, or `version` for good. Raises `NothingPublished`."""
        self._store = Store(published_dir)
        self._resources = resources or Resources()
        self._fixed = version is not None
        self._lock = threading.Lock()
        self._closed = False
        self._seen: tuple[int, int] | None = None
        self._opened = self._open(version) if version is not None else self._open_current()

    @classmethod
    def open(
        cls,
        published_dir: Path,
        version: int | None = None,
        as_of: dt.date | None = None,
        resources: Resources | None = None,
    ) -> Self:
        """The current snapshot; or a version; or the newest that knows no day later than `as_of`.

        Snapshots that a rollback withdrew do not answer to a date. Raises `NothingPublished`.
        """
        if version is None and as_of is not None:
            version = _version_as_of(Store(published_dir), as_of)
        elif version is not None and version not in Store(published_dir).published_versions():
            raise NothingPublished(f"version {version} is not on disk: never published, or swept")
        return cls(published_dir, resources, version)

    @property
    def manifest(self) -> Manifest:
        """Manifest of the version that new cursors see."""
        return self._opened.manifest

    @property
    def version(self) -> int:
        """Number of the version that new cursors see."""
        return self._opened.manifest.version

    def refresh(self) -> bool:
        """Move to the current snapshot if the pointer moved; costs one stat when it did not. True when it moved."""
        if self._fixed or self._pointer_mark() == self._seen:
            return False
        with self._lock:
            if self._pointer_mark() == self._seen:
                return False
            old = self._opened
            self._opened = self._open_current()
        old.release()
        return True

    def cursor(self, views: ViewSet | None = None) -> "SnapshotCursor":
        """A cursor that stays on the present version until it is closed; use it in one thread, best in a `with`.

        Its search path is the schema of the marts, or that of `views`, which is made when it is first asked for.
        """
        with self._lock:
            opened = self._opened
            opened.acquire()
        try:
            return SnapshotCursor(opened, views)
        except BaseException:
            opened.release()
            raise

    def query(self, sql: str, params: Parameters = None) -> pa.Table:
        """Result of one SELECT as an Arrow table; `params` for ``?`` (sequence) or ``$name`` (mapping)."""
        with self.cursor() as cursor:
            return cursor.query(sql, params)

    def close(self) -> None:
        """Let go of the snapshot; cursors that are still open keep theirs. Closing twice is harmless."""
        with self._lock:
            was_closed, self._closed = self._closed, True
        if not was_closed:
            self._opened.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _pointer_mark(self) -> tuple[int, int]:
        try:
            status = self._store.pointer_path.stat()
        except FileNotFoundError:
            raise NothingPublished("the pointer to the current snapshot is gone") from None
        return status.st_mtime_ns, status.st_ino

    def _open_current(self) -> OpenSnapshot:
        for attempt in range(_ATTEMPTS):
            mark = self._pointer_mark() if self._store.pointer_path.exists() else None
            pointer = self._store.pointer()
            try:
                opened = self._open(pointer.version)
            except NothingPublished:
                # Swept between the look at the pointer and the lease: the pointer has moved on.
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            self._seen = mark
            return opened
        raise AssertionError("unreachable")

    def _open(self, version: int) -> OpenSnapshot:
        return OpenSnapshot(self._store, version, self._resources)


class SnapshotCursor:
    """Runs queries on one version; every mart is a view in schema `marts`, which is the search path by default."""

    def __init__(self, opened: OpenSnapshot, views: ViewSet | None = None) -> None:
        opened.look_for_lists()
        if views is not None:
            opened.take_views(views)
        schema = views.name if views is not None else MARTS
        self._cursor = opened.connection.cursor()
        self._cursor.execute(f"USE memory.{quoted(schema)}")
        self.manifest = opened.manifest
        self._release = weakref.finalize(self, _release, opened, self._cursor, schema if views is not None else None)

    @property
    def version(self) -> int:
        """Number of the version it stays on."""
        return self.manifest.version

    def query(self, sql: str, params: Parameters = None) -> pa.Table:
        """Result of one SELECT as an Arrow table."""
        return self._relation(sql, params).to_arrow_table()

    def query_with(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Result of one SELECT that may also name these tables, which only this cursor has, while it runs."""
        for name, table in tables.items():
            self._cursor.register(name, table)
        try:
            return self.query(sql)
        finally:
            for name in tables:
                self._cursor.unregister(name)

    def stream(self, sql: str, params: Parameters = None, batch_rows: int = 100_000) -> pa.RecordBatchReader:
        """Result of one SELECT in batches, for what does not fit in memory; read it before the cursor is closed."""
        return self._relation(sql, params).to_arrow_reader(batch_rows)

    def rows(self, sql: str, params: Parameters = None) -> list[tuple[Any, ...]]:
        """Result of one SELECT as Python tuples, for look-ups and single values."""
        return self._cursor.execute(_only_query(self._cursor, sql), params).fetchall()

    def interrupt(self) -> None:
        """Stop the query under way, from another thread; it raises duckdb.InterruptException there."""
        self._cursor.interrupt()

    def close(self) -> None:
        """Give the version back; closing twice is harmless."""
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.close()

    def _relation(self, sql: str, params: Parameters) -> duckdb.DuckDBPyRelation:
        return self._cursor.sql(_only_query(self._cursor, sql), params=params)


class NotAQuery(UserError):
    """The text is not one SELECT."""


def _only_query(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The same text when it is one query: a CREATE VIEW of one thread would change what all others read."""
    kinds = [statement.type for statement in connection.extract_statements(sql)]
    if len(kinds) != 1 or kinds[0] not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        raise NotAQuery("the snapshot answers single queries only")
    return sql


def _release(opened: OpenSnapshot, cursor: duckdb.DuckDBPyConnection, views: str | None) -> None:
    cursor.close()
    if views is not None:
        opened.give_back_views(views)
    opened.release()


def _version_as_of(store: Store, as_of: dt.date) -> int:
    withdrawn = store.withdrawn_versions()
    for version in reversed(store.published_versions()):
        if version not in withdrawn and store.manifest(version).as_of <= as_of:
            return version
    raise NothingPublished(f"no snapshot on disk is as of {as_of.isoformat()} or earlier")
