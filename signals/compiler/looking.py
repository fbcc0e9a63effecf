"""Second half of the SQL: value, baseline, expectation and spread of every shape, and which customers hold a condition.

Every table of this half has the columns of `COLUMNS`; only rows in which at least one of the conditions holds are kept.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from signals.compiler.draft import Draft
from signals.compiler.shapes import LEAST_WINDOWS, Column, Shape, holds_for_nothing
from signals.definition import Change, Condition, Missing, StateChange, Threshold
from signals.measures import Flow, Measure

COLUMNS: Final = (
    "day", "customer_id", "value", "baseline", "expected", "change_pct", "deviations", "word", "word_before",
)  # fmt: skip
LEAST_PEERS: Final = 30
LEVELS: Final = ("segment, family", "segment", "")
"""What makes customers of one type comparable, from near to far."""
MAD_TO_DEVIATION: Final = 1.4826
"""The median absolute deviation of a normal distribution times this is its standard deviation."""
LEAST_SPREAD: Final = 0.05
"""Share of the norm below which no spread is believed: whoever was always exact is not alarming by a little."""
FROM_NOTHING: Final = 1000.0
"""Severity of a growth that began at nothing, which no percentage tells."""
_UNKNOWN: Final = "cast(null as double)"
_WORDS: Final = "cast(null as varchar) as word, cast(null as varchar) as word_before"


def look(
    draft: Draft, name: str, shape: Shape, measure: Measure, source: str, conditions: Sequence[Condition],
    only: int | None = None,
) -> None:  # fmt: skip
    """Add the common table of a shape; `source` is the common table that has its columns.

    Rows in which none of the conditions holds are dropped; with `only` those of other customers instead.
    """
    columns = shape.columns(measure)
    if shape.kind == "change":
        rows = _change(draft, name, shape, measure, source, columns, _likely(draft, conditions, only))
    elif shape.kind == "state":
        rows = _state(source, columns)
    elif shape.kind == "missing":
        rows = _missing(source, columns)
    else:
        asked = [each for each in conditions if isinstance(each, Threshold)]
        with_nothing = only is not None or any(map(holds_for_nothing, asked))
        rows = _threshold(source, columns[0], measure, with_nothing)
    held = " or ".join(f"({holds(draft, each)})" for each in dict.fromkeys(conditions))
    if only is not None:
        held = f"customer_id = {draft.bind(only)}"
    draft.add(name, f"select {', '.join(COLUMNS)} from ({rows}) as compared where {held}")


def holds(draft: Draft, condition: Condition) -> str:
    """The condition over the columns of its shape's table."""
    match condition:
        case Change():
            return " and ".join(_changed(draft, condition))
        case Threshold():
            return f"value {'<>' if condition.operator == '!=' else condition.operator} {draft.bind(condition.value)}"
        case StateChange():
            asked = ["word <> word_before"]
            for column, words in (("word_before", condition.before), ("word", condition.to)):
                if words:
                    asked.append(f"{column} in ({', '.join(draft.bind(each) for each in words)})")
            return " and ".join(asked)
        case Missing():
            return "value = 0 and baseline > 0"


def severity(draft: Draft, condition: Condition, alias: str) -> str:
    """How grave: percent of the change; of a threshold 100 at it and 200 as far again from zero; else 100."""
    match condition:
        case Change():
            return f"coalesce(abs({alias}.change_pct), {FROM_NOTHING})"
        case Threshold():
            size = max(abs(condition.value), 1.0)
            return f"100 * (1 + abs({alias}.value - {draft.bind(condition.value)}) / {draft.bind(size)})"
    return "cast(100 as double)"


def _likely(draft: Draft, conditions: Sequence[Condition], only: int | None) -> str:
    """What must hold of any row that is kept, but for deviations, whose medians are then computed for few."""
    if only is not None:
        return f"customer_id = {draft.bind(only)}"
    changes = [replace(each, deviations=None) for each in conditions if isinstance(each, Change)]
    return " or ".join(f"({' and '.join(_changed(draft, each))})" for each in dict.fromkeys(changes))


def _changed(draft: Draft, condition: Change) -> list[str]:
    is_fall, asked = condition.direction == "fall", ["baseline is not null"]
    if condition.by_pct is not None:
        size = draft.bind(condition.by_pct)
        grown = f"(change_pct >= {size} or (expected <= 0 and value > expected))"
        asked.append(f"change_pct <= -{size}" if is_fall else grown)
    if condition.by is not None:
        size = draft.bind(condition.by)
        asked.append(f"expected - value >= {size}" if is_fall else f"value - expected >= {size}")
    if condition.deviations is not None:
        size = draft.bind(condition.deviations)
        asked.append(f"deviations <= -{size}" if is_fall else f"deviations >= {size}")
    if condition.at_least is not None:
        asked.append(f"baseline >= {draft.bind(condition.at_least)}")
    return asked


