"""The count that goes with the typing: one under way for each session, the one before it stopped when the definition
changes.

A script run must not wait for a long query: while it waits, Streamlit lets no other run of the same page begin, and the
change that makes the query needless would come after it. So queries run in a few threads beside the scripts; a run
waits a moment, shows what there is and ends; the browser asks again.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from apps.data.segments import Bench, count_steps, remembered
from apps.segment_workspace.turns import Turns
from apps.stopping import Stoppable, stop_until
from segments.definition import Definition
from segments.errors import DefinitionError
from vitrina.errors import UserError

PATIENCE_SECONDS = 0.2
MOMENT_SECONDS = 0.05
_FIRST = ("count", "base")
THREADS = 8
# So long what is told besides the count gives way to the counts of others; after that it is let finish.
GIVING_WAY_SECONDS = 10.0


@dataclass(frozen=True)
class Progress:
    """What is known so far of the definition that was asked about last."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    done: bool = True
    error: UserError | DefinitionError | None = None


class Live:
    """The questions of one session."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._job: _Job | None = None

    def ask(self, bench: Bench, definition: Definition, patience: float = PATIENCE_SECONDS) -> Progress:
        """Begin to answer, unless it is under way or remembered, and wait for a moment. What was asked before and is
        no longer wanted is stopped. Raises `DefinitionError`."""
        steps = count_steps(bench, definition)
        keys = {name: bench.key(name, definition) for name, _ in steps}
        with self._lock:
            if self._job is None or self._job.keys != keys or self._job.failed:
                if self._job is not None:
                    self._job.stop()
                self._job = None
                if any(remembered.peek(key) is None for key in keys.values()):
                    self._job = _Job(bench, steps, keys)
                    self._job.start()
            job = self._job
        if job is not None:
            job.wait(patience)
        answers = {name: found for name, key in keys.items() if (found := remembered.peek(key)) is not None}
        return Progress(answers, job is None or job.is_over, job.error if job is not None else None)

    def stop(self) -> None:
        """Nobody wants the answer any more."""
        with self._lock:
            if self._job is not None:
                self._job.stop()
                self._job = None


class _Job:
    """One definition's questions, one after the other, beside the scripts. What somebody waits for (`_FIRST`) comes
    before what all others would like to know besides: that is asked for one person at a time, and gives way."""

    def __init__(
        self,
        bench: Bench,
        steps: Sequence[tuple[str, Callable[..., Any]]],
        keys: Mapping[str, tuple[Any, ...]],
    ) -> None:
        self.keys, self._bench = dict(keys), bench
        self._first = [step for step in steps if step[0] in _FIRST]
        self._later = [step for step in steps if step[0] not in _FIRST]
        self._source = Stoppable()
        self._futures: list[Future[None]] = []
        self.error: UserError | None = None

    @property
    def is_over(self) -> bool:
        return bool(self._futures) and all(each.done() for each in list(self._futures))

    @property
    def failed(self) -> bool:
        return self.is_over and self.error is not None

    def start(self) -> None:
        self._futures.append(_threads().submit(self._answer_first))

    def wait(self, seconds: float) -> None:
        for future in self._futures:  # grows while it is read: the first adds the second before it ends
            wait_for([future], seconds)
            seconds = min(seconds, MOMENT_SECONDS)
            if future.done() and not future.cancelled():
                future.result()

    def stop(self) -> None:
        self._source.stop()
        for future in list(self._futures):
            future.cancel()
        if not self.is_over:
            stop_until(lambda: self.is_over, self._source.stop)

    def _answer_first(self) -> None:
        with _turns().counting():
            self._answer(self._first)
        if self._later and self.error is None:
            self._futures.append(_one_at_a_time().submit(self._answer_later, time.monotonic() + GIVING_WAY_SECONDS))

    def _answer_later(self, until: float) -> None:
        while True:
            is_quiet = _turns().wait_for_quiet(until)
            with _turns().besides(self._source.step_aside if is_quiet else None):
                self._answer(self._later)
            if not self._source.stepped_aside():
                return
            self.error = None

    def _answer(self, steps: Sequence[tuple[str, Callable[..., Any]]]) -> None:
        try:
            with self._bench.reader.cursor() as cursor:
                self._source.use(cursor)
                for name, answer in steps:
                    remembered.get(self.keys[name], partial(answer, self._source))
        except UserError as error:
            self.error = error


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="segment-count")


@lru_cache(maxsize=1)
def _turns() -> Turns:
    return Turns()


@lru_cache(maxsize=1)
def _one_at_a_time() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="segment-waterfall")
