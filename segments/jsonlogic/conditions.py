"""Conditions while they are being put together: a constant, or the document of a rule or a group."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

Node = dict[str, Any]
Condition = bool | Node
_PAIRS: Final = (
    ("=", "!="), ("between", "notBetween"), ("in", "notIn"), ("contains", "doesNotContain"),
    ("beginsWith", "doesNotBeginWith"), ("endsWith", "doesNotEndWith"), ("within", "notWithin"), ("null", "notNull"),
)  # fmt: skip
COMPLEMENTS: Final = dict(_PAIRS) | {second: first for first, second in _PAIRS}
ASKED: Final = frozenset({"operator", "value", "valueSource", "nulls"})


def joined(combinator: str, inside: Iterable[Condition]) -> Condition:
    """And / or of conditions, with constants worked in."""
    stops = combinator == "or"
    rules = []
    for each in inside:
        if each is stops:
            return stops
        if not isinstance(each, bool):
            rules.append(each)
    return {"combinator": combinator, "rules": rules} if rules else not stops


def complement(condition: Condition) -> Condition:
    """Everybody else: by the opposite comparison where that is plainer, else by a group that is turned round."""
    if isinstance(condition, bool):
        return not condition
    if "rules" in condition and not condition.get("not"):
        return {"combinator": condition["combinator"], "rules": condition["rules"], "not": True}
    opposite = COMPLEMENTS.get(condition.get("operator", ""))
    if opposite is not None and condition.get("quantifier", "count") == "count":
        return _turned(condition, opposite)
    if condition.get("quantifier") in ("any", "none"):
        return {**condition, "quantifier": "none" if condition["quantifier"] == "any" else "any"}
    return {"combinator": "and", "rules": [condition], "not": True}


def _turned(rule: Node, opposite: str) -> Node:
    turned = {**rule, "operator": opposite}
    if isinstance(rule.get("value"), bool):  # yes and no have one comparison: what is not yes is no
        turned = {**rule, "value": not rule["value"]}
    if opposite in ("null", "notNull") or not may_be_unknown(rule):
        return turned
    turned.pop("nulls", None)
    return turned if rule.get("nulls") == "in" else turned | {"nulls": "in"}


def may_be_unknown(rule: Mapping[str, Any]) -> bool:
    """Whether what a rule looks at can be null: attributes, and averages and dates of events that may not be there."""
    if rule["kind"] == "event":
        return rule["measure"]["function"] not in ("count", "days", "sum")
    return bool(rule["kind"] == "attribute")


def head(rule: Node) -> Node:
    """A rule without its comparison: what it looks at."""
    return {key: value for key, value in rule.items() if key not in ASKED}


def with_unknown(combinator: str, inside: list[Condition]) -> Condition | None:
    """One rule for «x is known and x < 5» (`and`) or «x is unknown or x > 5» (`or`); None for anything else."""
    *guards, last = inside
    sign, nulls = ("notNull", "out") if combinator == "and" else ("null", "in")
    if not guards or not isinstance(last, dict):
        return None
    rule = last.get("_pair") or last
    if "operator" not in rule or rule["operator"] in ("null", "notNull") or not may_be_unknown(rule):
        return None
    looked_at = [head(rule)]
    if rule.get("valueSource") == "field":
        looked_at.append({**looked_at[0], "field": rule["value"]})
    found = {**rule, "nulls": nulls} if nulls == "in" else {key: each for key, each in rule.items() if key != "nulls"}
    expected = [{**each, "operator": sign} for each in looked_at]
    return found if guards == expected and found != last else None


def plain(condition: Any) -> Any:
    """The document without what was only noted while it was put together."""
    if isinstance(condition, dict):
        return {key: plain(value) for key, value in condition.items() if key != "_pair"}
    return [plain(each) for each in condition] if isinstance(condition, list) else condition