def _joined(source: str) -> str:
    return (
        f"{source} as s join days on days.day = s.day"
        " join pool on pool.month_end = days.month_end and pool.customer_id = s.customer_id"
    )


def _value(column: Column, measure: Measure) -> str:
    is_zero = isinstance(measure, Flow) or measure.is_zero
    return f"coalesce(s.{column.name}, 0)" if is_zero else f"s.{column.name}"


def _known(column: Column, measure: Measure) -> str:
    """The column's value, null where the stretch begins before the customer was one, or before all knowledge."""
    first = column.back - 1 if isinstance(measure, Flow) else column.back
    return f"case when pool.since_date <= s.day - {first} then {_value(column, measure)} end"


def _change(
    draft: Draft, name: str, shape: Shape, measure: Measure, source: str, columns: Sequence[Column], likely: str
) -> str:
    earlier = ", ".join(f"{_known(each, measure)} as w{place}" for place, each in enumerate(columns[1:], start=1))
    who = "s.day, s.customer_id, pool.customer_type, pool.segment, pool.family"
    rows = f"select {who}, {_value(columns[0], measure)} as value, {earlier} from {_joined(source)}"
    if shape.customer_type is not None:
        rows += f" where pool.customer_type = {draft.bind(shape.customer_type)}"
    windows = [f"w{place}" for place in range(1, len(columns))]
    norm = f"case when w{LEAST_WINDOWS} is not null then list_median([{', '.join(windows)}]) end"
    rows = f"select *, {norm if shape.deep else _UNKNOWN} as norm from ({rows}) as windows"
    base = "norm" if shape.against in ("norm", "season") else "w1"
    # A table of its own: the engine would else compute medians anew wherever a condition mentions them.
    draft.add(f"own_{name}", f"select *, {base} as baseline from ({rows}) as own where {base} is not null")
    rows = _against_peers(draft, name) if shape.wants_peers else f"select *, baseline as expected from own_{name}"
    reference = "baseline" if shape.against == "peers" else "expected"
    gaps = ", ".join(f"abs({each} - norm)" for each in windows)
    spread = f"greatest({MAD_TO_DEVIATION} * list_median([{gaps}]), {LEAST_SPREAD} * abs(norm))"
    return f"""
        select day, customer_id, value, baseline, expected, change_pct,
          (value - expected) / nullif({spread if shape.deep else _UNKNOWN}, 0) as deviations, {_WORDS}
        from (
          select *, case when {reference} > 0 then 100 * (value - expected) / {reference} end as change_pct
          from ({rows}) as expected
        ) as changed
        where {likely}
    """


def _against_peers(draft: Draft, name: str) -> str:
    """Rows with what the change of comparable customers lets expect; too few of them, and the circle widens."""
    columns = ["day", "customer_type", "segment", "family"]
    sets = ", ".join(f"(day, customer_type{', ' + level if level else ''})" for level in LEVELS)
    draft.add(
        f"peers_{name}",
        f"select {', '.join(columns)}, grouping(segment) + grouping(family) as level, median(value / baseline) as ratio"
        f" from own_{name} where baseline > 0 group by grouping sets ({sets}) having count(*) >= {LEAST_PEERS}",
    )
    joins = []
    for place, level in enumerate(LEVELS):
        same = ["day", "customer_type", *filter(None, level.split(", "))]
        on = " and ".join(f"p{place}.{column} = own.{column}" for column in same)
        joins.append(f"left join peers_{name} as p{place} on p{place}.level = {place} and {on}")
    return f"""
        select own.*, own.baseline * coalesce(p0.ratio, p1.ratio, p2.ratio, 1) as expected
        from own_{name} as own {" ".join(joins)}
    """


def _state(source: str, columns: Sequence[Column]) -> str:
    nothing = ", ".join(f"{_UNKNOWN} as {each}" for each in COLUMNS[2:7])
    return f"""
        select s.day, s.customer_id, {nothing}, s.{columns[0].name} as word, s.{columns[1].name} as word_before
        from {_joined(source)}
    """


def _missing(source: str, columns: Sequence[Column]) -> str:
    return f"""
        select s.day, s.customer_id, s.{columns[0].name} as value, s.{columns[1].name} as baseline,
          s.{columns[1].name} as expected, cast(-100 as double) as change_pct, {_UNKNOWN} as deviations, {_WORDS}
        from {_joined(source)}
    """


def _threshold(source: str, column: Column, measure: Measure, with_nothing: bool) -> str:
    nothing = ", ".join(f"{_UNKNOWN} as {each}" for each in COLUMNS[3:7])
    if with_nothing and (isinstance(measure, Flow) or measure.is_zero):
        return f"""
            select days.day, pool.customer_id, coalesce(s.{column.name}, 0) as value, {nothing}, {_WORDS}
            from days join pool on pool.month_end = days.month_end
            left join {source} as s on s.day = days.day and s.customer_id = pool.customer_id
        """
    return (
        f"select s.day, s.customer_id, {_value(column, measure)} as value, {nothing}, {_WORDS} from {_joined(source)}"
    )
