"""The one gate: what a person may see of a published snapshot, and nothing else, through every door alike.

`Gate.open(…).reader(rights, purpose, address)` gives a reader with the surface of the warehouse's own, on which a
mart's name means the rows in scope with masks on. Every query is read twice before it runs (sql.py, tree.py), is bound
in time, memory and rows, and is written down where it shows personal data. The unfiltered reader stays in here.
"""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa

from vitrina.access.cursor import Answer, GatedCursor
from vitrina.access.errors import Refused
from vitrina.access.finding import find
from vitrina.access.looks import Access, AccessKind, Looks, Purpose, Recorder
from vitrina.access.masking import hash_key
from vitrina.access.matching import Matched, match
from vitrina.access.policy import Policies, load_policies
from vitrina.access.rights import Mask, Rights, Scope
from vitrina.access.running import Limits
from vitrina.access.views import GatedViews, catalogued_open
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.reader import Parameters, SnapshotReader

__all__ = ["Access", "AccessKind", "Answer", "Gate", "GatedCursor", "GatedReader", "Limits", "Looks", "Purpose"]

_ACTIONS: Final = {Purpose.EXPORT: "export", Purpose.SQL: "query"}
_DOORS: Final = {Purpose.SQL: ("sql", "query"), Purpose.API: ("api", "query")}


@dataclass(frozen=True)
class ShownColumn:
    """A column as a person has it: its class, and how much of it is covered."""

    name: str
    type: str
    column_class: str
    mask: Mask


@dataclass(frozen=True)
class ShownTable:
    """A table to which a person has a right, how far it reaches, and its columns."""

    name: str
    object: str
    scope: Scope
    columns: tuple[ShownColumn, ...]


class Gate:
    """One version of the snapshot with its gate; safe to share between threads and people."""

    def __init__(
        self,
        reader: SnapshotReader,
        audit: Callable[[Access], None],
        secret: bytes,
        now: Callable[[], dt.datetime],
        *,
        sql_reader: Callable[[], SnapshotReader] | None = None,
        limits: Limits | None = None,
        policies: Policies | None = None,
        looks: Looks | None = None,
    ) -> None:
        """`audit` is told of every access; `secret` keys the hashed masks; `sql_reader` opens what runs people's SQL.

        Give every version's gate the same `looks`, or a new snapshot starts their count anew.
        """
        self.limits = limits or Limits()
        self._reader, self._audit, self._now = reader, audit, now
        self._key, self._policies = hash_key(secret), policies if policies is not None else load_policies()
        self._looks = looks or Looks(self.limits.looks, self.limits.looks_window, self.limits.finds)
        self._open_sql = sql_reader
        self._sql_reader: SnapshotReader | None = None
        self._guard = threading.Lock()
        self._under_way: Counter[int] = Counter()

    @classmethod
    def open(
        cls,
        published_dir: Path,
        audit: Callable[[Access], None],
        secret: bytes,
        now: Callable[[], dt.datetime],
        *,
        version: int | None = None,
        resources: Resources | None = None,
        limits: Limits | None = None,
        looks: Looks | None = None,
    ) -> Self:
        """The gate of `version`, or of the current one; it stays on that version. Raises `NothingPublished`."""
        with SnapshotReader.open(published_dir, version=version) as current:
            version = current.version
            reader = SnapshotReader.open(published_dir, version=version, resources=resources)
        limits = limits or Limits()

        def sql_reader() -> SnapshotReader:
            return SnapshotReader.open(published_dir, version=version, resources=limits.resources)

        return cls(reader, audit, secret, now, sql_reader=sql_reader, limits=limits, looks=looks)

    @property
    def version(self) -> int:
        """Number of the snapshot."""
        return self._reader.version

    @property
    def as_of(self) -> dt.date:
        """Last day that the snapshot knows."""
        return self._reader.manifest.as_of

    def reader(self, rights: Rights, purpose: Purpose, address: str, why: str = "") -> "GatedReader":
        """The reader of one person through one door. Raises `Refused` when the door is closed to him.

        `address` is where he is (an IP address), `why` a word for the audit log: the page, endpoint or report.
        """
        purpose = Purpose(purpose)
        recorder = Recorder(self._audit, self._looks, self._now, rights, (purpose, why, address))
        if (door := _DOORS.get(purpose)) and not rights.allows(*door):
            raise recorder.refused(Refused("purpose_closed"))
        views = GatedViews(rights, _ACTIONS.get(purpose, "view"), self._policies, self._key)
        return GatedReader(self, views, purpose, recorder)

    def close(self) -> None:
        """Let go of the snapshot; cursors that are open keep theirs."""
        self._reader.close()
        with self._guard:
            if self._sql_reader is not None:
                self._sql_reader.close()

    def _source(self, purpose: Purpose) -> SnapshotReader:
        """People's own SQL runs in an instance of its own, so that it takes no memory and no time from the pages."""
        if purpose is not Purpose.SQL or self._open_sql is None:
            return self._reader
        with self._guard:
            self._sql_reader = self._sql_reader or self._open_sql()
            return self._sql_reader

    @contextmanager
    def _place(self, user_id: int) -> Iterator[None]:
        """One of the queries of his own that a person may have under way."""
        with self._guard:
            if self._under_way[user_id] >= self.limits.at_once:
                raise Refused("busy", count=self.limits.at_once)
            self._under_way[user_id] += 1
        try:
            yield
        finally:
            with self._guard:
                self._under_way[user_id] -= 1


