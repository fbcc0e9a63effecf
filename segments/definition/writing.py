"""From a definition to its document; `parse(dump(definition))` is the definition again."""

from typing import Any

from segments.definition import nodes
from segments.definition.nodes import (
    AttributeRule,
    Definition,
    EventRule,
    Group,
    ListRule,
    Node,
    RelatedRule,
    Relative,
    SegmentRule,
    Window,
)


def dump(definition: Definition) -> dict[str, Any]:
    """The JSON document of a definition; what is at its default is left out, except combinators."""
    head: dict[str, Any] = {"version": nodes.VERSION, "kind": definition.kind}
    if definition.kind == "sql":
        return head | {"sql": definition.sql}
    return head | {"root": dump_node(definition.root or Group("and", ()))}


def dump_node(node: Node) -> dict[str, Any]:
    """The document of one node and all below it."""
    match node:
        case Group():
            found: dict[str, Any] = {"combinator": node.combinator, "rules": [dump_node(each) for each in node.rules]}
            found |= {"not": True} if node.negated else {}
        case AttributeRule():
            found = {"kind": "attribute", "field": node.field} | _comparison(node.operator, node.value)
            found |= {"valueSource": "field"} if node.value_source == "field" else {}
        case EventRule():
            found = _event(node)
        case RelatedRule():
            found = {"kind": "related", "entity": node.entity, "quantifier": node.quantifier}
            found |= _comparison(node.operator, node.value) | _where(node.where)
        case SegmentRule():
            found = {"kind": "segment", "segment": node.segment, "operator": node.operator}
        case ListRule():
            found = {"kind": "list", "list": node.list_key, "operator": node.operator}
    if isinstance(node, AttributeRule | EventRule) and node.nulls == "in":
        found["nulls"] = "in"
    found |= {"id": node.id} if node.id is not None else {}
    return found | ({"disabled": True} if node.disabled else {})


def _event(rule: EventRule) -> dict[str, Any]:
    measure = {"function": rule.function} | ({"field": rule.field} if rule.field else {})
    found: dict[str, Any] = {"kind": "event", "event": rule.event, "measure": measure}
    found |= _comparison(rule.operator, rule.value) | {"window": dump_window(rule.window)}
    found |= {"before": dump_window(rule.before)} if rule.before else {}
    return found | _where(rule.where)


def _where(group: Group | None) -> dict[str, Any]:
    return {"where": dump_node(group)} if group is not None else {}


def _comparison(operator: str | None, value: Any) -> dict[str, Any]:
    found = {"operator": operator} if operator is not None else {}
    return found if value is None else found | {"value": dump_value(value)}


def dump_value(value: Any) -> Any:
    """The JSON of a rule's value."""
    match value:
        case Relative():
            return {"relative": {"offset": value.offset, "unit": value.unit}}
        case Window():
            return dump_window(value)
        case tuple():
            return [dump_value(each) for each in value]
    return value


def dump_window(window: Window) -> dict[str, Any]:
    """The JSON of a stretch of days."""
    match window.kind:
        case "last" | "next":
            return {window.kind: window.count, "unit": window.unit}
        case "this" | "previous":
            return {window.kind: window.unit}
        case "between":
            return {"between": [window.count, window.until], "unit": window.unit}
        case "dates":
            ends = (("from", window.start), ("to", window.end))
            return {name: day.isoformat() for name, day in ends if day is not None}
    return {"all": True}
