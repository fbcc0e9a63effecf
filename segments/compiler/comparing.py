"""A test as SQL. In here a comparison with null gives null, which whoever joins conditions must read as false."""

from collections.abc import Callable
from typing import Any, Final

from sqlglot import exp

from segments.compiler.tree import Test

Bind = Callable[[Any], exp.Expr]
_COMPARED: Final = {"=": exp.EQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}
_PLACES: Final = {"contain": "contains", "begin": "starts_with", "end": "ends_with"}


def compared(value: exp.Expr, test: Test, bind: Bind, column: Callable[[str], exp.Expr]) -> exp.Expr:
    """The test of `value`; `bind` makes a parameter, `column` the other column of the same row."""
    value = exp.cast(value, test.cast) if test.cast else value
    if test.operator == "null":
        return exp.Is(this=value, expression=exp.null())
    if test.operator == "notNull":
        return exp.Not(this=exp.Is(this=value.copy(), expression=exp.null()))
    found = _other(value, test, column) if test.other is not None else _valued(value, test, bind)
    if test.nulls_in:
        unknown: exp.Expr = exp.Is(this=value.copy(), expression=exp.null())
        if test.other is not None:
            unknown = exp.or_(unknown, exp.Is(this=column(test.other), expression=exp.null()))
        return exp.paren(exp.or_(found, unknown))
    return found


def _other(value: exp.Expr, test: Test, column: Callable[[str], exp.Expr]) -> exp.Expr:
    other = column(test.other or "")
    other = exp.cast(other, test.other_cast) if test.other_cast else other
    return _COMPARED[test.operator](this=value, expression=other)


def _valued(value: exp.Expr, test: Test, bind: Bind) -> exp.Expr:
    operator, values = test.operator, test.values
    if operator in _COMPARED:
        return _COMPARED[operator](this=value, expression=bind(values[0]))
    if operator in ("between", "notBetween"):
        return _between(value, values, operator == "notBetween", bind)
    if operator in ("in", "notIn"):
        inside = exp.In(this=value, expressions=[bind(each) for each in values])
        return exp.Not(this=inside) if operator == "notIn" else inside
    refused = operator.startswith("doesNot")
    name = operator.removeprefix("doesNot").lower()
    place = next(function for start, function in _PLACES.items() if name.startswith(start))
    found = exp.func(place, _lower(exp.cast(value, "varchar")), _lower(bind(str(values[0]))), dialect="duckdb")
    return exp.Not(this=found) if refused else found


def _between(value: exp.Expr, ends: tuple[Any, ...], outside: bool, bind: Bind) -> exp.Expr:
    sides = [exp.GTE, exp.LTE] if not outside else [exp.LT, exp.GT]
    found = [
        side(this=value.copy(), expression=bind(end)) for side, end in zip(sides, ends, strict=True) if end is not None
    ]
    if not found:  # open at both ends: whatever is known lies within
        known = exp.Not(this=exp.Is(this=value.copy(), expression=exp.null()))
        return exp.and_(known, exp.false()) if outside else known
    return exp.paren(exp.or_(*found) if outside else exp.and_(*found))


def _lower(text: exp.Expr) -> exp.Expr:
    return exp.Lower(this=text)


def holds_for(test: Test, value: int) -> bool:
    """Whether a known number passes the test: what a count of nothing comes to."""
    values = test.values
    match test.operator:
        case "=" | "in":
            return value in values
        case "!=" | "notIn":
            return value not in values
        case "<":
            return bool(value < values[0])
        case "<=":
            return bool(value <= values[0])
        case ">":
            return bool(value > values[0])
        case ">=":
            return bool(value >= values[0])
        case "between":
            return bool(values[0] <= value <= values[1])
        case "notBetween":
            return not values[0] <= value <= values[1]
    return test.operator == "notNull"
