"""The same procedure, asked in every earlier month on the same day: what it would have said, and how wrong it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from signals.forecast.methods import Origin, guesses
from signals.forecast.series import DailySeries, Kinds

_FIRST, _ENOUGH, _CHOSEN, _REMEMBERED, _JUDGED = 3, 4, 2, 18, 24


@dataclass(frozen=True)
class PastForecast:
    """A guess of month number `index`: what was to come, what came, and how large things were (`scale`, the mean month
    before it)."""

    index: int
    expected: float
    actual: float
    scale: float

    @property
    def error(self) -> float:
        """What came less what was expected, in parts of the scale."""
        return (self.actual - self.expected) / self.scale


Said = tuple[int, Mapping[str, float], float]


def said_before(series: DailySeries, day: int, ahead: int, kinds: Kinds) -> list[Said]:
    """Every earlier month whose end is known: its number, what each method said on its `day`, and what came.

    The first months are left out: a history begins somewhere in a month, and three make no norm.
    """
    return [
        (index, own, series.rest(index, day, ahead))
        for index in range(_FIRST, series.months - 1 - ahead)
        if (own := guesses(Origin(series, index, day, ahead, kinds)))
    ]


def past_forecasts(series: DailySeries, said: Sequence[Said], ahead: int) -> tuple[PastForecast, ...]:
    """The procedure in those of the last two years, each with what was known then."""
    made = []
    for place, (index, own, actual) in enumerate(said):
        # Ends of later months were not known on that day: the choice of a method may not lean on them.
        expected = combined(own, [each for each in said[:place] if each[0] + ahead < index])
        made.append(PastForecast(index, expected, actual, scale_at(series, index)))
    return tuple(made[-_JUDGED:])


def combined(own: Mapping[str, float], said: Sequence[Said]) -> float:
    """The mean of the two methods that were least wrong of late; of all of them while too little is known."""
    errors = {name: _mean_error(name, said[-_REMEMBERED:]) for name in own}
    judged = sorted((error, name) for name, error in errors.items() if error is not None)
    chosen = [name for _, name in judged[:_CHOSEN]] if judged else list(own)
    return sum(own[name] for name in chosen) / len(chosen)


def scale_at(series: DailySeries, index: int) -> float:
    """How large the figures are that a month is compared with: the mean size of the year before it, at least 1."""
    before = np.abs(series.totals[max(0, index - 12) : index])
    return max(float(before.mean()) if len(before) else 0.0, 1.0)


def _mean_error(name: str, said: Sequence[Said]) -> float | None:
    wrong = [abs(actual - own[name]) for _, own, actual in said if name in own]
    return sum(wrong) / len(wrong) if len(wrong) >= _ENOUGH else None
