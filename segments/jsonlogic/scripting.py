"""Values as JsonLogic's reference implementation, a JavaScript program, compares them."""

import math
from typing import Any

FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def truthy(value: Any) -> bool:
    """What counts as true: not null, zero, empty text, empty array, empty object."""
    return bool(value) and value == value


def number(value: Any) -> float:
    """A value as a number; NaN where it is none."""
    if value is None or value == "":
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        try:
            text = value.strip()
            return (
                float(text) if text.lower() not in ("nan", "inf", "-inf", "infinity") and "_" not in text else math.nan
            )
        except ValueError:
            return math.nan
    return math.nan


def equal(one: Any, two: Any, strict: bool = False) -> bool:
    """== and ===; only the former takes "1" for 1."""
    if one is None or two is None:
        return one is two
    if _kind(one) == _kind(two):
        return bool(one == two)
    return False if strict else number(one) == number(two)


def ordered(operator: str, one: Any, two: Any) -> bool:
    """<, <=, > and >=: two texts by letters, everything else as numbers."""
    if not (isinstance(one, str) and isinstance(two, str)):
        one, two = number(one), number(two)
    if operator == "<":
        return bool(one < two)
    if operator == "<=":
        return bool(one <= two)
    return bool(one > two) if operator == ">" else bool(one >= two)


def compared(operator: str, one: Any, two: Any) -> bool:
    """Any comparison of two constants."""
    if operator in FLIPPED:
        return ordered(operator, one, two)
    same = equal(one, two, strict=len(operator) == 3)
    return same if operator.startswith("=") else not same


def contained(needle: Any, hay: Any) -> bool:
    """`in`: a text in a text, or a value of the same type in an array."""
    if isinstance(hay, str):
        return isinstance(needle, str) and needle in hay
    return isinstance(hay, list) and any(equal(needle, each, strict=True) for each in hay)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__
