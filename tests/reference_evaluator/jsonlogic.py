"""JsonLogic on one object, after its published description: the measure of what import makes of a rule.

Only what the import takes. Data is what `json.loads` gives; an unknown value is absent from its object.
"""

import math
from typing import Any


def applied(logic: Any, data: Any) -> Any:
    """The value of a rule."""
    if isinstance(logic, list):
        return [applied(each, data) for each in logic]
    if not isinstance(logic, dict) or len(logic) != 1:
        return logic
    ((operator, given),) = logic.items()
    given = given if isinstance(given, list) else [given]
    if operator in ("and", "or"):
        return _first(given, data, until=operator == "or")
    if operator in ("if", "?:"):
        return _chosen(given, data)
    if operator in ("some", "all", "none"):
        return _over(operator, given, data)
    values = [applied(each, data) for each in given]
    if operator == "var":
        return _looked_up(data, *values)
    if operator == "missing":
        keys = values[0] if values and isinstance(values[0], list) else values
        return [key for key in keys if _looked_up(data, key) in (None, "")]
    if operator == "missing_some":
        absent = applied({"missing": values[1]}, data)
        return [] if len(values[1]) - len(absent) >= values[0] else absent
    return _plain(operator, values)


def true(value: Any) -> bool:
    """JsonLogic's own table of what is true."""
    return value not in (None, False, 0, "") and value != [] and value != {}


def _first(given: list[Any], data: Any, until: bool) -> Any:
    value = None
    for each in given:
        value = applied(each, data)
        if true(value) is until:
            return value
    return value


def _chosen(given: list[Any], data: Any) -> Any:
    for place in range(0, len(given) - 1, 2):
        if true(applied(given[place], data)):
            return applied(given[place + 1], data)
    return applied(given[-1], data) if len(given) % 2 else None


def _over(operator: str, given: list[Any], data: Any) -> bool:
    rows = applied(given[0], data) or []
    holds = [true(applied(given[1], row)) for row in rows]
    if operator == "all":
        return bool(rows) and all(holds)
    return any(holds) if operator == "some" else not any(holds)


def _looked_up(data: Any, key: Any = "", default: Any = None) -> Any:
    if key in ("", None):
        return data
    if isinstance(data, dict) and key in data:
        return data[key]
    for step in str(key).split("."):
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return default
    return data


def _plain(operator: str, values: list[Any]) -> Any:
    one, two, *more = [*values, None, None][: max(2, len(values))]
    match operator:
        case "!" | "!!":
            return true(one) is (operator == "!!")
        case "===" | "!==":
            same = type(one) is type(two) and one == two if isinstance(one, bool | str) else _same_number(one, two)
            return same is (operator == "===")
        case "==" | "!=":
            return _alike(one, two) is (operator == "==")
        case "in":
            if isinstance(two, str):
                return isinstance(one, str) and one.lower() in two.lower()
            return any((type(each) is type(one) and each == one) or _same_number(each, one) for each in two or [])
        case "<" | "<=" if more:
            return _less(operator, one, two) and _less(operator, two, more[0])
        case "<" | "<=":
            return _less(operator, one, two)
        case ">" | ">=":
            return _less("<" if operator == ">" else "<=", two, one)
    raise NotImplementedError(operator)


def _same_number(one: Any, two: Any) -> bool:
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (one, two))
    return (numbers and one == two) or (one is None and two is None)


def _alike(one: Any, two: Any) -> bool:
    if one is None or two is None:
        return one is None and two is None
    if isinstance(one, str) and isinstance(two, str):
        return one == two
    return _as_number(one) == _as_number(two)


def _less(operator: str, one: Any, two: Any) -> bool:
    if not (isinstance(one, str) and isinstance(two, str)):
        one, two = _as_number(one), _as_number(two)
    return one < two if operator == "<" else one <= two


def _as_number(value: Any) -> float:
    if value is None:
        return 0.0
    try:
        return float(value) if value != "" else 0.0
    except (TypeError, ValueError):
        return math.nan
