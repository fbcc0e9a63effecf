"""A definition of today on the past: how many it would have held at every stored month end."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from segments.catalogue import HISTORY, Catalogue
from segments.compiler.moments import At
from segments.compiler.statement import Scope, Statement
from segments.compiler.tree import Tree, leaves, part_of
from segments.definition import Definition
from segments.engine import Compiled, compile_segment
from segments.errors import Problem
from segments.questions.counting import count
from segments.questions.source import Source, answer, counted


@dataclass(frozen=True)
class Point:
    """One stored month end: customers in the segment, and all there were; `notes` say what is of today."""

    month_end: dt.date
    count: int
    base: int
    notes: tuple[Problem, ...] = ()


def replay(
    source: Source,
    definition: Definition,
    catalogue: Catalogue,
    month_ends: Sequence[dt.date],
    others: Mapping[str, Definition] | None = None,
) -> tuple[Point, ...]:
    """The curve, in the order of the dates. Raises `DefinitionError`."""
    return tuple(replayed(source, definition, catalogue, month_ends, others))


def replayed(
    source: Source,
    definition: Definition,
    catalogue: Catalogue,
    month_ends: Sequence[dt.date],
    others: Mapping[str, Definition] | None = None,
) -> Iterator[Point]:
    """The curve point by point. Months for which the definition means the same are read together; where events, objects
    or moving dates make them differ, a month at a time, which costs less memory and can be shown as it comes.
    """
    bases, known = _bases(source, month_ends), dict[Tree, dict[dt.date, int]]()
    compiled = {day: compile_segment(definition, catalogue, At.stored(day), others) for day in sorted(set(month_ends))}
    for month_end, found in compiled.items():
        if all(part_of(leaf) is None for leaf in leaves(found.tree)):
            if found.tree not in known:
                same = [day for day, each in compiled.items() if each.tree == found.tree]
                known[found.tree] = _together(source, found, same)
            number = known[found.tree].get(month_end, 0)
        else:
            number = count(source, found)
        yield Point(month_end, number, bases.get(month_end, 0), found.notes)


def _together(source: Source, compiled: Compiled, month_ends: Sequence[dt.date]) -> dict[dt.date, int]:
    """Members at each month end, for a tree of attributes alone."""
    statement = compiled.statement()
    scope = Scope(statement, joined=False)
    chosen = exp.In(this=scope.column("month_end"), expressions=[statement.bind(day) for day in month_ends])
    query = exp.select(scope.column("month_end"), counted()).from_(exp.alias_(exp.to_table(HISTORY), "p", table=True))
    query = query.where(chosen).where(scope.condition(compiled.tree)).group_by("1")
    return {row["month_end"]: row["rows"] for row in answer(source, statement, query).to_pylist()}


def stored_month_ends(source: Source) -> tuple[dt.date, ...]:
    """The month ends that the snapshot keeps, in order."""
    query = f"SELECT DISTINCT month_end FROM {HISTORY} ORDER BY month_end"
    return tuple(source.query(query, {}).column(0).to_pylist())


def _bases(source: Source, month_ends: Sequence[dt.date]) -> dict[dt.date, int]:
    if not month_ends:
        return {}
    statement = Statement(At.current(max(month_ends)), {})
    chosen = exp.In(this=exp.column("month_end"), expressions=[statement.bind(day) for day in sorted(set(month_ends))])
    query = exp.select("month_end", counted()).from_(HISTORY).where(chosen).group_by("1")
    return {row["month_end"]: row["rows"] for row in answer(source, statement, query).to_pylist()}
