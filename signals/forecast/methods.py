"""Ways to guess what is still to come in a period. Each sees only what was known on the day of the guess."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np

from signals.forecast.series import NO_DAY, DailySeries, Floats, Kinds

_RECENT, _YEAR = 3, 12
_LEAST_SHARE: Final = 0.15
_DAMPING: Final = 0.5


@dataclass(frozen=True)
class Origin:
    """A day to guess from: `day` of month number `index` (0: before its first), for that month and `ahead` after it.

    `kinds` are the weekdays of the series (`DailySeries.kinds`).
    """

    series: DailySeries
    index: int
    day: int
    ahead: int
    kinds: Kinds

    def known(self) -> range:
        """Months before it of which the whole of what was to come is known by now."""
        return range(max(0, self.index - self.ahead))

    def rests(self) -> Floats:
        """What was still to come on the same day of those months."""
        return self.series.rests(0, len(self.known()), self.day, self.ahead)


Method = Callable[[Origin], float | None]


def level(origin: Origin) -> float | None:
    """As much as came of late: the mean of the last three months."""
    rests = origin.rests()
    return float(rests[-_RECENT:].mean()) if len(rests) else None


def trend(origin: Origin) -> float | None:
    """The last year's robust straight line (Theil and Sen), its slope halved, since slopes seldom last."""
    rests = origin.rests()[-_YEAR:]
    if len(rests) < 2 * _RECENT:
        return None
    at, later, earlier = _pairs(len(rests))
    slope = _median((rests[later] - rests[earlier]) / (at[later] - at[earlier]))
    start = _median(rests - slope * at)
    middle = start + slope * at[-1]
    return middle + _DAMPING * slope * (1 + origin.ahead)


def season(origin: Origin) -> float | None:
    """What came in the same months a year ago, times how the last quarter compares with the one a year before it."""
    past = origin.index - _YEAR
    if past < _RECENT or past + origin.ahead >= origin.index:
        return None
    totals = origin.series.totals
    now, then = totals[origin.index - _RECENT : origin.index].sum(), totals[past - _RECENT : past].sum()
    if then <= 0 or now < 0:
        return None
    return float(origin.series.rest(past, origin.day, origin.ahead) * min(now / then, 3.0))


def share(origin: Origin) -> float | None:
    """What is reached by now over the share that usually was by this day. Only where much is reached by then."""
    done = origin.series.done(origin.index, origin.day)
    known = list(origin.known())[-_YEAR:]
    if done <= 0 or len(known) < _RECENT:
        return None
    reached = origin.series.values[known, : origin.day].sum(axis=1)
    whole = reached + origin.rests()[-len(known) :]
    if (whole <= 0).any():
        return None
    usual = _median(reached / whole)
    return done / usual - done if usual >= _LEAST_SHARE else None


def weekdays(origin: Origin) -> float | None:
    """As much a day as of late, each weekday by its own weight, over the days that are left."""
    known = list(origin.known())[-_YEAR:]
    if len(known) < _RECENT:
        return None
    weight = _weekday_weights(origin, known)
    paces = [
        origin.series.rest(each, origin.day, origin.ahead) / days
        for each in known[-_RECENT:]
        if (days := _weighted_days(origin, each, weight)) > 0
    ]
    return float(np.mean(paces) * _weighted_days(origin, origin.index, weight)) if paces else None


METHODS: Mapping[str, Method] = MappingProxyType(
    {"level": level, "trend": trend, "season": season, "share": share, "weekdays": weekdays}
)


def guesses(origin: Origin) -> dict[str, float]:
    """What each method says that has something to say."""
    said = {name: method(origin) for name, method in METHODS.items()}
    return {name: value for name, value in said.items() if value is not None and np.isfinite(value)}


@lru_cache(maxsize=32)
def _pairs(count: int) -> tuple[Floats, Kinds, Kinds]:
    """Places of so many months, and all pairs of a later and an earlier one."""
    earlier, later = np.triu_indices(count, 1)
    return np.arange(count, dtype=float), later, earlier


def _median(values: Floats) -> float:
    """As numpy's, without what that costs for a handful of values."""
    ordered = np.sort(values)
    middle = len(ordered) // 2
    return float(ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)


def _weekday_weights(origin: Origin, known: list[int]) -> Floats:
    """By weekday how much more or less it brings than a mean one; 0 for what is no day."""
    months = known[-2 * _RECENT :]
    kinds, values = origin.kinds[months].ravel(), origin.series.values[months].ravel()
    counts = np.bincount(kinds, minlength=NO_DAY + 1)[:NO_DAY]
    means = np.bincount(kinds, weights=values, minlength=NO_DAY + 1)[:NO_DAY] / np.maximum(counts, 1)
    average = means.mean()
    # Kinds of days that bring nothing, or take away, must not make the sum of weights vanish.
    weights = np.clip(means / average, 0.1, 5.0) if average > 0 else np.ones(NO_DAY)
    return np.append(weights, 0.0)


def _weighted_days(origin: Origin, index: int, weight: Floats) -> float:
    own, later = origin.kinds[index, origin.day :], origin.kinds[index + 1 : index + 1 + origin.ahead]
    return float(weight[own].sum() + weight[later].sum())
