"""A cursor at the gate: checks a query, runs it on the views of one person, and tells what it showed.

Not here: which views, and who may open the door.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa

from vitrina.access.errors import Refused
from vitrina.access.looks import Access, AccessKind, Purpose, Recorder
from vitrina.access.rights import Mask
from vitrina.access.running import Limits, Watched, attempt, first_rows
from vitrina.access.sql import OURS, PEOPLES, Checked, asked_customer, check
from vitrina.access.views import GatedViews
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.reader import Parameters, SnapshotCursor, SnapshotReader

MAX_IDS: Final = 10_000
_KINDS: Final = {Purpose.SQL: AccessKind.QUERY, Purpose.EXPORT: AccessKind.EXPORT}
_Take = Callable[[SnapshotCursor], pa.Table]


@dataclass(frozen=True)
class Answer:
    """Result of a person's own SQL: `is_cut` when there were more rows than a query may bring."""

    table: pa.Table
    is_cut: bool
    seconds: float


class GatedCursor:
    """Runs one person's queries; use it in one thread, best in a `with`."""

    def __init__(
        self,
        source: SnapshotReader,
        views: GatedViews,
        known: frozenset[str],
        recorder: Recorder,
        purpose: Purpose,
        limits: Limits,
        place: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """`known` are the tables that a query may name; `place` takes one of the person's places for his own SQL."""
        self._source, self._views, self._known, self._recorder = source, views, known, recorder
        self._purpose, self._limits, self._place = purpose, limits, place
        self._cursors: dict[bool, SnapshotCursor] = {False: source.cursor(views)}
        whole = self._cursors[False].manifest
        self._tables = {name: whole.tables[name] for name in views.open_tables(whole)}
        self._watched = Watched(limits.sql_seconds if purpose is Purpose.SQL else limits.other_seconds)

    @property
    def manifest(self) -> Manifest:
        """What the snapshot says of itself, as far as his tables go."""
        return self._source.manifest.model_copy(update={"tables": self._tables})

    @property
    def version(self) -> int:
        """Number of the snapshot."""
        return self._source.version

    def query(self, sql: str, params: Parameters = None) -> pa.Table:
        """Result of one SELECT as an Arrow table."""
        if self._purpose is Purpose.SQL:
            return self.run(sql, params).table
        checked = self._check(sql)
        return self._answer(checked, params, lambda cursor: cursor.query(checked.sql, params))

    def rows(self, sql: str, params: Parameters = None) -> list[tuple[Any, ...]]:
        """Result of one SELECT as Python tuples."""
        return list(zip(*(column.to_pylist() for column in self.query(sql, params).columns), strict=True))

    def run(self, sql: str, params: Parameters = None) -> Answer:
        """Result of a person's own SELECT, cut at the limits of rows and bytes."""
        checked, started = self._check(sql), perf_counter()
        is_cut = False

        def take(cursor: SnapshotCursor) -> pa.Table:
            nonlocal is_cut
            batches = cursor.stream(checked.sql, params, batch_rows=2048)
            table, is_cut = first_rows(batches, self._limits.rows, self._limits.result_bytes)
            return table

        try:
            with self._place():
                table = self._answer(checked, params, take)
        except Refused as error:
            raise self._recorder.refused(error, checked.shape) from None
        return Answer(table, is_cut, perf_counter() - started)

    def stream(self, sql: str, params: Parameters = None, batch_rows: int = 100_000) -> pa.RecordBatchReader:
        """Result of one SELECT in batches; read it before the cursor is closed. It is written down when it begins."""
        if self._purpose is Purpose.SQL:
            return self.run(sql, params).table.to_reader(batch_rows)
        checked = self._check(sql)
        self._tell(checked, None, ())
        # A stream that fails half way cannot be asked again, so it never starts where others' rows could make it fail.
        cursor = self._on(barred=not self._views.is_whole(checked.tables & self._tables.keys()))
        return self._watched.run(cursor, lambda on: on.stream(checked.sql, params, batch_rows))

    def interrupt(self) -> None:
        """Stop the query under way, from another thread; it raises `Stopped` there."""
        self._watched.cancel()

    def close(self) -> None:
        """Give the version back; closing twice is harmless."""
        for cursor in self._cursors.values():
            cursor.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.close()

    def _on(self, barred: bool) -> SnapshotCursor:
        if barred not in self._cursors:
            self._cursors[barred] = self._source.cursor(replace(self._views, barred=barred))
        return self._cursors[barred]

    def _check(self, sql: str) -> Checked:
        try:
            return check(sql, self._known, PEOPLES if self._purpose is Purpose.SQL else OURS)
        except Refused as error:
            raise self._recorder.refused(error) from None

    def _answer(self, checked: Checked, params: Parameters, take: _Take) -> pa.Table:
        # DuckDB may try a query's own conditions on rows that the views then leave out. Where one fails, the barred
        # views, which never hold such rows, say whether it fails for this person: he learns of his own rows alone.
        whole = self._views.is_whole(checked.tables & self._tables.keys())
        table = attempt([partial(self._run, barred, take) for barred in ((False,) if whole else (False, True))])
        self._tell(checked, table.num_rows, _customers(table, checked, params))
        return table

    def _run(self, barred: bool, take: _Take) -> pa.Table:
        return self._watched.run(self._on(barred), take)

    def _tell(self, checked: Checked, rows: int | None, customers: tuple[int, ...]) -> None:
        kind, classes = _KINDS.get(self._purpose, AccessKind.LOOK), self._seen(checked)
        if kind is AccessKind.LOOK and (not classes or rows == 0):
            return
        event: Access = self._recorder.event(kind)
        self._recorder.tell(
            replace(
                event, tables=tuple(sorted(checked.tables)), classes=classes, rows=rows, statement=checked.shape,
                customer_ids=customers if classes else (),
            )
        )  # fmt: skip

    def _seen(self, checked: Checked) -> frozenset[str]:
        """Personal classes that he sees uncovered in what the query shows; his own may tell by its conditions, too."""
        columns = checked.named if self._purpose is Purpose.SQL else checked.shown
        found = {
            rule.column_class
            for name in checked.tables & self._tables.keys()
            for column, rule in self._views.policies[name].columns.items()
            if rule.is_personal and (name in checked.whole or column in columns)
        }
        return frozenset(each for each in found if self._views.rights.mask(each) is Mask.OPEN)


def _customers(table: pa.Table, checked: Checked, params: Parameters) -> tuple[int, ...]:
    """Customers that a result shows: by its column of ids, or the one that was asked for. At most `MAX_IDS`."""
    for place, name in enumerate(table.column_names):
        if name.lower() == "customer_id" and pa.types.is_integer(table.schema.field(place).type):
            found = table.column(place).unique().drop_null().slice(0, MAX_IDS)
            return tuple(found.to_pylist())
    asked = asked_customer(checked, params) if not isinstance(params, Mapping) or params else None
    return (asked,) if asked is not None and table.num_rows else ()
