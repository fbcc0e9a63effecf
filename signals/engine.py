"""The compiler's front: rules on days become one SELECT, with no database in sight."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlglot import exp

from segments.catalogue import Catalogue
from segments.definition import Definition
from segments.errors import DefinitionError, Problem
from signals.compiler.bases import Bases
from signals.compiler.checking import missing_tables, problems_of
from signals.compiler.combining import FOUND, combined, combined_sql
from signals.compiler.draft import Draft
from signals.compiler.looking import COLUMNS, holds, look
from signals.compiler.shapes import Column, Shape, shape_of
from signals.definition import Condition, Rule
from signals.measures import Flow, Measure, measures

__all__ = ["CompiledRule", "check", "compile_rule", "compile_together", "explain", "missing_tables", "month_end_of"]

ALONE: Final = "rule"


@dataclass(frozen=True)
class CompiledRule:
    """Rules that were found right, on days: one SELECT with the columns of `FOUND`, a row a rule, day and customer.

    `notes` are problems that hinder nothing; `bases` names the common tables that read the marts, and `select` writes
    the statement without some of them, for who has put tables of these names in their place.
    """

    rules: Mapping[str, Rule]
    days: tuple[dt.date, ...]
    sql: str
    params: Mapping[str, Any]
    tables: frozenset[str]
    notes: tuple[Problem, ...]
    draft: Draft = field(repr=False, compare=False)
    query: exp.Query = field(repr=False, compare=False)
    flows: Mapping[str, tuple[tuple[Flow, Column], ...]] = field(default_factory=dict, repr=False, compare=False)
    bases: tuple[str, ...] = ()

    def select(self, without: frozenset[str]) -> tuple[str, dict[str, Any]]:
        """Statement and parameters for a place where tables of these names stand already."""
        return self.draft.finish(self.query, without)

    def base(self, name: str) -> tuple[str, dict[str, Any]]:
        """SELECT of one of the common tables that read the marts, with its parameters."""
        return self.draft.finish(f"select * from {name}")


def check(rule: Rule, registry: Mapping[str, Measure] | None = None) -> None:
    """Raise `DefinitionError` when the rule's measures or SQL cannot be: all that is known without days."""
    if problems := list(problems_of(rule, registry or measures())):
        raise DefinitionError(problems)


def compile_rule(
    rule: Rule,
    catalogue: Catalogue,
    month_ends: Sequence[dt.date],
    days: Sequence[dt.date],
    others: Mapping[str, Definition] | None = None,
    registry: Mapping[str, Measure] | None = None,
) -> CompiledRule:
    """One rule on days; its key in the answer is `ALONE`. See `compile_together`."""
    return compile_together({ALONE: rule}, catalogue, month_ends, days, others, registry)


def compile_together(
    rules: Mapping[str, Rule],
    catalogue: Catalogue,
    month_ends: Sequence[dt.date],
    days: Sequence[dt.date],
    others: Mapping[str, Definition] | None = None,
    registry: Mapping[str, Measure] | None = None,
) -> CompiledRule:
    """Rules that are due on the same days: every fact table is read once a day, every measure computed once.

    `month_ends` are the stored ones; audiences and comparable customers are those of the last one up to the day, and
    knowledge begins with the month of the first. `others` are the segments that audiences may name. Raises
    `DefinitionError` with every mistake; with several rules, its paths begin with the rule's key.
    """
    registry = registry or measures()
    problems = [
        each if len(rules) == 1 else Problem((key, *each.path), each.message, each.values, each.mend)
        for key, rule in rules.items() for each in problems_of(rule, registry)
    ]  # fmt: skip
    if problems:
        raise DefinitionError(problems)
    ends = {day: month_end_of(month_ends, day) for day in sorted(set(days))}
    if not rules or not ends:
        raise DefinitionError([Problem((), "There is nothing to evaluate: no rule or no day.")])
    bases = Bases(Draft(), catalogue, ends, min(month_ends).replace(day=1), others or {})
    return _Compiler(bases, rules, registry).compiled()


def explain(
    rule: Rule,
    catalogue: Catalogue,
    month_ends: Sequence[dt.date],
    day: dt.date,
    customer_id: int,
    others: Mapping[str, Definition] | None = None,
    registry: Mapping[str, Measure] | None = None,
) -> tuple[str, dict[str, Any]]:
    """SELECT of place, holds, value, baseline, expected, change_pct, deviations, word, word_before for one customer.

    A row a condition of which anything is known, and one of place -1, which says whether the customer is in the
    audience; it is absent when there is no such customer on that day. Raises `DefinitionError`.
    """
    registry = registry or measures()
    check(rule, registry)
    bases = Bases(
        Draft(), catalogue, {day: month_end_of(month_ends, day)}, min(month_ends).replace(day=1), others or {}
    )  # fmt: skip
    return _Compiler(bases, {ALONE: rule}, registry).explained(customer_id)


def month_end_of(month_ends: Sequence[dt.date], day: dt.date) -> dt.date:
    """The last stored month end up to the day. Raises `DefinitionError`."""
    stored = [each for each in month_ends if each <= day]
    if not stored:
        raise DefinitionError(
            [Problem((), "No month end is stored up to {date}.", {"date": day}, "Choose a later day.")]
        )
    return max(stored)


