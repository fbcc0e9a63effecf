"""From JsonLogic to a definition."""

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from segments.catalogue import Catalogue
from segments.definition import Definition, parse
from segments.errors import Path
from segments.jsonlogic import scripting
from segments.jsonlogic.comparing import Operand, between, one_of, truthy, with_constant, with_operand
from segments.jsonlogic.conditions import Condition, Node, complement, joined, plain, with_unknown
from segments.jsonlogic.operands import NO_EQUIVALENT, SHAPE, Operands, Scope, as_filter, is_logic, is_part, opened

_COMPARISONS: Final = frozenset({"==", "===", "!=", "!==", "<", "<=", ">", ">="})
MAX_DEPTH: Final = 60
MAX_WAYS: Final = 50


def import_jsonlogic(logic: Any, catalogue: Catalogue) -> Definition:
    """The definition that means what the rule means. Raises `DefinitionError`; its paths are places in the rule."""
    found = _Reader(catalogue).condition(logic, (), Scope(catalogue.attributes, None))
    if isinstance(found, bool):
        found = {"combinator": "and", "rules": [] if found else _nobody(catalogue)}
    root = found if "rules" in found else {"combinator": "and", "rules": [found]}
    return parse({"version": 1, "kind": "rules", "root": plain(root)})


def _nobody(catalogue: Catalogue) -> list[Node]:
    """A format without constants says «nobody» by what contradicts itself."""
    rule = {"kind": "attribute", "field": next(iter(catalogue.attributes))}
    return [{**rule, "operator": "null"}, {**rule, "operator": "notNull"}]


