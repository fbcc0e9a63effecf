"""What stands behind a signal: a series for the chart with the norm, and the rows that were added up."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from segments.catalogue import Catalogue
from segments.definition import Definition
from segments.questions.source import Source
from signals.compiler.draft import Draft
from signals.compiler.shapes import WEEK, WINDOWS, Column
from signals.definition import Change, Missing, Rule, StateChange, Threshold
from signals.measures import Flow, Measure, StateMeasure, measures
from signals.questions.daily import daily_sums
from signals.questions.states import states
from signals.questions.why import Explained, Why, why

_DAY: Final = dt.timedelta(days=1)
LEAST_WEEKS: Final = 26
MOST_ROWS: Final = 1000


@dataclass(frozen=True)
class Point:
    """What a flow came to from `start` to `end`, or a state on `end` (then both are the same day)."""

    start: dt.date
    end: dt.date
    value: float | str | None


@dataclass(frozen=True)
class Series:
    """One condition as a chart: weekly points up to the day, oldest first, and what was compared.

    `window_days` is how long the compared stretch is: a weekly norm is `explained.baseline` × 7 / `window_days`. `rows`
    are those of the fact table in that stretch and the one before, newest first, at most `MOST_ROWS`; None of states.
    """

    measure: Measure
    explained: Explained
    points: tuple[Point, ...]
    window_days: int
    rows: pa.Table | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Evidence:
    """A series a condition, in the rule's order."""

    why: Why
    series: tuple[Series, ...]


def evidence(
    source: Source,
    rule: Rule,
    catalogue: Catalogue,
    customer_id: int,
    day: dt.date,
    others: Mapping[str, Definition] | None = None,
    month_ends: Sequence[dt.date] | None = None,
) -> Evidence:
    """What a rule saw of one customer on one day. Raises `DefinitionError`."""
    told = why(source, rule, catalogue, customer_id, day, others, month_ends)
    return Evidence(told, tuple(series(source, each, customer_id, day) for each in told.conditions))


def series(source: Source, explained: Explained, customer_id: int, day: dt.date) -> Series:
    """The chart of one condition whose figures are known already, as those of a raised signal are."""
    measure = measures()[explained.condition.measure]
    window, weeks = _window(explained, measure)
    if isinstance(measure, StateMeasure):
        days = [day - _DAY * WEEK * back for back in reversed(range(weeks))]
        known = states(source, measure, days, f"select cast({int(customer_id)} as bigint)")
        values = dict(zip(known["day"].to_list(), known["value"].to_list(), strict=True))
        nothing = 0.0 if measure.is_zero else None
        return Series(measure, explained, tuple(Point(each, each, values.get(each, nothing)) for each in days), window)
    first = day - _DAY * (WEEK * weeks - 1)
    sums = daily_sums(source, [measure], first, day, [customer_id])
    points = []
    for back in reversed(range(weeks)):
        end = day - _DAY * WEEK * back
        value = sums.stretch(Column(measure.name, WEEK), end)
        points.append(Point(end - _DAY * (WEEK - 1), end, float(value[0]) if value.size else 0.0))
    rows = _rows(source, measure, customer_id, day - _DAY * (2 * window), day)
    return Series(measure, explained, tuple(points), window, rows)


def _window(explained: Explained, measure: Measure) -> tuple[int, int]:
    """Days of the compared stretch, and weeks of the chart."""
    match explained.condition:
        case Change() as condition:
            return WEEK * condition.weeks, max(LEAST_WEEKS, condition.weeks * (WINDOWS + 1))
        case Missing() as condition:
            return condition.days, max(LEAST_WEEKS, -(-(condition.days + condition.before_days) // WEEK))
        case StateChange() as condition:
            return condition.within_days, LEAST_WEEKS
        case Threshold() as condition:
            return WEEK * condition.weeks if isinstance(measure, Flow) else 1, LEAST_WEEKS


def _rows(source: Source, flow: Flow, customer_id: int, after: dt.date, until: dt.date) -> pa.Table:
    draft = Draft()
    where = [
        f"{flow.customer} = {draft.bind(int(customer_id))}", f"{flow.date} > {draft.day(after)}",
        f"{flow.date} <= {draft.day(until)}",
    ]  # fmt: skip
    if flow.month is not None:
        where += [f"{flow.month} >= {draft.day(after.replace(day=1))}", f"{flow.month} <= {draft.day(until)}"]
    if flow.where:
        where.append(f"({flow.where})")
    text = f"select * from {flow.table} where {' and '.join(where)} order by {flow.date} desc limit {MOST_ROWS}"
    return source.query(*draft.finish(text))
