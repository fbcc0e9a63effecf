"""First pass: names become columns of the catalogue, values get types, dates become days; every mistake is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import sqlglot
from sqlglot import exp

from segments.catalogue import Catalogue, Entity, Field, unknown
from segments.compiler.moments import At, past
from segments.compiler.normalise import normalised
from segments.compiler.tree import (
    AllOf,
    Always,
    AnyOf,
    Attribute,
    EventPart,
    Every,
    Exists,
    ListPart,
    Measured,
    Not,
    RelatedPart,
    SegmentPart,
    SqlPart,
    Tree,
)
from segments.compiler.values import between_fields, cast_of, test
from segments.definition import (
    AttributeRule,
    Definition,
    EventRule,
    Group,
    ListRule,
    Node,
    RelatedRule,
    SegmentRule,
    Window,
)
from segments.definition.nodes import MEASURED
from segments.errors import DefinitionError, Path, Problem

_COUNT: Final = Field("", "integer", "bigint")
_DAY: Final = Field("", "date", "date")
_AVERAGE: Final = {"average": "double"}
ALL_TIME: Final = Window("all")


@dataclass
class Resolver:
    """Resolves nodes of one definition on one day; `others` are the segments that it may name."""

    catalogue: Catalogue
    at: At
    others: Mapping[str, Definition] = field(default_factory=dict)
    lists: frozenset[str] | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    segments: dict[str, Tree] = field(default_factory=dict)
    under_way: list[str] = field(default_factory=list)

    def definition(self, definition: Definition, path: Path = ("root",)) -> Tree:
        """The tree of a whole definition."""
        if definition.kind == "sql":
            return self._sql(definition.sql or "")
        return self.node(definition.root or Group("and", ()), path)

    def finished(self) -> None:
        """Raise `DefinitionError` when anything was wrong."""
        if self.problems:
            raise DefinitionError(self.problems)

    def node(self, node: Node, path: Path) -> Tree:
        """The tree of one node; a disabled one, or an empty group, leaves nobody out."""
        if node.disabled:
            return Always(True)
        match node:
            case Group():
                return self._group(node, path, None)
            case AttributeRule():
                return self._attribute(node, path)
            case EventRule():
                return self._event(node, path)
            case RelatedRule():
                return self._related(node, path)
            case SegmentRule():
                return self._signed(self._segment(node, path), node.operator)
            case ListRule():
                return self._signed(self._list(node, path), node.operator)

    def _group(self, group: Group, path: Path, owner: Entity | None) -> Tree:
        inside = []
        for place, each in enumerate(group.rules):
            if is_absent(each):
                continue
            below = (*path, "rules", place)
            if owner is None:
                inside.append(self.node(each, below))
            elif isinstance(each, Group):
                inside.append(self._group(each, below, owner))
            elif isinstance(each, AttributeRule):
                inside.append(self._compared(each, owner.fields, below))
        if not inside:
            return Always(True)
        joined: Tree = AllOf(tuple(inside)) if group.combinator == "and" else AnyOf(tuple(inside))
        return Not(joined) if group.negated else joined

    def _attribute(self, rule: AttributeRule, path: Path) -> Tree:
        found = self.catalogue.attribute(rule.field)
        if found is not None and found.name != rule.field:
            self._note(path, "“{name}” is now called “{now}”.", name=rule.field, now=found.name)
        if found is not None and (found.deprecated_note or found.replaced_by):
            self._note(path, "“{name}” is going out of use.", name=found.name, instead=found.replaced_by or "")
        return self._compared(rule, self.catalogue.attributes, path, found)

    def _compared(
        self, rule: AttributeRule, fields: Mapping[str, Field], path: Path, found: Field | None = None
    ) -> Tree:
        found = found or fields.get(rule.field)
        if found is None:
            return self._unknown((*path, "field"), rule.field, fields)
        if rule.value_source == "field":
            other = fields.get(str(rule.value)) or (
                self.catalogue.attribute(str(rule.value)) if fields is self.catalogue.attributes else None
            )
            if other is None:
                return self._unknown((*path, "value"), str(rule.value), fields)
            asked = between_fields(found, rule.operator, other, rule.nulls, path, self.problems.append)
        else:
            asked = test(found, rule.operator, rule.value, rule.nulls, self.at.date, path, self.problems.append)
        return Attribute(found.name, asked) if asked is not None else Always(False)

    def _event(self, rule: EventRule, path: Path) -> Tree:
        entity = self.catalogue.events.get(rule.event)
        if entity is None or entity.date_column is None:
            return self._unknown((*path, "event"), rule.event, self.catalogue.events)
        where = self._inside(rule.where, entity, path)
        part = self._event_part(entity, rule.window, where)
        if rule.function == "never":
            return Not(Exists(part))
        if rule.function == "stopped":
            former = self._event_part(entity, rule.before or ALL_TIME, where)
            return AllOf((Exists(former), Not(Exists(part))))
        return self._measured(rule, entity, part, path)

    def _measured(self, rule: EventRule, entity: Entity, part: EventPart, path: Path) -> Tree:
        column, measured = None, _DAY if rule.function in ("first", "last") else _COUNT
        if rule.function in MEASURED:
            found = entity.fields.get(rule.field or "")
            if found is None:
                return self._unknown((*path, "measure", "field"), rule.field or "", entity.fields)
            if found.family != "number":
                return self._bad(
                    (*path, "measure", "field"), "“{name}” is not a number: it cannot be added up.", name=found.name
                )
            column, measured = found.name, replace(found, sql_type=_AVERAGE.get(rule.function, found.sql_type))
        asked = test(measured, rule.operator or "=", rule.value, rule.nulls, self.at.date, path, self.problems.append)
        if asked is None:
            return Always(False)
        zero = rule.function in ("count", "days", "sum")
        if zero and rule.operator in ("null", "notNull"):
            return self._bad((*path, "operator"), "A count is always known.", name=rule.event)
        return Measured(part, rule.function, column, replace(asked, cast=None), zero)

    def _event_part(self, entity: Entity, window: Window, where: Tree | None) -> EventPart:
        start, end = past(window, self.at.date)
        date = entity.date_column or ""
        is_moment = date in entity.fields and cast_of(entity.fields[date]) is not None
        return EventPart(
            entity.table, entity.customer_column, date, is_moment, entity.month_column, start, end, where
        )  # fmt: skip

    def _related(self, rule: RelatedRule, path: Path) -> Tree:
        entity = self.catalogue.related.get(rule.entity)
        if entity is None:
            return self._unknown((*path, "entity"), rule.entity, self.catalogue.related)
        if entity.is_as_of_today and not self.at.is_current:
            self._note(path, "“{name}” is known only as it stands today.", name=rule.entity)
        where = self._inside(rule.where, entity, path)
        whole = RelatedPart(
            entity.table, entity.customer_column, entity.valid_from_column, entity.valid_to_column,
            None if entity.valid_from_column else entity.date_column, self.at.date, None,
        )  # fmt: skip
        part = replace(whole, where=where)
        if rule.quantifier == "any":
            return Exists(part)
        if rule.quantifier == "none":
            return Not(Exists(part))
        if rule.quantifier == "all":
            return Every(part, whole) if where is not None else Exists(whole)
        asked = test(_COUNT, rule.operator or "=", rule.value, "out", self.at.date, path, self.problems.append)
        return Measured(part, "count", None, asked, True) if asked is not None else Always(False)

    def _inside(self, where: Group | None, entity: Entity, path: Path) -> Tree | None:
        if where is None or is_absent(where):
            return None
        tree = normalised(self._group(where, (*path, "where"), entity))
        return None if tree == Always(True) else tree

    def _segment(self, rule: SegmentRule, path: Path) -> Tree:
        key, place = rule.segment, (*path, "segment")
        if key in self.under_way:
            circle = " → ".join([*self.under_way[self.under_way.index(key) :], key])
            return self._bad(place, "Segments name each other in a circle: {circle}.", circle=circle)
        if key not in self.others:
            return self._bad(place, "There is no segment “{name}”.", name=key)
        if key not in self.segments:
            inner = replace(self, problems=[], under_way=[*self.under_way, key])
            tree = inner.definition(self.others[key])
            if inner.problems:
                circles = [each for each in inner.problems if "circle" in each.values]
                first = circles[0] if circles else inner.problems[0]
                self.problems.append(
                    replace(first, path=place)
                    if circles
                    else Problem(
                        place,
                        "The segment “{name}” has a mistake of its own: {what}",
                        {"name": key, "what": first},
                    )
                )
                return Always(False)
            self.segments[key] = tree
        return Exists(SegmentPart(key))

    def _list(self, rule: ListRule, path: Path) -> Tree:
        if self.lists is not None and rule.list_key not in self.lists:
            return self._bad((*path, "list"), "There is no list “{name}”.", name=rule.list_key)
        if not self.at.is_current:
            self._note(path, "The list “{name}” is known only as it stands today.", name=rule.list_key)
        return Exists(ListPart(rule.list_key))

    def _sql(self, text: str) -> Tree:
        path: Path = ("sql",)
        try:
            statements = [each for each in sqlglot.parse(text, dialect="duckdb") if each is not None]
        except (sqlglot.errors.SqlglotError, RecursionError) as error:
            return self._bad(path, "The SQL is not understood: {what}", what=str(error).splitlines()[0][:200])
        if len(statements) != 1 or not isinstance(statements[0], exp.Query):
            return self._bad(path, "One SELECT is expected.")
        if "customer_id" not in [name.lower() for name in statements[0].named_selects]:
            return self._bad(path, "The SELECT must give a column customer_id.")
        if next(statements[0].find_all(exp.Placeholder, exp.Parameter), None) is not None:
            return self._bad(path, "Parameters have no meaning here: write the values.")
        if not self.at.is_current:
            self._note(path, "An SQL segment is known only as it stands today.")
        return Exists(SqlPart(statements[0].sql("duckdb", comments=False)))

    @staticmethod
    def _signed(tree: Tree, operator: str) -> Tree:
        return Not(tree) if operator == "notIn" and not isinstance(tree, Always) else tree

    def _unknown(self, path: Path, name: str, known: Mapping[str, Any]) -> Tree:
        self.problems.append(unknown(path, name, known))
        return Always(False)

    def _bad(self, path: Path, message: str, **values: Any) -> Tree:
        self.problems.append(Problem(path, message, values))
        return Always(False)

    def _note(self, path: Path, message: str, **values: Any) -> None:
        self.notes.append(Problem(path, message, values))


def is_absent(node: Node) -> bool:
    """A disabled node, or a group with nothing in it, is as if it were not there."""
    if node.disabled:
        return True
    return isinstance(node, Group) and all(is_absent(each) for each in node.rules)