@dataclass(frozen=True)
class _Reader(Operands):
    def condition(self, logic: Any, path: Path, scope: Scope) -> Condition:
        """A piece of logic, by whether it is truthy."""
        if len(path) > 2 * MAX_DEPTH:
            self.refuse(path, "The rule is nested too deeply.")
        if not is_logic(logic):
            return scripting.truthy(logic)
        operator, arguments = opened(logic)
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
                return truthy(self.operand(operator, arguments, place, scope))
        if operator in _COMPARISONS:
            return self._compared(operator, arguments, place, scope)
        return self._own(operator, arguments, place, scope)

    def _group(self, operator: str, arguments: list[Any], path: Path, scope: Scope) -> Condition:
        if not arguments:
            return False
        inside = [self.condition(each, (*path, place), scope) for place, each in enumerate(arguments)]
        guarded = with_unknown(operator, inside)
        return guarded if guarded is not None else joined(operator, inside)

    def _only(self, arguments: list[Any], path: Path, scope: Scope) -> Condition:
        return self.condition(arguments[0] if arguments else None, (*path, 0), scope)

    def _choice(self, arguments: list[Any], path: Path, scope: Scope) -> Condition:
        found = [self.condition(each, (*path, place), scope) for place, each in enumerate(arguments)]
        answer = found.pop() if len(found) % 2 else False
        while found:
            then, asked = found.pop(), found.pop()
            ways = [joined("and", [asked, then]), joined("and", [complement(asked), answer])]
            answer = joined("or", ways)
        return answer

    def _compared(self, operator: str, arguments: list[Any], path: Path, scope: Scope) -> Condition:
        values = [self.value(each, (*path, place), scope) for place, each in enumerate(arguments)]
        values += [None] * (2 - len(values))
        if len(values) > 2 and operator in ("<", "<="):
            one, middle, two = values[:3]
            is_plain = not any(isinstance(each, Operand | list) for each in (one, two))
            if operator == "<=" and isinstance(middle, Operand) and is_plain:
                return between(middle, one, two, self.refusal(path))
            return joined("and", [self._pair(operator, each, path) for each in ((one, middle), (middle, two))])
        return self._pair(operator, (values[0], values[1]), path)

    def _pair(self, operator: str, pair: tuple[Any, Any], path: Path) -> Condition:
        one, two = pair
        if isinstance(one, list) or isinstance(two, list):
            return self.refuse(path, SHAPE, operator=operator)
        if isinstance(one, Operand) and isinstance(two, Operand):
            return with_operand(one, operator, two, self.refusal(path))
        if isinstance(two, Operand):
            return with_constant(two, scripting.FLIPPED.get(operator, operator), one, self.refusal((*path, 0)))
        if isinstance(one, Operand):
            return with_constant(one, operator, two, self.refusal((*path, 1)))
        if isinstance(one, dict) or isinstance(two, dict):
            return self.refuse(path, SHAPE, operator=operator)
        return scripting.compared(operator, one, two)

    def _in(self, arguments: list[Any], path: Path, scope: Scope) -> Condition:
        values = [self.value(each, (*path, place), scope) for place, each in enumerate(arguments)]
        needle, hay = [*values, None, None][:2]
        if isinstance(needle, Operand):
            if isinstance(hay, list) and not any(isinstance(each, Operand | dict | list) for each in hay):
                return one_of(needle, hay, self.refusal(path))
            return False if hay is None else self.refuse((*path, 1), SHAPE, operator="in")
        if isinstance(hay, Operand):
            if is_part(needle, hay):
                return hay.asked("contains", needle, scripting.contained(needle, hay.default))
            return self.refuse(path, SHAPE, operator="in")
        if isinstance(hay, list) and any(isinstance(each, Operand) for each in hay):
            return self.refuse((*path, 1), SHAPE, operator="in")
        return scripting.contained(needle, hay)

    def _missing(self, operator: str, arguments: list[Any], path: Path, scope: Scope) -> Condition:
        fewest, keys = 0, arguments
        if operator == "missing_some":
            if len(arguments) != 2 or not isinstance(arguments[1], list) or type(arguments[0]) is not int:
                return self.refuse(path, SHAPE, operator=operator)
            fewest, keys = arguments
        elif arguments and isinstance(arguments[0], list):
            keys = arguments[0]
        asked = [self.operand("var", [each], (*path, place), scope).unknown() for place, each in enumerate(keys)]
        if operator == "missing":
            return joined("or", asked)
        absent = len(keys) - fewest + 1
        if math.comb(len(keys), max(absent, 0)) > MAX_WAYS:
            return self.refuse(path, "Too many keys are listed here.")
        return joined("or", [joined("and", each) for each in combinations(asked, max(absent, 0))])

    def _quantified(self, operator: str, arguments: list[Any], path: Path, scope: Scope) -> Condition:
        name = self.entity_name(arguments, path, scope)
        entity = self.catalogue.related.get(name) or self.catalogue.events.get(name)
        if entity is None:
            return self.unknown_name((*path, 0), name, self.catalogue.related)
        where = self.where(arguments[1:], (*path, 1), entity)
        if where is False:
            return operator == "none"
        inside = as_filter(where)
        if entity.kind == "related":
            quantifier = {"some": "any"}.get(operator, operator)
            return {"kind": "related", "entity": name, "quantifier": quantifier, **inside}
        rule: Node = {"kind": "event", "event": name}
        if operator == "none":
            return {**rule, "measure": {"function": "never"}, "window": {"all": True}, **inside}
        if operator == "some":
            counted = {"measure": {"function": "count"}, "window": {"all": True}, "operator": ">=", "value": 1}
            return {**rule, **counted, **inside}
        return self.refuse(path, NO_EQUIVALENT, operator=operator)

    def _own(self, operator: str, arguments: list[Any], path: Path, scope: Scope) -> Condition:
        match operator, arguments:
            case "in_segment", [str(key)] if scope.entity is None:
                return {"kind": "segment", "segment": key, "operator": "in"}
            case "in_list", [str(key)] if scope.entity is None:
                return {"kind": "list", "list": key, "operator": "in"}
            case "begins_with" | "ends_with", [looked_at, text]:
                operand = self.value(looked_at, (*path, 0), scope)
                if isinstance(operand, Operand) and is_part(text, operand):
                    return operand.asked("beginsWith" if operator == "begins_with" else "endsWith", text, False)
            case "within", [looked_at, window]:
                operand = self.value(looked_at, (*path, 0), scope)
                if isinstance(operand, Operand) and operand.family == "date":
                    return operand.asked("within", self.window(window, (*path, 1)), False)
            case "event_never" | "event_stopped", [str(name), *_] if scope.entity is None:
                return self._silent(operator, name, arguments, path)
            case "in_segment" | "in_list" | "begins_with" | "ends_with" | "within" | "event_never" | "event_stopped", _:
                pass
            case _:
                return self.refuse(path, NO_EQUIVALENT, operator=operator)
        return self.refuse(path, SHAPE, operator=operator)

    def _silent(self, operator: str, name: str, arguments: list[Any], path: Path) -> Condition:
        entity = self.catalogue.events.get(name)
        if entity is None:
            return self.unknown_name((*path, 0), name, self.catalogue.events)
        windows = 1 if operator == "event_never" else 2
        if len(arguments) not in (1 + windows, 2 + windows):
            return self.refuse(path, SHAPE, operator=operator)
        found = [self.window(each, (*path, place)) for place, each in enumerate(arguments[1 : 1 + windows], 1)]
        rule: Node = {"kind": "event", "event": name, "measure": {"function": operator.removeprefix("event_")}}
        rule |= dict(zip(("window", "before"), found, strict=False))
        return rule | self.filter(arguments[1 + windows :], (*path, 1 + windows), entity)
