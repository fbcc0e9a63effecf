"""Asking over HTTP with patience: time-outs, 429 and 5xx are tried again with growing pauses, other errors are not."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from ingest.config import Retry

Answer = TypeVar("Answer")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}")
_FAR = timedelta(days=366)
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class ComeLaterError(Exception):
    """The source is overloaded or unreachable for now. `after` is in seconds where the source says it."""

    def __init__(self, what: str, after: float | None = None) -> None:
        super().__init__(what)
        self.after = after


def patiently(policy: Retry, ask: Callable[[], Answer], sleep: Callable[[float], None] = time.sleep) -> Answer:
    """The answer of `ask`, which raises `ComeLaterError` to be asked again; the last one is raised in the end."""
    usual = wait_exponential_jitter(
        initial=policy.wait_seconds, max=policy.max_wait_seconds, jitter=policy.wait_seconds
    )

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, ComeLaterError) else None
        return usual(state) if asked is None else min(asked, policy.max_wait_seconds)

    return Retrying(
        stop=stop_after_attempt(policy.attempts),
        wait=wait, sleep=sleep, retry=retry_if_exception_type(ComeLaterError), reraise=True,
    )(ask)  # fmt: skip


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date relative to `now`."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def usable_mark(value: object, now: datetime) -> bool:
    """Whether one can go on from a change time: a value such as 2999-01-01 or "n/a" would hide every later change."""
    text = str(value)
    return text.isdigit() or (bool(_TIME.match(text)) and text[:10] <= f"{now + _FAR:%Y-%m-%d}")


class Pace:
    """Keeps requests at most `per_second` apart; None never waits."""

    def __init__(self, per_second: float | None, sleep: Callable[[float], None] = time.sleep) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._next = 0.0
        self._sleep = sleep

    def wait(self) -> None:
        """Return when the next request may go."""
        pause = self._next - time.monotonic()
        if pause > 0:
            self._sleep(pause)
        self._next = time.monotonic() + self._gap