class _Compiler:
    """Joins the passes: which shapes there are, which columns they need, what each rule makes of them."""

    def __init__(self, bases: Bases, rules: Mapping[str, Rule], registry: Mapping[str, Measure]) -> None:
        self.bases, self.rules, self.registry = bases, rules, registry
        self.shapes: dict[Shape, list[Condition]] = {}
        self.users: dict[Shape, list[Rule]] = {}
        self.looked: dict[tuple[Condition, str | None], str] = {}
        self.flows: dict[str, tuple[tuple[Flow, Column], ...]] = {}
        self.names: tuple[str, ...] = ()

    def compiled(self) -> CompiledRule:
        bases = self.bases
        audiences = self._prepared()
        query = self._query(audiences)
        sql, params = bases.draft.finish(query)
        return CompiledRule(
            dict(self.rules), bases.days, sql, params, frozenset(bases.draft.tables), _distinct(bases.notes),
            bases.draft, query, self.flows, self.names,
        )  # fmt: skip

    def explained(self, customer_id: int) -> tuple[str, dict[str, Any]]:
        """SELECT of every condition of the only rule for one customer, whether it holds or not; see `explain`."""
        draft = self.bases.draft
        audience = next(iter(self._prepared(customer_id).values()))
        rule = next(iter(self.rules.values()))
        inside = f"customer_id in (select customer_id from {audience})" if audience else "true"
        if rule.audience.customer_type:
            inside += f" and customer_type = {draft.bind(rule.audience.customer_type)}"
        who = f"from pool where customer_id = {draft.bind(customer_id)}"
        parts = [f"select -1 as place, ({inside}) as holds, {_nothing()} {who}"]
        for place, condition in enumerate(rule.conditions):
            kind = shape_of(condition, rule.audience.customer_type).customer_type
            looked = self.looked[condition, kind]
            held = f"coalesce({holds(draft, condition)}, false) as holds"
            parts.append(f"select {place} as place, {held}, {', '.join(COLUMNS[2:])} from {looked}")
        return draft.finish(" union all ".join(parts))

    def _prepared(self, only: int | None = None) -> dict[str, str | None]:
        """Make the common tables of both halves; the audiences of the rules by key."""
        bases = self.bases
        bases.pool(rule.audience.customer_type for rule in self.rules.values())
        audiences = {key: bases.audience(rule.audience) for key, rule in self.rules.items()}
        for rule in self.rules.values():
            for condition in rule.conditions:
                shape = shape_of(condition, rule.audience.customer_type)
                self.shapes.setdefault(shape, []).append(condition)
                self.users.setdefault(shape, []).append(rule)
        sources = self._sources(audiences)
        inner = ("days", "points_", "measured_")
        self.names = tuple(name for name in bases.draft.parts if not name.startswith(inner))
        for place, (shape, conditions) in enumerate(self.shapes.items()):
            measure, name = self.registry[shape.measure], f"looked_{place}"
            look(bases.draft, name, shape, measure, sources[shape], conditions, only)
            self.looked |= {(each, shape.customer_type): name for each in conditions}
        return audiences

    def _sources(self, audiences: Mapping[str, str | None]) -> dict[Shape, str]:
        """The common table with the columns of each shape, after making it."""
        columns: dict[str, dict[Column, None]] = {}
        named: dict[Shape, str] = {}
        for shape in self.shapes:
            measure = self.registry[shape.measure]
            name = f"flow_{measure.table}" if isinstance(measure, Flow) else f"state_{measure.name}"
            columns.setdefault(name, {}).update(dict.fromkeys(shape.columns(measure)))
            named[shape] = name
        for name, needed in columns.items():
            shapes = [shape for shape, source in named.items() if source == name]
            first = self.registry[shapes[0].measure]
            if isinstance(first, Flow):
                flows = {each.measure: self.registry[each.measure] for each in needed}
                only = {key: each for key, each in flows.items() if isinstance(each, Flow)}
                self.bases.flow(name, only, list(needed), self._scope(shapes, audiences))
                self.flows[name] = tuple((only[each.measure], each) for each in needed)
            else:
                self.bases.state(name, first, list(needed))
        return named

    def _scope(self, shapes: Sequence[Shape], audiences: Mapping[str, str | None]) -> list[str]:
        """Common tables outside of which nobody need be looked at; none when that would leave nobody out."""
        keys = {id(rule): audiences[key] for key, rule in self.rules.items()}
        narrow = {keys[id(rule)] for shape in shapes for rule in self.users[shape]}
        if None not in narrow and not any(shape.wants_peers for shape in shapes):
            return sorted(each for each in narrow if each is not None)
        types = {rule.audience.customer_type for rule in self.rules.values()}
        return ["pool"] if types == {"organisation"} else []

    def _query(self, audiences: Mapping[str, str | None]) -> exp.Query:
        parts: list[exp.Query] = []
        for key, rule in self.rules.items():
            if rule.kind == "sql":
                parts += combined_sql(self.bases, key, rule, audiences[key])
            else:
                kinds = {each: shape_of(each, rule.audience.customer_type).customer_type for each in rule.conditions}
                looked = {each: self.looked[each, kinds[each]] for each in rule.conditions}
                parts.append(combined(self.bases.draft, key, rule, looked, audiences[key]))
        whole = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False, copy=False)
        return (
            exp.select(*FOUND).from_(exp.Subquery(this=whole, alias="found")).order_by("day", "rule_key", "customer_id")
        )


def _nothing() -> str:
    """The columns of a condition, unknown."""
    kinds = ["varchar" if each.startswith("word") else "double" for each in COLUMNS[2:]]
    return ", ".join(f"cast(null as {kind}) as {name}" for kind, name in zip(kinds, COLUMNS[2:], strict=True))


def _distinct(notes: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple({str(each): each for each in notes}.values())
