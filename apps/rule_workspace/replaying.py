"""A rule on the past, asked beside the script: the page goes on, tells how far it is, and can stop it."""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from apps.stopping import Stoppable, stop_until
from segments.catalogue import Catalogue
from segments.definition import Definition
from segments.errors import DefinitionError
from signals.definition import Rule
from signals.questions import Effect, Overlap, Replay, effect, overlap, replay
from vitrina.access.gate import GatedReader
from vitrina.errors import UserError

OWN: Final = "rule"
STAGES: Final = 3
_THREADS: Final = 2
Owners = Callable[[str, int], str | None]


@dataclass(frozen=True)
class Wanted:
    """What is to be replayed: the rule with others beside it, from `first` to `last`; `as_of` ends what is known."""

    rule: Rule
    others: Mapping[str, Rule]
    first: dt.date
    last: dt.date
    as_of: dt.date


@dataclass(frozen=True)
class Found:
    """What a replay came to. `overlap` is None where there were no others."""

    replay: Replay
    effect: Effect
    overlap: Overlap | None
    seconds: float


class Replaying:
    """One replay under way or over: `found` or `error` is there when it is over."""

    def __init__(
        self, reader: GatedReader, wanted: Wanted, catalogue: Catalogue, segments: Mapping[str, Definition],
        owners: Owners,
    ) -> None:  # fmt: skip
        self.found: Found | None = None
        self.error: UserError | DefinitionError | None = None
        self.stage = 0
        self._began = time.monotonic()
        self._reader, self._wanted, self._catalogue = reader, wanted, catalogue
        self._segments, self._owners = segments, owners
        self._source = Stoppable()
        self._future: Future[None] = _threads().submit(self._run)

    @property
    def seconds(self) -> float:
        """How long ago it was asked."""
        return time.monotonic() - self._began

    @property
    def is_over(self) -> bool:
        """Whether it is over. Raises what nobody expected."""
        if self._future.done() and not self._future.cancelled():
            self._future.result()
        return self._future.done()

    def stop(self) -> None:
        """Give it up."""
        self._source.stop()
        if not self._future.cancel():
            stop_until(self._future.done, self._source.stop)

    def _run(self) -> None:
        try:
            with self._reader.cursor() as cursor:
                self._source.use(cursor)
                self.found = self._ask()
        except (UserError, DefinitionError) as error:
            self.error = error

    def _ask(self) -> Found:
        wanted, common = self._wanted, (self._catalogue, self._wanted.first, self._wanted.last, self._owners)
        own = replay(self._source, {OWN: wanted.rule}, *common, self._segments)
        self.stage = 1
        kind = wanted.rule.audience.customer_type
        worth = effect(
            self._source, own.events, wanted.rule.outcome, wanted.as_of, wanted.first, wanted.last, kind
        )  # fmt: skip
        self.stage = 2
        shared = None
        if wanted.others:
            beside = replay(self._source, dict(wanted.others), *common, self._segments)
            shared = overlap({OWN: own, "others": beside})
        self.stage = STAGES
        return Found(own, worth, shared, self.seconds)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="rule-replay")
