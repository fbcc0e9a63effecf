"""From JsonLogic to a definition."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from segments.catalogue import Catalogue, Entity, Field, unknown
from segments.definition import Definition, parse
from segments.definition.nodes import MEASURED
from segments.errors import DefinitionError, Path, Problem
from segments.jsonlogic import scripting
from segments.jsonlogic.comparing import Operand, between, one_of, truthy, with_constant, with_operand
from segments.jsonlogic.conditions import Condition, Node, complement, joined, plain, with_unknown

_COMPARISONS: Final = frozenset({"==", "===", "!=", "!==", "<", "<=", ">", ">="})
_NO_EQUIVALENT: Final = "“{operator}” has no equivalent among the conditions of a segment."
_SHAPE: Final = "“{operator}” is not given what it needs here."
MAX_DEPTH: Final = 60
MAX_WAYS: Final = 50


def import_jsonlogic(logic: Any, catalogue: Catalogue) -> Definition:
    """The definition that means what the rule means. Raises `DefinitionError`; its paths are places in the rule."""
    found = _Reader(catalogue).condition(logic, (), _Scope(catalogue.attributes, None))
    if isinstance(found, bool):
        found = {"combinator": "and", "rules": [] if found else _nobody(catalogue)}
    root = found if "rules" in found else {"combinator": "and", "rules": [found]}
    return parse({"version": 1, "kind": "rules", "root": plain(root)})


def _nobody(catalogue: Catalogue) -> list[Node]:
    """A format without constants says «nobody» by what contradicts itself."""
    rule = {"kind": "attribute", "field": next(iter(catalogue.attributes))}
    return [{**rule, "operator": "null"}, {**rule, "operator": "notNull"}]


@dataclass(frozen=True)
class _Scope:
    fields: Mapping[str, Field]
    entity: Entity | None


@dataclass(frozen=True)
class _Reader:
    catalogue: Catalogue

    def condition(self, logic: Any, path: Path, scope: _Scope) -> Condition:
        """A piece of logic, by whether it is truthy."""
        if len(path) > 2 * MAX_DEPTH:
            self._refuse(path, "The rule is nested too deeply.")
        if not _is_logic(logic):
            return scripting.truthy(logic)
        operator, arguments = _opened(logic)
        place = (*path, operator)
        match operator:
            case "and" | "or":
                return self._group(operator, arguments, place, scope)
            case "!":
                return complement(self._only(arguments, place, scope))
            case "!!":
                return self._only(arguments, place, scope)
            case "if" | "?:":
                return self._choice(arguments, place, scope)
            case "in":
                return self._in(arguments, place, scope)
            case "missing" | "missing_some":
                return self._missing(operator, arguments, place, scope)
            case "some" | "all" | "none":
                return self._quantified(operator, arguments, place, scope)
            case "var" | "event" | "count":
                return truthy(self._operand(operator, arguments, place, scope))
        if operator in _COMPARISONS:
            return self._compared(operator, arguments, place, scope)
        return self._own(operator, arguments, place, scope)

    def _group(self, operator: str, arguments: list[Any], path: Path, scope: _Scope) -> Condition:
        if not arguments:
            return False
        inside = [self.condition(each, (*path, place), scope) for place, each in enumerate(arguments)]
        guarded = with_unknown(operator, inside)
        return guarded if guarded is not None else joined(operator, inside)

    def _only(self, arguments: list[Any], path: Path, scope: _Scope) -> Condition:
        return self.condition(arguments[0] if arguments else None, (*path, 0), scope)

    def _choice(self, arguments: list[Any], path: Path, scope: _Scope) -> Condition:
        found = [self.condition(each, (*path, place), scope) for place, each in enumerate(arguments)]
        answer = found.pop() if len(found) % 2 else False
        while found:
            then, asked = found.pop(), found.pop()
            ways = [joined("and", [asked, then]), joined("and", [complement(asked), answer])]
            answer = joined("or", ways)
        return answer

    def _compared(self, operator: str, arguments: list[Any], path: Path, scope: _Scope) -> Condition:
        values = [self._value(each, (*path, place), scope) for place, each in enumerate(arguments)]
        values += [None] * (2 - len(values))
        if len(values) > 2 and operator in ("<", "<="):
            one, middle, two = values[:3]
            is_plain = not any(isinstance(each, Operand | list) for each in (one, two))
            if operator == "<=" and isinstance(middle, Operand) and is_plain:
                return between(middle, one, two, self._refusal(path))
            return joined("and", [self._pair(operator, each, path) for each in ((one, middle), (middle, two))])
        return self._pair(operator, (values[0], values[1]), path)

    def _pair(self, operator: str, pair: tuple[Any, Any], path: Path) -> Condition:
        one, two = pair
        if isinstance(one, list) or isinstance(two, list):
            return self._refuse(path, _SHAPE, operator=operator)
        if isinstance(one, Operand) and isinstance(two, Operand):
            return with_operand(one, operator, two, self._refusal(path))
        if isinstance(two, Operand):
            return with_constant(two, scripting.FLIPPED.get(operator, operator), one, self._refusal((*path, 0)))
        if isinstance(one, Operand):
            return with_constant(one, operator, two, self._refusal((*path, 1)))
        if isinstance(one, dict) or isinstance(two, dict):
            return self._refuse(path, _SHAPE, operator=operator)
        return scripting.compared(operator, one, two)

    def _in(self, arguments: list[Any], path: Path, scope: _Scope) -> Condition:
        values = [self._value(each, (*path, place), scope) for place, each in enumerate(arguments)]
        needle, hay = [*values, None, None][:2]
        if isinstance(needle, Operand):
            if isinstance(hay, list) and not any(isinstance(each, Operand | dict | list) for each in hay):
                return one_of(needle, hay, self._refusal(path))
            return False if hay is None else self._refuse((*path, 1), _SHAPE, operator="in")
        if isinstance(hay, Operand):
            if _is_part(needle, hay):
                return hay.asked("contains", needle, scripting.contained(needle, hay.default))
            return self._refuse(path, _SHAPE, operator="in")
        if isinstance(hay, list) and any(isinstance(each, Operand) for each in hay):
            return self._refuse((*path, 1), _SHAPE, operator="in")
        return scripting.contained(needle, hay)

    def _missing(self, operator: str, arguments: list[Any], path: Path, scope: _Scope) -> Condition:
        fewest, keys = 0, arguments
        if operator == "missing_some":
            if len(arguments) != 2 or not isinstance(arguments[1], list) or type(arguments[0]) is not int:
                return self._refuse(path, _SHAPE, operator=operator)
            fewest, keys = arguments
        elif arguments and isinstance(arguments[0], list):
            keys = arguments[0]
        asked = [self._operand("var", [each], (*path, place), scope).unknown() for place, each in enumerate(keys)]
        if operator == "missing":
            return joined("or", asked)
        absent = len(keys) - fewest + 1
        if math.comb(len(keys), max(absent, 0)) > MAX_WAYS:
            return self._refuse(path, "Too many keys are listed here.")
        return joined("or", [joined("and", each) for each in combinations(asked, max(absent, 0))])

    def _quantified(self, operator: str, arguments: list[Any], path: Path, scope: _Scope) -> Condition:
        name = self._entity_name(arguments, path, scope)
        entity = self.catalogue.related.get(name) or self.catalogue.events.get(name)
        if entity is None:
            return self._unknown((*path, 0), name, self.catalogue.related)
        where = self._where(arguments[1:], (*path, 1), entity)
        if where is False:
            return operator == "none"
        inside = _where(where)
        if entity.kind == "related":
            quantifier = {"some": "any"}.get(operator, operator)
            return {"kind": "related", "entity": name, "quantifier": quantifier, **inside}
        rule: Node = {"kind": "event", "event": name}
        if operator == "none":
            return {**rule, "measure": {"function": "never"}, "window": {"all": True}, **inside}
        if operator == "some":
            counted = {"measure": {"function": "count"}, "window": {"all": True}, "operator": ">=", "value": 1}
            return {**rule, **counted, **inside}
        return self._refuse(path, _NO_EQUIVALENT, operator=operator)

    def _entity_name(self, arguments: list[Any], path: Path, scope: _Scope) -> str:
        looked_at: Any = arguments[0] if arguments else None
        if scope.entity is None and _is_logic(looked_at) and _opened(looked_at)[0] == "var":
            name = (_opened(looked_at)[1] or [None])[0]
            if isinstance(name, str):
                return name
        return str(
            self._refuse(
                (*path, 0),
                "A kind of related objects is expected here, such as {example}.",
                example='{"var": "subscriptions"}',
            )
        )

    def _where(self, arguments: list[Any], path: Path, entity: Entity) -> Condition:
        logic = arguments[0] if arguments and arguments[0] is not None else True
        return self.condition(logic, path, _Scope(entity.fields, entity))

    def _value(self, logic: Any, path: Path, scope: _Scope) -> Any:
        """An operand, or a constant; a relative date is the constant {"relative": …}."""
        if isinstance(logic, list):
            return [self._value(each, (*path, place), scope) for place, each in enumerate(logic)]
        if not isinstance(logic, dict):
            return logic
        if not _is_logic(logic):
            return self._refuse(path, _SHAPE, operator="{}")
        operator, arguments = _opened(logic)
        if operator == "relative_date":
            if len(arguments) != 2:
                return self._refuse((*path, operator), _SHAPE, operator=operator)
            return {"relative": {"offset": arguments[0], "unit": arguments[1]}}
        return self._operand(operator, arguments, (*path, operator), scope)

    def _operand(self, operator: str, arguments: list[Any], path: Path, scope: _Scope) -> Operand:
        if operator == "var" and arguments and isinstance(arguments[0], str) and arguments[0]:
            return self._attribute(arguments, path, scope)
        if operator == "event" and scope.entity is None and len(arguments) in (4, 5):
            return self._event(arguments, path)
        if operator == "count" and scope.entity is None and arguments:
            name = self._entity_name(arguments, path, scope)
            if name not in self.catalogue.related:
                self._unknown((*path, 0), name, self.catalogue.related)
            where = self._condition_where(arguments[1:], (*path, 1), self.catalogue.related[name])
            rule = {"kind": "related", "entity": name, "quantifier": "count", **where}
            return Operand(rule, "number", is_always_known=True)
        return self._refuse(
            path, _SHAPE if operator in ("var", "event", "count") else _NO_EQUIVALENT, operator=operator
        )

    def _attribute(self, arguments: list[Any], path: Path, scope: _Scope) -> Operand:
        name = arguments[0]
        found = scope.fields.get(name) or (self.catalogue.attribute(name) if scope.entity is None else None)
        if found is None:
            return self._unknown(path, name, scope.fields)
        default = arguments[1] if len(arguments) > 1 else None
        if isinstance(default, dict | list):
            self._refuse((*path, 1), _SHAPE, operator="var")
        return Operand({"kind": "attribute", "field": found.name}, found.family, found.unit == "id", default)

    def _event(self, arguments: list[Any], path: Path) -> Operand:
        name, function, field, window, *rest = arguments
        entity = self.catalogue.events.get(name) if isinstance(name, str) else None
        if entity is None:
            return self._unknown((*path, 0), str(name), self.catalogue.events)
        measure = {"function": function} | ({"field": field} if field is not None else {})
        rule = {"kind": "event", "event": name, "measure": measure, "window": self._window(window, (*path, 3))}
        rule |= self._condition_where(rest, (*path, 4), entity)
        if function not in ("count", "days", "first", "last", *MEASURED):
            self._refuse((*path, 1), _SHAPE, operator="event")
        family = "date" if function in ("first", "last") else "number"
        return Operand(rule, family, is_always_known=function in ("count", "days", "sum"))

    def _condition_where(self, arguments: list[Any], path: Path, entity: Entity) -> Node:
        where = self._where(arguments, path, entity)
        if where is False:
            where = {"combinator": "and", "rules": _contradiction(entity)}
        return _where(where)

    def _own(self, operator: str, arguments: list[Any], path: Path, scope: _Scope) -> Condition:
        match operator, arguments:
            case "in_segment", [str(key)] if scope.entity is None:
                return {"kind": "segment", "segment": key, "operator": "in"}
            case "in_list", [str(key)] if scope.entity is None:
                return {"kind": "list", "list": key, "operator": "in"}
            case "begins_with" | "ends_with", [looked_at, text]:
                operand = self._value(looked_at, (*path, 0), scope)
                if isinstance(operand, Operand) and _is_part(text, operand):
                    return operand.asked("beginsWith" if operator == "begins_with" else "endsWith", text, False)
            case "within", [looked_at, window]:
                operand = self._value(looked_at, (*path, 0), scope)
                if isinstance(operand, Operand) and operand.family == "date":
                    return operand.asked("within", self._window(window, (*path, 1)), False)
            case "event_never" | "event_stopped", [str(name), *_] if scope.entity is None:
                return self._silent(operator, name, arguments, path)
            case "in_segment" | "in_list" | "begins_with" | "ends_with" | "within" | "event_never" | "event_stopped", _:
                pass
            case _:
                return self._refuse(path, _NO_EQUIVALENT, operator=operator)
        return self._refuse(path, _SHAPE, operator=operator)

    def _silent(self, operator: str, name: str, arguments: list[Any], path: Path) -> Condition:
        entity = self.catalogue.events.get(name)
        if entity is None:
            return self._unknown((*path, 0), name, self.catalogue.events)
        windows = 1 if operator == "event_never" else 2
        if len(arguments) not in (1 + windows, 2 + windows):
            return self._refuse(path, _SHAPE, operator=operator)
        found = [self._window(each, (*path, place)) for place, each in enumerate(arguments[1 : 1 + windows], 1)]
        rule: Node = {"kind": "event", "event": name, "measure": {"function": operator.removeprefix("event_")}}
        rule |= dict(zip(("window", "before"), found, strict=False))
        return rule | self._condition_where(arguments[1 + windows :], (*path, 1 + windows), entity)

    def _window(self, found: Any, path: Path) -> Node:
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
        return dict(self._refuse(path, "This period is not understood."))

    def _refusal(self, path: Path) -> Any:
        return lambda message, **values: self._refuse(path, message, **values)

    def _refuse(self, path: Path, message: str, **values: Any) -> Any:
        raise DefinitionError([Problem(path, message, values)])

    def _unknown(self, path: Path, name: str, known: Mapping[str, Any]) -> Any:
        raise DefinitionError([unknown(path, name, known)])


def _contradiction(entity: Entity) -> list[Node]:
    rule = {"kind": "attribute", "field": next(iter(entity.fields))}
    return [{**rule, "operator": "null"}, {**rule, "operator": "notNull"}]


def _is_part(text: Any, operand: Operand) -> bool:
    """Whether a constant can be a part of what the operand holds; parts of identifiers may be digits."""
    is_digits = operand.is_identifier and isinstance(text, int) and not isinstance(text, bool)
    return operand.family == "text" and ((isinstance(text, str) and text != "") or is_digits)


def _where(where: Condition) -> Node:
    if isinstance(where, bool):
        return {}
    return {"where": where if "rules" in where else {"combinator": "and", "rules": [where]}}


def _is_logic(logic: Any) -> bool:
    return isinstance(logic, dict) and len(logic) == 1


def _opened(logic: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The operator and its arguments; a single one needs no brackets."""
    ((operator, arguments),) = logic.items()
    return str(operator), arguments if isinstance(arguments, list) else [arguments]
