"""Figures of a plan from what was reached before: the same months of last year with growth, or a trend with its season.

Pure functions over monthly history; who reads it from the marts gives it in.
"""

import datetime as dt
import statistics
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from crm.errors import CrmError
from crm.services.performance.periods import Period
from crm.services.performance.splitting import Weight, split_tree
from crm.services.performance.values import EMPLOYEE, WHOLE, Kpi, Subject

Months = Mapping[dt.date, float]
History = Mapping[str, Months]
"""By employee: what each month came to (of a level, how high it stood at the month's end)."""


class Method(StrEnum):
    """Where the total of a plan comes from."""

    LAST_YEAR = "last_year"
    TREND = "trend"


class Shares(StrEnum):
    """By what a total is divided."""

    HISTORY = "history"
    EQUAL = "equal"
    OWN = "own"


_YEAR = 12


def total_of(kpi: Kpi, period: Period, history: Months, method: Method, growth_pct: float, known_until: dt.date) -> int:
    """The figure of the whole in hundredths, in whole pieces or soʻm.

    `known_until` is the first day of the last complete month: later months are not looked at. Raises `CrmError` when
    history does not reach far enough.
    """
    if method is Method.LAST_YEAR:
        months = period.year_before().months
        if any(month not in history for month in months):
            raise CrmError("plan_no_history", month=f"{months[0]:%m.%Y}")
        reached = [history[month] for month in months]
    else:
        reached = [_trend(history, month, known_until) for month in period.months]
    value = reached[-1] if kpi.kind == "level" else sum(reached)
    return round(value + abs(value) * growth_pct / 100) * WHOLE


def build(
    kpi: Kpi, total: int, root: Subject, below: Mapping[Subject, Sequence[Subject]],
    weights: Callable[[Subject], Weight],
) -> dict[tuple[Subject, str], int]:  # fmt: skip
    """The total divided down the organisation in whole pieces or soʻm: every level adds up to the one above."""
    amounts = split_tree(total, root, below, weights, WHOLE)
    return {(subject, kpi.code): amount for subject, amount in amounts.items()}


def weights_by(
    shares: Shares, kpi: Kpi, history: History, until: dt.date, own: Mapping[str, float] | None = None
) -> Callable[[Subject], Weight]:
    """The weight of an employee: what he reached in the twelve months up to `until`, the same as all others, or his own
    in `own`. Anybody else has none."""

    def reached(employee_id: str) -> float:
        months = sorted(each for each in history.get(employee_id, {}) if each <= until)[-_YEAR:]
        values = [history[employee_id][each] for each in months]
        return values[-1] if kpi.kind == "level" and values else sum(values)

    def weight(subject: Subject) -> Weight:
        if subject.kind != EMPLOYEE:
            return 0
        if shares is Shares.EQUAL:
            return 1
        return (own or {}).get(subject.id, 0.0) if shares is Shares.OWN else reached(subject.id)

    return weight


def added_up(history: History) -> dict[dt.date, float]:
    """The whole by month."""
    months: dict[dt.date, float] = {}
    for values in history.values():
        for month, value in values.items():
            months[month] = months.get(month, 0.0) + value
    return months


def _trend(history: Months, month: dt.date, known_until: dt.date) -> float:
    """The straight line through the last two years without their season, and the season of the month on top."""
    known = sorted(each for each in history if each <= known_until)[-2 * _YEAR :]
    if len(known) < _YEAR:
        raise CrmError("plan_no_history", month=f"{month:%m.%Y}")
    values = [history[each] for each in known]
    season = _season(known, values)
    at = [_number(each) for each in known]
    calm = [value - season.get(each.month, 0.0) for each, value in zip(known, values, strict=True)]
    line = statistics.linear_regression(at, calm)
    return line.intercept + line.slope * _number(month) + season.get(month.month, 0.0)


def _season(known: Sequence[dt.date], values: Sequence[float]) -> dict[int, float]:
    """How far a month of the year stands from the straight line, where two years tell of it."""
    if len(known) < 2 * _YEAR:
        return {}
    at = [_number(each) for each in known]
    line = statistics.linear_regression(at, values)
    apart: dict[int, list[float]] = {}
    for each, number, value in zip(known, at, values, strict=True):
        apart.setdefault(each.month, []).append(value - line.intercept - line.slope * number)
    means = {month: statistics.fmean(found) for month, found in apart.items()}
    middle = statistics.fmean(means.values())
    return {month: mean - middle for month, mean in means.items()}


def _number(month: dt.date) -> float:
    return float(month.year * 12 + month.month)
