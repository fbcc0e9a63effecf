"""From a rule to its document, with every setting written out; `parse(dump(rule))` is the rule again."""

from typing import Any

from segments.definition import Group, dump_node
from signals.definition import nodes
from signals.definition.nodes import Action, Audience, Change, Check, Condition, Missing, Owner, Rule, StateChange


def dump(rule: Rule) -> dict[str, Any]:
    """The JSON document of a rule."""
    found: dict[str, Any] = {"version": nodes.VERSION, "kind": rule.kind, "audience": _audience(rule.audience)}
    if rule.kind == "sql":
        found["sql"] = rule.sql
    else:
        rules = [dump_condition(each) for each in rule.conditions]
        found["conditions"] = {"combinator": rule.combinator, "rules": rules}
    return found | {
        "check": _check(rule.check), "priority": rule.priority, "action": _action(rule.action),
        "owner": _owner(rule.owner), "cool_down_days": rule.cool_down_days, "worsens_by_pct": rule.worsens_by_pct,
        "closes": rule.closes,
        "limits": {"per_owner_a_day": rule.limits.per_owner_a_day, "a_day": rule.limits.a_day},
        "outcome": {"kind": rule.outcome.kind, "within_days": rule.outcome.within_days},
    }  # fmt: skip


def dump_condition(condition: Condition) -> dict[str, Any]:
    """The document of one condition."""
    match condition:
        case Change():
            found: dict[str, Any] = {
                "kind": "change", "measure": condition.measure, "direction": condition.direction,
                "against": condition.against, "weeks": condition.weeks, "by_pct": condition.by_pct,
                "by": condition.by, "deviations": condition.deviations, "at_least": condition.at_least,
            }  # fmt: skip
        case StateChange():
            found = {"kind": "state", "measure": condition.measure, "from": list(condition.before),
                     "to": list(condition.to), "within_days": condition.within_days}  # fmt: skip
        case Missing():
            found = {"kind": "missing", "measure": condition.measure, "days": condition.days,
                     "before_days": condition.before_days}  # fmt: skip
        case _:
            found = {"kind": "threshold", "measure": condition.measure, "operator": condition.operator,
                     "value": condition.value, "weeks": condition.weeks}  # fmt: skip
    return found | ({"id": condition.id} if condition.id is not None else {})


def _audience(audience: Audience) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": audience.kind}
    if audience.kind == "segment":
        found["segment"] = audience.segment
    if audience.kind == "definition":
        found["root"] = dump_node(audience.root or Group("and", ()))
    return found | ({"customer_type": audience.customer_type} if audience.customer_type else {})


def _check(check: Check) -> dict[str, Any]:
    more = {"week": {"weekday": check.weekday}, "month": {"day": check.day}}
    return {"every": check.every} | more.get(check.every, {})


def _action(action: Action) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {
        "task": {"title": action.title, "due_days": action.due_days},
        "notify_group": {"department_id": action.department_id}, "list": {"list": action.list_key},
    }  # fmt: skip
    return {"kind": action.kind} | more.get(action.kind, {})


def _owner(owner: Owner) -> dict[str, Any]:
    more = {"department": {"department_id": owner.department_id}, "employee": {"employee_id": owner.employee_id}}
    return {"kind": owner.kind} | more.get(owner.kind, {})
