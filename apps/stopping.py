"""Queries that run beside the scripts and can be stopped: while a script waits for a query, Streamlit begins no other
run of the page, and what makes the query needless would come after it."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from vitrina.access.errors import Stopped
from vitrina.access.gate import GatedCursor

_PAUSE_SECONDS = 0.02


class Stoppable:
    """A source that answers until it is stopped, or is to step aside: the query under way is interrupted, a later one
    not begun."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cursor: GatedCursor | None = None
        self._stopped = self._aside = False

    def use(self, cursor: GatedCursor) -> None:
        """Ask this cursor from now on."""
        with self._lock:
            self._cursor = cursor

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """The answer. Raises `Stopped`."""
        with self._lock:
            cursor = self._cursor
            if self._stopped or self._aside or cursor is None:
                raise Stopped("cancelled")
        return cursor.query(sql, params)

    def step_aside(self) -> None:
        """Interrupt the query under way, for now."""
        with self._lock:
            if self._cursor is not None and not self._aside:
                self._aside = True
                self._cursor.interrupt()

    def stepped_aside(self) -> bool:
        """Whether it had to, and nobody stopped it for good; it may be used anew."""
        with self._lock:
            had_to, self._aside = self._aside and not self._stopped, False
        return had_to

    def stop(self) -> None:
        """Stop for good."""
        with self._lock:
            self._stopped = True
            if self._cursor is not None:
                self._cursor.interrupt()


def stop_until(is_over: Callable[[], bool], stop: Callable[[], None]) -> None:
    """Stop beside the caller until it is over: a query that was being read when it was stopped begins all the same."""

    def make_sure() -> None:
        while not is_over():
            stop()
            time.sleep(_PAUSE_SECONDS)

    threading.Thread(target=make_sure, daemon=True).start()
