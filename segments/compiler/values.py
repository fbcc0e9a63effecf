"""Values of rules against the type of what they are compared with: what a person wrote becomes what SQL binds."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from segments.catalogue import Field
from segments.compiler.moments import moment, stretch
from segments.compiler.tree import Test
from segments.definition.nodes import Relative, Window
from segments.errors import Path, Problem

_NULLS: Final = frozenset({"null", "notNull"})
_EQUAL: Final = frozenset({"=", "!="})
_ORDER: Final = frozenset({"<", "<=", ">", ">=", "between", "notBetween"})
_SET: Final = frozenset({"in", "notIn"})
_WORDS: Final = frozenset(
    {"contains", "doesNotContain", "beginsWith", "doesNotBeginWith", "endsWith", "doesNotEndWith"}
)
OPERATORS: Final = {
    "text": _EQUAL | _SET | _WORDS | _NULLS,
    "code": _EQUAL | _SET | _WORDS | _NULLS,
    "number": _EQUAL | _ORDER | _SET | _NULLS,
    "integer": _EQUAL | _ORDER | _SET | _NULLS,
    "boolean": frozenset({"="}) | _NULLS,
    "date": _EQUAL | _ORDER | frozenset({"within", "notWithin"}) | _NULLS,
}
_BETWEEN_FIELDS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
Tell = Callable[[Problem], None]


def test(field: Field, operator: str, value: Any, nulls: str, day: dt.date, path: Path, tell: Tell) -> Test | None:
    """The test that a rule asks of a field's value; problems are told, and None given."""
    if operator not in OPERATORS[field.type]:
        tell(
            Problem(
                (*path, "operator"),
                "This comparison is not possible with a value of this type.",
                {},
                "Choose another comparison.",
            )
        )
        return None
    plain = Test(operator, (), field.family, nulls == "in" and operator not in _NULLS, cast_of(field))
    if operator in _NULLS:
        return plain
    if operator in ("within", "notWithin"):
        return _within(plain, value, day, path, tell)
    given = value if isinstance(value, tuple) else (value,)
    # A part of an identifier is text even where the whole is a number: "07" is not 7.
    asked = replace(field, sql_type="varchar") if operator in _WORDS else field
    values = tuple(typed(asked, each, day, (*path, "value"), tell) for each in given)
    if any(each is None for each in values):
        return None
    fixed = not any(isinstance(each, Relative) for each in given)  # moving ends may cross on another day
    if operator in ("between", "notBetween") and fixed and values[0] > values[1]:
        tell(Problem((*path, "value"), "The first value must not be larger than the second."))
        return None
    return replace(plain, values=_sorted(values) if operator in _SET else values)


def between_fields(field: Field, operator: str, other: Field, nulls: str, path: Path, tell: Tell) -> Test | None:
    """The test that compares two fields of one row."""
    if field.family != other.family:
        tell(Problem((*path, "value"), "These two cannot be compared: their types differ."))
        return None
    if operator not in _BETWEEN_FIELDS or operator not in OPERATORS[field.type]:
        tell(
            Problem((*path, "operator"), "Two fields cannot be compared in this way.", {}, "Choose another comparison.")
        )
        return None
    casts = (cast_of(field), cast_of(other))
    if field.family == "text" and _is_whole(field) != _is_whole(other):
        casts = ("varchar", "varchar")
    return Test(operator, (), field.family, nulls == "in", casts[0], other.name, casts[1])


def cast_of(field: Field) -> str | None:
    """Moments are compared by their day."""
    return "date" if field.sql_type.startswith("timestamp") else None


def typed(field: Field, value: Any, day: dt.date, path: Path, tell: Tell) -> Any:
    """One value as the field's type; None after a problem was told."""
    found = _TYPED[field.family](field, value, day)
    if found is None:
        tell(Problem(path, _EXPECTED[field.family], {"value": str(value)[:60]}))
    return found


def _within(plain: Test, value: Any, day: dt.date, path: Path, tell: Tell) -> Test | None:
    if not isinstance(value, Window):
        tell(Problem((*path, "value"), "A period is expected here."))
        return None
    operator = "between" if plain.operator == "within" else "notBetween"
    return replace(plain, operator=operator, values=stretch(value, day))


def _number(field: Field, value: Any, day: dt.date) -> Any:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip().replace(" ", "").replace("\u00a0", "").replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > 10**15:
        return None
    if field.sql_type.startswith(("double", "float", "real")):
        return float(number)
    return int(number) if number == number.to_integral_value() else number


def _text(field: Field, value: Any, day: dt.date) -> Any:
    if isinstance(value, bool | Relative | Window):
        return None
    if field.sql_type.startswith(("varchar", "text", "")) and not _is_whole(field):
        return str(value)
    number = _number(field, value, day)
    return number if isinstance(number, int) else None


def _is_whole(field: Field) -> bool:
    return field.sql_type.startswith(("bigint", "integer", "smallint", "tinyint", "hugeint", "ubigint", "uinteger"))


def _boolean(field: Field, value: Any, day: dt.date) -> Any:
    return value if isinstance(value, bool) else None


def _date(field: Field, value: Any, day: dt.date) -> Any:
    if isinstance(value, Relative):
        return moment(value, day)
    try:
        day_given = dt.date.fromisoformat(value) if isinstance(value, str) else None
        return day_given if day_given is not None and day_given.isoformat() == value else None
    except ValueError:
        return None


def _sorted(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(set(values)))


_TYPED: Final = {"text": _text, "number": _number, "boolean": _boolean, "date": _date}
_EXPECTED: Final = {
    "text": "“{value}” does not fit: a text or a code is expected.",
    "number": "“{value}” is not a number.",
    "boolean": "“{value}” is neither yes nor no.",
    "date": "“{value}” is not a date: it is written as YYYY-MM-DD or relative to the day of the count.",
}
