"""What JsonLogic's comparisons look at: attributes, measures of events, counts of objects, and constants."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from segments.catalogue import Catalogue, Entity, Field, unknown
from segments.definition.nodes import MEASURED
from segments.errors import DefinitionError, Path, Problem
from segments.jsonlogic.comparing import Operand
from segments.jsonlogic.conditions import Condition, Node

NO_EQUIVALENT: Final = "“{operator}” has no equivalent among the conditions of a segment."
SHAPE: Final = "“{operator}” is not given what it needs here."


@dataclass(frozen=True)
class Scope:
    """Whose fields `var` means: the customer's, or those of one event or object."""

    fields: Mapping[str, Field]
    entity: Entity | None


@dataclass(frozen=True)
class Operands:
    """Reads operands; whoever reads conditions is one of these, since a filter inside an operand is a condition."""

    catalogue: Catalogue

    def condition(self, logic: Any, path: Path, scope: Scope) -> Condition:
        """A piece of logic as a condition."""
        raise NotImplementedError

    def entity_name(self, arguments: list[Any], path: Path, scope: Scope) -> str:
        """The entity that `some`, `all`, `none` and `count` look into."""
        looked_at: Any = arguments[0] if arguments else None
        if scope.entity is None and is_logic(looked_at) and opened(looked_at)[0] == "var":
            name = (opened(looked_at)[1] or [None])[0]
            if isinstance(name, str):
                return name
        return str(
            self.refuse(
                (*path, 0),
                "A kind of related objects is expected here, such as {example}.",
                example='{"var": "subscriptions"}',
            )
        )

    def where(self, arguments: list[Any], path: Path, entity: Entity) -> Condition:
        """The logic over one event or object; none given takes all."""
        logic = arguments[0] if arguments and arguments[0] is not None else True
        return self.condition(logic, path, Scope(entity.fields, entity))

    def value(self, logic: Any, path: Path, scope: Scope) -> Any:
        """An operand, or a constant; a relative date is the constant {"relative": …}."""
        if isinstance(logic, list):
            return [self.value(each, (*path, place), scope) for place, each in enumerate(logic)]
        if not isinstance(logic, dict):
            return logic
        if not is_logic(logic):
            return self.refuse(path, SHAPE, operator="{}")
        operator, arguments = opened(logic)
        if operator == "relative_date":
            if len(arguments) != 2:
                return self.refuse((*path, operator), SHAPE, operator=operator)
            return {"relative": {"offset": arguments[0], "unit": arguments[1]}}
        return self.operand(operator, arguments, (*path, operator), scope)

    def operand(self, operator: str, arguments: list[Any], path: Path, scope: Scope) -> Operand:
        """What an operator that gives a value stands for."""
        if operator == "var" and arguments and isinstance(arguments[0], str) and arguments[0]:
            return self._attribute(arguments, path, scope)
        if operator == "event" and scope.entity is None and len(arguments) in (4, 5):
            return self._event(arguments, path)
        if operator == "count" and scope.entity is None and arguments:
            name = self.entity_name(arguments, path, scope)
            if name not in self.catalogue.related:
                self.unknown_name((*path, 0), name, self.catalogue.related)
            where = self.filter(arguments[1:], (*path, 1), self.catalogue.related[name])
            rule = {"kind": "related", "entity": name, "quantifier": "count", **where}
            return Operand(rule, "number", is_always_known=True)
        return self.refuse(path, SHAPE if operator in ("var", "event", "count") else NO_EQUIVALENT, operator=operator)

    def _attribute(self, arguments: list[Any], path: Path, scope: Scope) -> Operand:
        name = arguments[0]
        found = scope.fields.get(name) or (self.catalogue.attribute(name) if scope.entity is None else None)
        if found is None:
            return self.unknown_name(path, name, scope.fields)
        default = arguments[1] if len(arguments) > 1 else None
        if isinstance(default, dict | list):
            self.refuse((*path, 1), SHAPE, operator="var")
        return Operand({"kind": "attribute", "field": found.name}, found.family, found.unit == "id", default)

    def _event(self, arguments: list[Any], path: Path) -> Operand:
        name, function, field, window, *rest = arguments
        entity = self.catalogue.events.get(name) if isinstance(name, str) else None
        if entity is None:
            return self.unknown_name((*path, 0), str(name), self.catalogue.events)
        measure = {"function": function} | ({"field": field} if field is not None else {})
        rule = {"kind": "event", "event": name, "measure": measure, "window": self.window(window, (*path, 3))}
        rule |= self.filter(rest, (*path, 4), entity)
        if function not in ("count", "days", "first", "last", *MEASURED):
            self.refuse((*path, 1), SHAPE, operator="event")
        family = "date" if function in ("first", "last") else "number"
        return Operand(rule, family, is_always_known=function in ("count", "days", "sum"))

    def filter(self, arguments: list[Any], path: Path, entity: Entity) -> Node:
        """The same as the `where` of a rule; what no row meets is a contradiction."""
        where = self.where(arguments, path, entity)
        if where is False:
            where = {"combinator": "and", "rules": contradiction(entity)}
        return as_filter(where)

    def window(self, found: Any, path: Path) -> Node:
        """A window as the definition writes it."""
        match found:
            case ["all"]:
                return {"all": True}
            case ["last" | "next" as kind, count, unit]:
                return {kind: count, "unit": unit}
            case ["this" | "previous" as kind, unit]:
                return {kind: unit}
            case ["between", near, far, unit]:
                return {"between": [near, far], "unit": unit}
            case ["dates", first, last]:
                return {name: day for name, day in (("from", first), ("to", last)) if day is not None}
        return dict(self.refuse(path, "This period is not understood."))

    def refusal(self, path: Path) -> Any:
        """`refuse` at that place."""
        return lambda message, **values: self.refuse(path, message, **values)

    def refuse(self, path: Path, message: str, **values: Any) -> Any:
        """Raise `DefinitionError`."""
        raise DefinitionError([Problem(path, message, values)])

    def unknown_name(self, path: Path, name: str, known: Mapping[str, Any]) -> Any:
        """Raise `DefinitionError` for a name that the catalogue has not."""
        raise DefinitionError([unknown(path, name, known)])


def contradiction(entity: Entity) -> list[Node]:
    """Conditions that no row meets."""
    rule = {"kind": "attribute", "field": next(iter(entity.fields))}
    return [{**rule, "operator": "null"}, {**rule, "operator": "notNull"}]


def is_part(text: Any, operand: Operand) -> bool:
    """Whether a constant can be a part of what the operand holds; parts of identifiers may be digits."""
    is_digits = operand.is_identifier and isinstance(text, int) and not isinstance(text, bool)
    return operand.family == "text" and ((isinstance(text, str) and text != "") or is_digits)


def as_filter(where: Condition) -> Node:
    """A condition as the `where` of a rule."""
    if isinstance(where, bool):
        return {}
    return {"where": where if "rules" in where else {"combinator": "and", "rules": [where]}}


def is_logic(logic: Any) -> bool:
    """Whether it is an operator with its arguments."""
    return isinstance(logic, dict) and len(logic) == 1


def opened(logic: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The operator and its arguments; a single one needs no brackets."""
    ((operator, arguments),) = logic.items()
    return str(operator), arguments if isinstance(arguments, list) else [arguments]
