"""Running a query under limits: stopped after its time, cut at its rows, its failures told in words.

Not here: whether it may run, and who is told of it.
"""

import datetime as dt
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import duckdb
import pyarrow as pa

from vitrina.access.errors import GateError, Stopped
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.reader import SnapshotCursor

_Result = TypeVar("_Result")
_NO_COLUMN: Final = re.compile(r"(?:Referenced column|Table .* does not have a column named) \"([^\"]{1,100})\"")
_UNBOUND: Final = ("Binder Error", "Catalog Error", "Parser Error", "Syntax Error", "Not implemented Error")


@dataclass(frozen=True)
class Limits:
    """What one query and one person may take. Times in seconds; sizes in bytes or as DuckDB writes them.

    The resources are those of the instance that runs people's own SQL, which is not the one that pages are served from.
    """

    sql_seconds: float = 30
    other_seconds: float = 120
    rows: int = 10_000
    result_bytes: int = 64 * 2**20
    at_once: int = 2
    looks: int = 1000
    finds: int = 200
    looks_window: dt.timedelta = dt.timedelta(hours=1)
    resources: Resources = field(default_factory=lambda: Resources("1GB", threads=1, spill_limit="2GB"))


class Watched:
    """Runs queries of one cursor after another; stops one that takes too long or is cancelled from another thread."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: SnapshotCursor | None = None
        self._why: GateError | None = None

    def run(self, cursor: SnapshotCursor, take: Callable[[SnapshotCursor], _Result]) -> _Result:
        """What `take` makes of the cursor. Raises `Stopped`."""
        with self._lock:
            self._running, self._why = cursor, None
        timer = threading.Timer(self._seconds, self._stop, [Stopped("took_too_long", seconds=round(self._seconds))])
        timer.daemon = True
        timer.start()
        try:
            return take(cursor)
        except (duckdb.Error, OSError, pa.ArrowException) as error:
            raise self._told(error) from None
        finally:
            timer.cancel()
            with self._lock:
                self._running = None

    def cancel(self) -> None:
        """Stop what runs now; nothing happens when nothing runs."""
        self._stop(Stopped("cancelled"))

    def _stop(self, why: GateError) -> None:
        with self._lock:
            if self._running is not None:
                self._why = why
                self._running.interrupt()

    def _told(self, error: Exception) -> GateError:
        text = str(error)
        if isinstance(error, duckdb.InterruptException) or text.startswith("INTERRUPT"):
            return self._why or Stopped("cancelled")
        return failure(text)


class BadValue(Stopped):
    """A value made the query fail: on which row is not said, and may be a row that the person may not see."""


def failure(text: str) -> GateError:
    """An error of DuckDB's in our words: the first line alone, since the rest repeats the query."""
    first = text.splitlines()[0][:300] if text else ""
    if first.startswith("Out of Memory"):
        return Stopped("too_much_memory")
    if found := _NO_COLUMN.search(first):
        return Stopped("column_unknown", column=found[1])
    if first.startswith(_UNBOUND):
        return Stopped("query_failed", detail=first)
    if "parameter" in first.lower():
        return Stopped("parameters")
    return BadValue("bad_value", detail=first)


def first_rows(batches: pa.RecordBatchReader, rows: int, size: int) -> tuple[pa.Table, bool]:
    """The first rows of a result up to `rows` and `size` bytes, and whether there are more."""
    taken: list[pa.RecordBatch] = []
    count = used = 0
    for batch in batches:
        if count + batch.num_rows > rows or used + batch.nbytes > size:
            taken.append(batch.slice(0, rows - count) if used + batch.nbytes <= size else batch.slice(0, 0))
            return pa.Table.from_batches(taken, batches.schema), True
        taken.append(batch)
        count, used = count + batch.num_rows, used + batch.nbytes
    return pa.Table.from_batches(taken, batches.schema), False


def attempt(runs: Sequence[Callable[[], _Result]]) -> _Result:
    """The first run, or the next when a value made it fail; what the last one raises is what is told."""
    *others, last = runs
    for run in others:
        try:
            return run()
        except BadValue:
            continue
    return last()
