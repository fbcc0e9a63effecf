"""Comparisons of JsonLogic with what a customer has, as rules; unknown comes to what null comes to in JsonLogic."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from segments.jsonlogic import scripting
from segments.jsonlogic.conditions import Condition, Node, complement, joined

OPERATORS = {"==": "=", "===": "=", "!=": "!=", "!==": "!="}
UNORDERED = "A text or a code has no order here: compare it by equality or by its parts."
UNFITTING = "“{value}” cannot be compared with a value of this type."
Refuse = Callable[..., Any]


@dataclass(frozen=True)
class Operand:
    """What a rule looks at: its document without the comparison, its family of values, and what unknown stands for."""

    rule: Node
    family: str
    is_identifier: bool = False
    default: Any = None
    is_always_known: bool = False

    def asked(self, operator: str, value: Any, null_holds: bool) -> Node:
        """The rule with its comparison."""
        unknown = {"nulls": "in"} if null_holds and not self.is_always_known else {}
        return {**self.rule, "operator": operator, "value": value, **unknown}

    def unknown(self, is_unknown: bool = True) -> Condition:
        """Whether it is unknown, or known."""
        if self.is_always_known:
            return not is_unknown
        return {**self.rule, "operator": "null" if is_unknown else "notNull"}


def with_constant(operand: Operand, operator: str, value: Any, refuse: Refuse) -> Condition:
    """`operand operator value`, the value a constant."""
    null_holds = scripting.compared(operator, operand.default, value)
    if value is None and operator in OPERATORS:
        return operand.unknown(OPERATORS[operator] == "=")
    strict = operator in ("===", "!==")
    fitting = _fitting(operand, value, strict)
    if fitting is None and (operand.family == "number" or strict):  # never equal, and neither more nor less
        return _never(operand, operator.startswith("!"), null_holds)
    if fitting is None:
        return refuse(UNFITTING, value=str(value)[:60])
    if operator in OPERATORS:
        if isinstance(fitting, bool) and OPERATORS[operator] == "!=":
            return operand.asked("=", not fitting, null_holds)
        return operand.asked(OPERATORS[operator], fitting, null_holds)
    if operand.family in ("text", "boolean"):
        return refuse(UNORDERED)
    return operand.asked(operator, fitting, null_holds)


def with_operand(one: Operand, operator: str, two: Operand, refuse: Refuse) -> Condition:
    """`one operator two`; the rule proper is noted as `_pair`, for who guards against unknown himself."""
    if one.rule["kind"] != "attribute" or two.rule["kind"] != "attribute" or (one.default, two.default) != (None, None):
        return refuse("Only attributes can be compared with each other.")
    if one.family != two.family:
        return refuse("These two cannot be compared: their types differ.")
    if operator in scripting.FLIPPED and one.family in ("text", "boolean"):
        return refuse(UNORDERED)
    sign = OPERATORS.get(operator, operator)
    pair: Node = {**one.rule, "operator": sign, "value": two.rule["field"], "valueSource": "field"}
    if sign == "!=" and one.family == "boolean":
        return complement(with_operand(one, "==", two, refuse))
    ways: list[Condition] = [pair]
    if sign == "!=":
        ways += [joined("and", [one.unknown(), two.unknown(False)]), joined("and", [one.unknown(False), two.unknown()])]
    elif one.family == "number" and operator in scripting.FLIPPED:  # null is zero there
        ways.append(joined("and", [one.unknown(), two.asked(scripting.FLIPPED[operator], 0, False)]))
        ways.append(joined("and", [two.unknown(), one.asked(operator, 0, False)]))
    if sign == "=" or (one.family == "number" and operator in ("<=", ">=")):
        ways.append(joined("and", [one.unknown(), two.unknown()]))
    whole = joined("or", ways)
    if len(ways) == 1:
        return pair
    return {**whole, "_pair": pair} if isinstance(whole, dict) else whole


def one_of(operand: Operand, values: list[Any], refuse: Refuse) -> Condition:
    """`{"in": [operand, values]}`: values of another type are never found."""
    fitting = [_fitting(operand, each, strict=True) for each in values]
    kept = [each for each in fitting if each is not None]
    null_holds = scripting.contained(operand.default, values)
    if not kept:
        return _never(operand, False, null_holds)
    if operand.family in ("boolean", "date"):
        return joined("or", [with_constant(operand, "==", each, refuse) for each in values if each is not None])
    return operand.asked("in", kept, null_holds)


def between(operand: Operand, low: Any, high: Any, refuse: Refuse) -> Condition:
    """`{"<=": [low, operand, high]}`."""
    ends = [_fitting(operand, each, strict=False) for each in (low, high)]
    if operand.family not in ("number", "date") or None in ends:
        return joined(
            "and", [with_constant(operand, ">=", low, refuse), with_constant(operand, "<=", high, refuse)]
        )  # fmt: skip
    if type(ends[0]) is type(ends[1]) is str and ends[0] > ends[1]:
        return False
    if operand.family == "number" and ends[0] > ends[1]:
        return False
    null_holds = scripting.ordered(">=", operand.default, low) and scripting.ordered("<=", operand.default, high)
    return operand.asked("between", ends, null_holds)


def truthy(operand: Operand) -> Condition:
    """The operand by itself, as a condition."""
    null_holds = scripting.truthy(operand.default)
    if operand.family == "number":
        return operand.asked("!=", 0, null_holds)
    if operand.family == "boolean":
        return operand.asked("=", True, null_holds)
    return True if null_holds else operand.unknown(False)


def _never(operand: Operand, turned: bool, null_holds: bool) -> Condition:
    """What no known value makes true (`turned`: every known value does)."""
    if null_holds == turned:
        return turned
    return operand.unknown(null_holds)


def _fitting(operand: Operand, value: Any, strict: bool) -> Any:
    """The constant as a value of the operand's type; None where none of them equals it."""
    if isinstance(value, dict):
        return value if operand.family == "date" and set(value) == {"relative"} else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match operand.family:
        case "number":
            if is_number:
                return value
            found = None if strict else scripting.number(value)
            return int(found) if found is not None and found == found and found.is_integer() else _known(found)
        case "boolean":
            if not strict and is_number and value in (0, 1):
                return bool(value)
            return value if isinstance(value, bool) else None
        case "date":
            return value if isinstance(value, str) and _is_day(value) else None
    return value if (isinstance(value, str) and value) or (is_number and operand.is_identifier) else None


def _known(found: float | None) -> float | None:
    return None if found is None or found != found else found


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
