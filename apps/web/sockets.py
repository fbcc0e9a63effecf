"""Open connections to the workspaces, each ended within seconds after its session ended."""

import asyncio
import logging
from collections import defaultdict
from contextlib import suppress
from types import TracebackType
from typing import Self

from apps.web.caller import Door

log = logging.getLogger("vitrina.apps")
EVERY_SECONDS = 2.0


class OpenSockets:
    """Knows which sessions have connections open, and tells a connection when its session no longer holds.

    One question to the database per round, however many tabs are open.
    """

    def __init__(self, door: Door, every: float = EVERY_SECONDS) -> None:
        self._door, self._every = door, every
        self._ended: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._watch: asyncio.Task[None] | None = None

    def enter(self, session_id: int) -> "OpenSocket":
        """A connection of this session; use it in a `with`."""
        if self._watch is None or self._watch.done():
            self._watch = asyncio.get_running_loop().create_task(self._watching())
        return OpenSocket(self, session_id)

    def add(self, session_id: int, ended: asyncio.Event) -> None:
        """Watch one more connection."""
        self._ended[session_id].add(ended)

    def remove(self, session_id: int, ended: asyncio.Event) -> None:
        """Watch one connection less."""
        self._ended[session_id].discard(ended)
        if not self._ended[session_id]:
            del self._ended[session_id]

    async def check(self) -> None:
        """One round: end the connections of sessions that no longer hold."""
        known = frozenset(self._ended)
        if not known:
            return
        for session_id in known - await asyncio.to_thread(self._door.alive, known):
            for ended in self._ended.get(session_id, set()):
                ended.set()

    async def close(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch

    async def _watching(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.check()
            except Exception:
                # A round that fails (a locked database) must not end the watch over all connections.
                log.exception("open sessions could not be checked")


class OpenSocket:
    """One connection; `ended` is set when it has to close."""

    def __init__(self, sockets: OpenSockets, session_id: int) -> None:
        self._sockets, self._session_id = sockets, session_id
        self.ended = asyncio.Event()

    def __enter__(self) -> Self:
        self._sockets.add(self._session_id, self.ended)
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._sockets.remove(self._session_id, self.ended)
