"""A forecast to the end of a period: the guess, its interval from past errors, and the days between."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from signals.forecast.backtesting import PastForecast, combined, past_forecasts, said_before, scale_at
from signals.forecast.methods import Origin, guesses
from signals.forecast.series import DailySeries, Floats

FEW = 9
_FEW_CHANGES = 3


@dataclass(frozen=True)
class PathDay:
    """Where the figure will stand on a day to come."""

    day: dt.date
    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Forecast:
    """A figure at the end of its period.

    `done` is reached by now, `expected` is the forecast with its interval `low` to `high` at `confidence`. `errors`
    counts the past forecasts that the interval stands on; `is_rough` says that they are too few to trust it.
    `backtest` holds them; `path` leads day by day to the end.
    """

    done: float
    expected: float
    low: float
    high: float
    confidence: float
    errors: int
    is_rough: bool
    backtest: tuple[PastForecast, ...]
    path: tuple[PathDay, ...]


def forecast(
    series: DailySeries, months_before: int = 0, months_ahead: int = 0, confidence: float = 0.8,
    holidays: frozenset[dt.date] = frozenset(),
) -> Forecast:  # fmt: skip
    """A flow at the end of a period that holds `months_before` months before the running one and `months_ahead` after.

    The interval is made of the empirical quantiles of the errors of the same procedure on the same day of earlier
    months (split conformal, so that it covers `confidence` of new cases when months are alike). No value after
    `series.last_day` is looked at.
    """
    index, day = series.months - 1, series.last_day.day
    done = float(sum(series.totals[max(0, index - months_before) : index])) + series.done(index, day)
    if day == series.days(index) and not months_ahead:
        return Forecast(done, done, done, done, confidence, 0, False, (), ())
    kinds = series.kinds(months_ahead, holidays)
    own, said = guesses(Origin(series, index, day, months_ahead, kinds)), said_before(series, day, months_ahead, kinds)
    rest, past = combined(own, said) if own else 0.0, past_forecasts(series, said, months_ahead)
    low, high = interval([each.error for each in past], confidence, scale_at(series, index))
    if (series.values >= 0).all():
        rest, low = max(rest, 0.0), max(low, -max(rest, 0.0))
    path = _path(series, done, (rest, rest + low, rest + high), months_ahead)
    return Forecast(
        done, done + rest, done + rest + low, done + rest + high, confidence, len(past), len(past) < FEW, past, path
    )


def forecast_level(
    ends: list[tuple[dt.date, float]], now: tuple[dt.date, float], end: dt.date, months: int, confidence: float = 0.8
) -> Forecast:
    """A level (such as debt) at the `end` of a period, `months` month ends from now: `ends` are earlier month ends.

    It is expected to go on from where it was measured last as it drifted in the year before (the median change between
    month ends), for the part of the time that is left. Inside a month it was not measured, so the interval of a part
    of a month is that of a whole one: too wide rather than too narrow.
    """
    values = np.array([value for _, value in sorted(ends)], dtype=float)
    day, level = now
    if day >= end:
        return Forecast(level, level, level, level, confidence, 0, False, (), ())
    past = tuple(
        PastForecast(at, _drifted(values, at - months, months), float(values[at]), max(abs(values[at - months]), 1.0))
        for at in range(months, len(values))
    )
    started = max((at for at, _ in ends), default=day)
    left = (end - day).days / max((end - started).days, 1)
    drift = _drifted(values, len(values) - 1, months) - float(values[-1]) if len(values) else 0.0
    low, high = interval([each.error for each in past], confidence, max(abs(level), 1.0))
    expected = level + drift * min(left, 1.0)
    if level >= 0 and (values >= 0).all():
        expected, low = max(expected, 0.0), max(low, -max(expected, 0.0))
    path = (PathDay(end, expected, expected + low, expected + high),)
    return Forecast(
        level, expected, expected + low, expected + high, confidence, len(past), len(past) < FEW, past, path
    )  # fmt: skip


def _drifted(values: Floats, at: int, months: int) -> float:
    """The level `months` after month end number `at`, by the median change of the year up to it."""
    known = values[max(0, at - 12) : at + 1]
    if len(known) <= months + _FEW_CHANGES:
        return float(values[at])
    return float(values[at] + np.median(known[months:] - known[:-months]))


def usual_course(series: DailySeries, ahead: int = 0) -> tuple[tuple[dt.date, float], ...]:
    """How a period that begins with the last month of the series, and has `ahead` months more, usually fills: for each
    of its days the share (0 to 1) that had come by then in the year before. A plan is held against this, not against
    a straight line, since some things come on the last day."""
    start = series.month(series.months - 1)
    wanted = sum(series.days(series.months - 1 + each) for each in range(ahead + 1))
    shares = _arrival(series, 0, ahead, wanted)
    return tuple((start + dt.timedelta(days=place), float(share)) for place, share in enumerate(shares))


def interval(errors: list[float], confidence: float, scale: float) -> tuple[float, float]:
    """How far below and above the guess (≤ 0 and ≥ 0) the truth stays with `confidence`.

    The order statistics ⌊(n+1)(1-c)/2⌋ and ⌈(n+1)(1+c)/2⌉ of the n past errors; where n is too small for them the
    extremes, drawn out by as much as is missing.
    """
    if len(errors) < 2:
        return -scale, scale
    ordered = np.sort(np.array(errors))
    count, tail = len(ordered), (1 - confidence) / 2
    wanted = (count + 1) * tail
    if wanted < 1:
        spread = 1 / wanted
        return min(0.0, float(ordered[0]) * spread) * scale, max(0.0, float(ordered[-1]) * spread) * scale
    low, high = ordered[int(np.floor(wanted)) - 1], ordered[min(count, int(np.ceil((count + 1) * (1 - tail)))) - 1]
    return min(0.0, float(low)) * scale, max(0.0, float(high)) * scale


def _path(series: DailySeries, done: float, rests: tuple[float, float, float], ahead: int) -> tuple[PathDay, ...]:
    """The days to come: the rest arrives as it did on the same days of the last year."""
    index, day = series.months - 1, series.last_day.day
    wanted = sum(series.days(index + each) for each in range(ahead + 1)) - day
    arrived = _arrival(series, day, ahead, wanted)
    return tuple(
        PathDay(series.last_day + dt.timedelta(days=number + 1), *(done + share * rest for rest in rests))
        for number, share in enumerate(arrived)
    )


def _arrival(series: DailySeries, day: int, ahead: int, wanted: int) -> Floats:
    """Share of the rest that has come by each of the days to come, from 0 to 1."""
    index = series.months - 1
    courses = []
    for past in range(max(0, index - ahead - 12), max(0, index - ahead)):
        daily = [series.values[past + each, : series.days(past + each)] for each in range(ahead + 1)]
        course = np.cumsum(np.abs(np.concatenate(daily)[day:]))
        if len(course) and course[-1] > 0:
            # Months are of several lengths; their ends are what has to meet.
            courses.append(np.interp(np.linspace(0, 1, wanted), np.linspace(0, 1, len(course)), course / course[-1]))
    if not courses:
        return np.linspace(1 / wanted, 1, wanted)
    mean = np.maximum.accumulate(np.mean(courses, axis=0))
    mean[-1] = 1.0
    return np.asarray(mean)
