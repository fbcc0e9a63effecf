"""From a definition to JsonLogic."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from segments.catalogue import Catalogue, Field, unknown
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
from segments.definition.nodes import Relative
from segments.definition.writing import dump_node
from segments.errors import DefinitionError, Path, Problem
from segments.jsonlogic import scripting
from segments.jsonlogic.conditions import COMPLEMENTS, may_be_unknown

_SIGNS = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_COUNT = Field("count", "integer", "bigint")
Compared = AttributeRule | EventRule | RelatedRule
_PARTS = {"beginsWith": "begins_with", "endsWith": "ends_with"}


def export_jsonlogic(definition: Definition, catalogue: Catalogue) -> Any:
    """The rule that means what the definition means; importing it gives a definition of the same fingerprint.

    What is disabled is left out. Raises `DefinitionError` for an SQL segment and for names that the catalogue has not.
    """
    if definition.root is None:
        raise DefinitionError([Problem(("sql",), "An SQL segment cannot be written as JsonLogic.")])
    found = _Writer(catalogue).group(definition.root, ("root",), catalogue.attributes)
    return True if found is None else found


class _Writer:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def group(self, group: Group, path: Path, fields: Mapping[str, Field]) -> Any:
        """A group's logic; None where nothing in it counts."""
        inside = []
        for place, each in enumerate(group.rules):
            if each.disabled:
                continue
            found = self._node(each, (*path, "rules", place), fields)
            if found is not None:
                # Alone in a group, a test for null is not taken for the guard of the comparison beside it.
                is_test = getattr(each, "operator", None) in ("null", "notNull")
                inside.append({"and": [found]} if is_test else found)
        if not inside:
            return None
        joined = {group.combinator: inside}
        return {"!": joined} if group.negated else joined

    def _node(self, node: Node, path: Path, fields: Mapping[str, Field]) -> Any:
        match node:
            case Group():
                return self.group(node, path, fields)
            case AttributeRule():
                field = self._known(node, path, fields)
                return _guarded(_typed(node, field), {"var": field.name}, field.family)
            case EventRule():
                return self._event(node, path)
            case RelatedRule():
                return self._related(node, path)
            case SegmentRule():
                return _signed(node.operator, {"in_segment": node.segment})
            case ListRule():
                return _signed(node.operator, {"in_list": node.list_key})

    def _known(self, rule: AttributeRule, path: Path, fields: Mapping[str, Field]) -> Field:
        """The field of a rule; that and the one that it is compared with must be in the catalogue."""
        if rule.value_source == "field":
            self._field(str(rule.value), (*path, "value"), fields)
        return self._field(rule.field, (*path, "field"), fields)

    def _field(self, name: str, path: Path, fields: Mapping[str, Field]) -> Field:
        former = self._catalogue.attribute(name) if fields is self._catalogue.attributes else None
        found = fields.get(name) or former
        if found is None:
            raise DefinitionError([unknown(path, name, fields)])
        return found

    def _event(self, rule: EventRule, path: Path) -> Any:
        entity = self._catalogue.events.get(rule.event)
        if entity is None:
            raise DefinitionError([unknown((*path, "event"), rule.event, self._catalogue.events)])
        where = self.group(rule.where, (*path, "where"), entity.fields) if rule.where is not None else None
        rest = [] if where is None else [where]
        if rule.function == "never":
            return {"event_never": [rule.event, _window(rule.window), *rest]}
        if rule.function == "stopped":
            before = _window(rule.before or Window("all"))
            return {"event_stopped": [rule.event, _window(rule.window), before, *rest]}
        measured = {"event": [rule.event, rule.function, rule.field, _window(rule.window), *rest]}
        is_date = rule.function in ("first", "last")
        return _guarded(_typed(rule, None if is_date else _COUNT), measured, "date" if is_date else "number")

    def _related(self, rule: RelatedRule, path: Path) -> Any:
        entity = self._catalogue.related.get(rule.entity)
        if entity is None:
            raise DefinitionError([unknown((*path, "entity"), rule.entity, self._catalogue.related)])
        where = self.group(rule.where, (*path, "where"), entity.fields) if rule.where is not None else None
        looked_at = {"var": rule.entity}
        if rule.quantifier == "count":
            counted = {"count": [looked_at, *([] if where is None else [where])]}
            return _guarded(_typed(rule, _COUNT), counted, "number")
        quantifier = "some" if rule.quantifier == "any" else rule.quantifier
        return {quantifier: [looked_at, True if where is None else where]}


