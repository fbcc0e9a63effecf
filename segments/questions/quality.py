"""Whether a definition is worth using: what in it does nothing, can never hold, or stands on old data."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlglot import exp

from segments.catalogue import HISTORY, PROFILE, Catalogue, Field
from segments.compiler.moments import At
from segments.compiler.statement import Statement
from segments.compiler.tree import Tree
from segments.definition import AttributeRule, Definition, EventRule, Group, RelatedRule, outer_rules, walk
from segments.engine import Compiled, compile_segment
from segments.errors import Path, Problem
from segments.questions.counting import counts, waterfall
from segments.questions.source import Source, answer, counted, one_row

MANY_UNKNOWN: Final = 0.05
STALE_DAYS: Final = 3
MAX_CHECKED: Final = 100


def quality(
    source: Source,
    definition: Definition,
    catalogue: Catalogue,
    at: At,
    others: Mapping[str, Definition] | None = None,
    freshness: Mapping[str, dt.date] | None = None,
) -> tuple[Problem, ...]:
    """Everything that its author should know before use, each at its place; empty when there is nothing.

    `freshness` is the last day that each source has data of. Raises `DefinitionError`.
    """
    compiled = compile_segment(definition, catalogue, at, others)
    found = list(compiled.notes)
    if definition.kind == "sql":
        return tuple(found)
    if not any(not isinstance(node, Group) for _, node in walk(definition)):
        return (*found, Problem(("root",), "Without conditions the segment holds everybody."))
    found += _contributions(source, definition, catalogue, at, others)
    found += _leaves(source, compiled)
    found += _unknown(source, compiled)
    found += _never(source, compiled)
    found += _stale(compiled, freshness or {})
    return tuple(found)


def _contributions(
    source: Source, definition: Definition, catalogue: Catalogue, at: At, others: Mapping[str, Definition] | None
) -> Iterator[Problem]:
    told = waterfall(source, definition, catalogue, at, others)
    both = (definition.root or Group("and", ())).combinator == "and"
    if told.total == 0 and all(step.alone for step in told.steps):
        yield Problem(("root",), "Each condition holds for somebody, but nobody meets them all.")
    for step in told.steps:
        if len(told.steps) > 1 and step.without == told.total and 0 < step.alone < told.base:
            message = "This condition excludes nobody: without it the segment is the same."
            yield Problem(
                step.path, message if both else "This condition adds nobody: without it the segment is the same."
            )


def _leaves(source: Source, compiled: Compiled) -> Iterator[Problem]:
    trees = {path: compiled.part(node, path) for path, node in outer_rules(compiled.definition)}
    named: dict[str, Tree] = {str(place): tree for place, tree in enumerate(trees.values())}
    found = counts(source, compiled, named)
    for place, path in enumerate(trees):
        if found[str(place)] == 0:
            yield Problem(path, "Nobody meets this condition.")
        elif found[str(place)] == found["rows"]:
            yield Problem(path, "Everybody meets this condition.")


def _unknown(source: Source, compiled: Compiled) -> Iterator[Problem]:
    """Values that are not known leave customers out silently, unless the rule speaks of them."""
    places = [
        (path, node, field)
        for path, node in outer_rules(compiled.definition)
        if isinstance(node, AttributeRule) and node.nulls == "out" and node.operator not in ("null", "notNull")
        and (field := compiled.catalogue.attribute(node.field)) is not None
    ]  # fmt: skip
    if not places:
        return
    statement = compiled.statement()
    told: list[exp.Expr] = [counted()]
    for place, (_, _, field) in enumerate(places):
        told.append(exp.alias_(exp.Count(this=exp.column(field.name, quoted=True)), f"k{place}"))
    row = one_row(source, statement, _profile(statement, compiled.at, told))
    for place, (path, _, field) in enumerate(places):
        share = 1 - row[f"k{place}"] / row["rows"] if row["rows"] else 0
        if share > MANY_UNKNOWN:
            values = {"share": round(100 * share), "meaning": field.null_meaning}
            yield Problem(path, "{share} % of customers have no value here and are left out.", values)


def _never(source: Source, compiled: Compiled) -> Iterator[Problem]:
    """Codes and texts that stand in no row, where they are named one by one."""
    for path, node, table, field in _named(compiled):
        wanted = node.value if isinstance(node.value, tuple) else (node.value,)
        if not 0 < len(wanted) <= MAX_CHECKED:
            continue
        statement = compiled.statement()
        text = exp.cast(exp.column(field.name, quoted=True), "varchar")
        inside = exp.In(this=text, expressions=[statement.bind(str(each)) for each in wanted])
        query = exp.select(exp.alias_(text.copy(), "value")).distinct().from_(table).where(inside)
        if table == HISTORY:
            query = query.where(exp.EQ(this=exp.column("month_end"), expression=statement.bind(compiled.at.month_end)))
        known = set(answer(source, statement, query).column(0).to_pylist())
        for each in wanted:
            if str(each) not in known:
                yield Problem((*path, "value"), "The value “{value}” does not occur.", {"value": str(each)[:60]})


def _named(compiled: Compiled) -> Iterator[tuple[Path, AttributeRule, str, Field]]:
    owners: dict[Path, tuple[str, Mapping[str, Field]]] = {}
    profile = PROFILE if compiled.at.is_current else HISTORY
    for path, node in walk(compiled.definition):
        if isinstance(node, EventRule | RelatedRule):
            entities = compiled.catalogue.events if isinstance(node, EventRule) else compiled.catalogue.related
            entity = entities[node.event if isinstance(node, EventRule) else node.entity]
            owners[path] = (entity.table, entity.fields)
        if not isinstance(node, AttributeRule) or node.operator not in ("=", "in") or node.value_source == "field":
            continue
        owner = next((owners[path[:end]] for end in range(len(path), 0, -1) if path[:end] in owners), None)
        table = owner[0] if owner else profile
        field = owner[1].get(node.field) if owner else compiled.catalogue.attribute(node.field)
        if field is not None and field.family == "text":
            yield path, node, table, field


def _stale(compiled: Compiled, freshness: Mapping[str, dt.date]) -> Iterator[Problem]:
    for path, node in outer_rules(compiled.definition):
        field = compiled.catalogue.attribute(node.field) if isinstance(node, AttributeRule) else None
        for name in field.sources if field else ():
            last = freshness.get(name)
            if last is not None and (compiled.at.date - last).days > STALE_DAYS:
                yield Problem(
                    path, "The data behind this end on {date} (source {source}).", {"date": last, "source": name}
                )


def _profile(statement: Statement, at: At, columns: list[Any]) -> exp.Select:
    query = exp.select(*columns).from_(PROFILE if at.is_current else HISTORY)
    if at.is_current:
        return query
    return query.where(exp.EQ(this=exp.column("month_end"), expression=statement.bind(at.month_end)))
