"""Whose turn it is on a machine that cannot answer everybody at once: the counts that people wait for come first, what
they would like to know besides steps aside for them, and is begun anew once nobody waits."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Turns:
    """Counts under way, and the one answer besides that may be under way with them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._counts = 0
        self._step_aside: Callable[[], None] | None = None

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Somebody waits for a count."""
        with self._changed:
            self._counts += 1
            step_aside = self._step_aside
        if step_aside is not None:
            step_aside()
        try:
            yield
        finally:
            with self._changed:
                self._counts -= 1
                self._changed.notify_all()

    def wait_for_quiet(self, until: float) -> bool:
        """Wait until nobody waits for a count, at the longest until that moment of the monotonic clock; whether it is
        quiet."""
        with self._changed:
            return self._changed.wait_for(lambda: self._counts == 0, max(0.0, until - time.monotonic()))

    @contextmanager
    def besides(self, step_aside: Callable[[], None] | None) -> Iterator[None]:
        """Something is answered that a count may interrupt; None when it has waited long enough to be let finish."""
        with self._changed:
            self._step_aside = step_aside
        try:
            yield
        finally:
            with self._changed:
                self._step_aside = None