class GatedReader:
    """One person's view of the snapshot. Answers may be cached by `fingerprint`, never across it."""

    def __init__(self, gate: Gate, views: GatedViews, purpose: Purpose, recorder: Recorder) -> None:
        self._gate, self._views, self._recorder = gate, views, recorder
        self.rights, self.purpose = views.rights, purpose

    @property
    def version(self) -> int:
        """Number of the snapshot."""
        return self._gate.version

    @cached_property
    def fingerprint(self) -> str:
        """Equal for readers that show the same data of the same version through the same door."""
        return f"{self.version}:{self.purpose}:{self._views.name}"

    @cached_property
    def manifest(self) -> Manifest:
        """What the snapshot says of itself, as far as his tables go."""
        whole = self._gate._reader.manifest
        return whole.model_copy(update={"tables": {n: t for n, t in whole.tables.items() if n in self._open_tables}})

    @cached_property
    def _open_tables(self) -> frozenset[str]:
        return self._views.open_tables(self._gate._reader.manifest)

    def tables(self) -> tuple[ShownTable, ...]:
        """The tables to which he has a right, with what he sees of their columns."""
        with self._gate._reader.cursor() as cursor:
            harmless = catalogued_open(cursor.rows, self._gate._reader.manifest)
        return tuple(self._shown(name, harmless) for name in sorted(self._open_tables))

    def _shown(self, name: str, harmless: frozenset[str]) -> ShownTable:
        policy, entry = self._gate._policies[name], self._gate._reader.manifest.tables[name]
        columns = tuple(
            ShownColumn(column.name, column.type, rule.column_class, self.rights.mask(rule.column_class))
            for column in entry.columns
            if (rule := policy.rule(column.name, harmless)) is not None
        )
        return ShownTable(name, policy.object, self._views.scope(policy) or Scope.OWN, columns)

    def cursor(self) -> GatedCursor:
        """A cursor, for one thread, best in a `with`; its `interrupt` may be called from another."""
        known = self._open_tables
        if self.purpose is Purpose.PAGE:
            # A page's query joins tables that its reader may have no right to: to him they are empty.
            known = frozenset(name for name in self._gate._reader.manifest.tables if name in self._gate._policies)
        return GatedCursor(
            self._gate._source(self.purpose), self._views, known, self._recorder, self.purpose,
            self._gate.limits, lambda: self._gate._place(self.rights.user_id),
        )  # fmt: skip

    def query(self, sql: str, params: Parameters = None) -> pa.Table:
        """Result of one SELECT as an Arrow table; `params` for ``?`` (sequence) or ``$name`` (mapping)."""
        with self.cursor() as cursor:
            return cursor.query(sql, params)

    def rows(self, sql: str, params: Parameters = None) -> list[tuple[Any, ...]]:
        """Result of one SELECT as Python tuples."""
        with self.cursor() as cursor:
            return cursor.rows(sql, params)

    def run(self, sql: str, params: Parameters = None) -> Answer:
        """A person's own SQL, cut at the limit of rows."""
        with self.cursor() as cursor:
            return cursor.run(sql, params)

    def find(self, what: str, value: str) -> tuple[int, ...]:
        """Customers in his scope who have exactly this number (`what` is a key of `finding.KINDS`), at most ten.

        Who is told a whole number, as an operator is by a caller, may learn whose it is though he sees numbers in part.
        Every search is counted and written down. Raises `Refused` beyond the limit, and ValueError for another `what`.
        """
        return find(self._gate._source(self.purpose), self._views, self._recorder, what, value)

    def match(self, wanted: Mapping[str, pa.Table], rows: int, why: str = "") -> Matched:
        """Customers in his scope by many identifiers at once (matching.py), for an uploaded list of so many rows.

        `wanted`: kind → table of one column `value`. It is written down, and raises when that cannot be done.
        """
        return match(self._gate._source(self.purpose), self._views, self._recorder, wanted, rows, why)

    def record(self, customer_ids: Sequence[int], classes: frozenset[str], reason: str = "") -> None:
        """Write down a look that no query makes known, such as an answer shown from a cache. Raises `Refused`."""
        event = self._recorder.event(AccessKind.LOOK)
        told = replace(event, classes=classes, customer_ids=tuple(customer_ids), rows=len(customer_ids))
        self._recorder.tell(replace(told, why=reason or told.why))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close: the gate owns the snapshot."""