def _typed(rule: Compared, field: Field | None) -> Compared:
    """The rule with values as JSON has them: in JsonLogic "3" is not among 1, 2, 3."""
    if field is None or (isinstance(rule, AttributeRule) and rule.value_source == "field"):
        return rule
    value = tuple(_of(field, each) for each in rule.value) if isinstance(rule.value, tuple) else _of(field, rule.value)
    return replace(rule, value=value)


def _of(field: Field, value: Any) -> Any:
    if field.family == "number" and isinstance(value, str):
        found = scripting.number(value.replace(" ", "").replace("\u00a0", "").replace(",", "."))
        return int(found) if found.is_integer() else found
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if field.family == "text" and is_number and field.unit != "id" else value


def _guarded(rule: Compared, looked_at: Any, family: str) -> Any:
    """The comparison, with a test for null before it where null would come to something else in JsonLogic."""
    bare = _compared(rule, looked_at)
    if rule.operator in ("null", "notNull") or not may_be_unknown(dump_node(rule)):
        return bare
    if _null_holds(rule, family) == (getattr(rule, "nulls", "out") == "in"):
        return bare
    combinator, sign = ("or", "==") if getattr(rule, "nulls", "out") == "in" else ("and", "!=")
    tested = [looked_at]
    if isinstance(rule, AttributeRule) and rule.value_source == "field":
        tested.append({"var": rule.value})
    return {combinator: [*({sign: [each, None]} for each in tested), bare]}


def _null_holds(rule: Compared, family: str) -> bool | None:
    """Whether JsonLogic takes the unknown for a match; None where that depends on the other field."""
    operator, value = str(rule.operator), rule.value
    if isinstance(rule, AttributeRule) and rule.value_source == "field":
        return False if family == "date" and operator not in ("=", "!=") else None
    if operator in ("<", "<=", ">", ">="):
        return scripting.ordered(operator, None, _value(value))
    if operator in ("between", "notBetween"):
        low, high = (_value(each) for each in value)
        inside = scripting.ordered(">=", None, low) and scripting.ordered("<=", None, high)
        return inside != (operator == "notBetween")
    return operator.startswith(("not", "doesNot", "!"))


def _compared(rule: Compared, looked_at: Any) -> Any:
    operator = str(rule.operator)
    if operator in ("null", "notNull"):
        return {"==" if operator == "null" else "!=": [looked_at, None]}
    if operator.startswith(("not", "doesNot")):
        return {"!": _positive(COMPLEMENTS[operator], looked_at, rule.value)}
    if isinstance(rule, AttributeRule) and rule.value_source == "field":
        return {_SIGNS[operator]: [looked_at, {"var": rule.value}]}
    return _positive(operator, looked_at, rule.value)


def _positive(operator: str, looked_at: Any, value: Any) -> Any:
    match operator:
        case "between":
            return {"<=": [_value(value[0]), looked_at, _value(value[1])]}
        case "in":
            return {"in": [looked_at, [_value(each) for each in value]]}
        case "contains":
            return {"in": [value, looked_at]}
        case "within":
            return {"within": [looked_at, _window(value)]}
    if operator in _PARTS:
        return {_PARTS[operator]: [looked_at, value]}
    return {_SIGNS[operator]: [looked_at, _value(value)]}


def _value(value: Any) -> Any:
    return {"relative_date": [value.offset, value.unit]} if isinstance(value, Relative) else value


def _window(window: Window) -> list[Any]:
    match window.kind:
        case "last" | "next":
            return [window.kind, window.count, window.unit]
        case "this" | "previous":
            return [window.kind, window.unit]
        case "between":
            return ["between", window.count, window.until, window.unit]
        case "dates":
            return ["dates", *(day.isoformat() if day is not None else None for day in (window.start, window.end))]
    return ["all"]


def _signed(operator: str, found: Any) -> Any:
    return {"!": found} if operator == "notIn" else found
