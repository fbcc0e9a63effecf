"""A person's own query run beside the script, so that the page goes on and he may stop it."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from functools import lru_cache

from apps.stopping import stop_until
from vitrina.access.cursor import Answer
from vitrina.access.gate import GatedReader
from vitrina.errors import UserError

_THREADS = 8


class Asked:
    """One query under way or over: `answer` or `error` is there when it is over."""

    def __init__(self, reader: GatedReader, sql: str) -> None:
        """Begin. It is bounded by the reader's own limits, whether anybody still waits or not."""
        self.answer: Answer | None = None
        self.error: UserError | None = None
        self._began = time.monotonic()
        self._cursor = reader.cursor()
        self._future: Future[None] = _threads().submit(self._run, sql)

    @property
    def seconds(self) -> float:
        """How long ago it was asked."""
        return time.monotonic() - self._began

    def is_over(self, patience: float = 0.0) -> bool:
        """Whether it is over, after waiting for it so many seconds at the longest. Raises what nobody expected."""
        wait_for([self._future], patience)
        if self._future.done() and not self._future.cancelled():
            self._future.result()
        return self._future.done()

    def stop(self) -> None:
        """Give it up."""
        if self._future.cancel():
            self._cursor.close()
        else:
            stop_until(self._future.done, self._cursor.interrupt)

    def _run(self, sql: str) -> None:
        try:
            with self._cursor as cursor:
                self.answer = cursor.run(sql)
        except UserError as error:
            self.error = error


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="own-sql")
