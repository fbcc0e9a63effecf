"""What only the registry can tell: whether a measure is there and fits its condition, and what an SQL rule gives."""

from collections.abc import Iterable, Iterator, Mapping

import sqlglot
from sqlglot import exp

from segments.catalogue import unknown
from segments.errors import Path, Problem
from signals.definition import Change, Condition, Missing, Rule, StateChange, Threshold
from signals.measures import Flow, Measure, StateMeasure

SQL_COLUMNS = ("customer_id", "value", "severity")


def problems_of(rule: Rule, measures: Mapping[str, Measure]) -> Iterator[Problem]:
    """Everything wrong with a rule's conditions or SQL."""
    if rule.kind == "sql":
        yield from _sql_problems(rule.sql or "")
    for place, condition in enumerate(rule.conditions):
        path: Path = ("conditions", "rules", place)
        measure = measures.get(condition.measure)
        if measure is None:
            yield unknown((*path, "measure"), condition.measure, measures)
        else:
            yield from _fits(condition, measure, (*path, "measure"))


def missing_tables(tables: Iterable[str], present: Iterable[str]) -> tuple[Problem, ...]:
    """Problems for the marts that a compiled rule reads and a snapshot does not have."""
    lacking = sorted(set(tables) - set(present))
    message, mend = (
        "The data have no table “{name}” yet.",
        "Wait for the next run of the data, or take another measure.",
    )
    return tuple(Problem(("conditions",), message, {"name": name}, mend) for name in lacking)


def _fits(condition: Condition, measure: Measure, path: Path) -> Iterator[Problem]:
    is_word = isinstance(measure, StateMeasure) and measure.values == "text"
    match condition:
        case Missing() if not isinstance(measure, Flow):
            yield Problem(
                path, "Only what happens day by day can be missing.", {}, "Choose a measure of usage or money."
            )
        case StateChange() if not is_word:
            yield Problem(path, "This measure is a number: it has no states.", {}, "Choose a change or a threshold.")
        case StateChange() if isinstance(measure, StateMeasure):
            for word in (*condition.before, *condition.to):
                if measure.words and word not in measure.words:
                    yield unknown(path, word, measure.words)
        case Change() | Threshold() if is_word:
            yield Problem(path, "This measure is a state: it has no size.", {}, "Choose a change of state.")


def _sql_problems(text: str) -> Iterator[Problem]:
    path: Path = ("sql",)
    try:
        statements = [each for each in sqlglot.parse(text, dialect="duckdb") if each is not None]
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        yield Problem(path, "The SQL is not understood: {what}", {"what": str(error).splitlines()[0][:200]})
        return
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        yield Problem(path, "One SELECT is expected.")
        return
    named = [name.lower() for name in statements[0].named_selects]
    for column in SQL_COLUMNS:
        if column not in named:
            yield Problem(path, "The SELECT must give a column {name}.", {"name": column})
    marks = {each.name for each in statements[0].find_all(exp.Placeholder, exp.Parameter)}
    if marks - {"day"}:
        yield Problem(path, "The only parameter is $day, the day of the evaluation.", {}, "Write other values out.")
    elif not marks:
        yield Problem(path, "The SQL does not look at the day.", {}, "Take only what is dated up to $day.")
