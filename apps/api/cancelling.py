"""Answers that nobody waits for any more: the query behind them is stopped, so that it takes no time from others."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

import pyarrow as pa
from starlette.concurrency import run_in_threadpool

from vitrina.access.errors import Stopped
from vitrina.access.gate import GatedCursor, GatedReader

Answer = TypeVar("Answer")
_LOOK_EVERY = 0.1


class Waiting(Protocol):
    """The request of the one who waits."""

    async def is_disconnected(self) -> bool:
        """Whether he has gone."""
        ...


class Stoppable:
    """A source for questions: queries of one cursor, until somebody stops them from another thread."""

    def __init__(self, cursor: GatedCursor) -> None:
        self._cursor, self._is_stopped = cursor, False

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """The result of one SELECT. Raises `Stopped` once it was stopped, between two queries as well."""
        if self._is_stopped:
            raise Stopped("cancelled")
        return self._cursor.query(sql, params)

    def stop(self) -> None:
        """Stop the query under way, and all that would follow."""
        self._is_stopped = True
        self._cursor.interrupt()


async def answered(request: Waiting, reader: GatedReader, ask: Callable[[Stoppable], Answer]) -> Answer:
    """What `ask` makes of the reader, in a thread of its own; stopped (`Stopped`) when the caller goes away."""
    sources: list[Stoppable] = []

    def work() -> Answer:
        # A cursor belongs to the thread that opens it.
        with reader.cursor() as cursor:
            sources.append(Stoppable(cursor))
            return ask(sources[0])

    task = asyncio.ensure_future(run_in_threadpool(work))
    while not (await asyncio.wait({task}, timeout=_LOOK_EVERY))[0]:
        if await request.is_disconnected():
            for source in sources:
                source.stop()
    return await task
