"""Conditions on the columns of one frame, as polars expressions that are true or false and never null."""

import datetime as dt
from decimal import Decimal
from functools import reduce
from typing import Any

import polars as pl

from tests.reference_evaluator.days import date_of, stretch


def matching(group: dict[str, Any] | None, schema: pl.Schema, as_of: dt.date, identifiers: frozenset[str]) -> pl.Expr:
    """Which rows a group of attribute rules takes; no group takes all."""
    if group is None or not present(group):
        return pl.lit(True)
    inside = []
    for node in group["rules"]:
        if present(node):
            taken = matching if "rules" in node else _rule
            inside.append(taken(node, schema, as_of, identifiers))
    joined = reduce(lambda one, two: one | two if group.get("combinator") == "or" else one & two, inside)
    return ~joined if group.get("not") else joined


def present(node: dict[str, Any]) -> bool:
    """Whether a node counts: not disabled, and if a group, with something in it that counts."""
    if node.get("disabled"):
        return False
    return "rules" not in node or any(present(each) for each in node["rules"])


def _rule(rule: dict[str, Any], schema: pl.Schema, as_of: dt.date, identifiers: frozenset[str]) -> pl.Expr:
    column = _column(rule["field"], schema, identifiers)
    if rule.get("valueSource") == "field":
        right = _column(rule["value"], schema, identifiers)
        known = column.is_not_null() & right.is_not_null()
        answer = PLAIN[rule["operator"]](column, right)
        return pl.when(known).then(answer).otherwise(rule.get("nulls") == "in")
    kind = pl.Date() if schema[rule["field"]] == pl.Datetime else schema[rule["field"]]
    kind = pl.String() if rule["field"] in identifiers else kind
    return compared(column, kind, rule, as_of)


def _column(name: str, schema: pl.Schema, identifiers: frozenset[str]) -> pl.Expr:
    column = pl.col(name)
    if schema[name] == pl.Datetime:
        return column.cast(pl.Date)
    return column.cast(pl.String) if name in identifiers else column


def compared(column: pl.Expr, kind: pl.DataType, rule: dict[str, Any], as_of: dt.date) -> pl.Expr:
    """Whether the column stands to the rule's value as its operator says; unknown is false unless `nulls` is in."""
    operator, value = rule["operator"], rule.get("value")
    if operator in ("null", "notNull"):
        return column.is_null() if operator == "null" else column.is_not_null()
    if operator in ("within", "notWithin"):
        first, last = stretch(value, as_of)
        inside = pl.lit(True)
        inside = inside & (column >= first) if first else inside
        inside = inside & (column <= last) if last else inside
        answer = inside if operator == "within" else ~inside
    elif operator in ("between", "notBetween"):
        low, high = (_value(each, kind, as_of) for each in value)
        inside = (column >= low) & (column <= high)
        answer = inside if operator == "between" else ~inside
    elif operator in ("in", "notIn"):
        inside = reduce(lambda one, two: one | two, [column == _value(each, kind, as_of) for each in value])
        answer = inside if operator == "in" else ~inside
    elif operator in PARTS:
        text = PARTS[operator](column.str.to_lowercase(), str(value).lower())
        answer = ~text if operator.startswith("doesNot") else text
    else:
        answer = PLAIN[operator](column, _value(value, kind, as_of))
    return pl.when(column.is_not_null()).then(answer).otherwise(rule.get("nulls") == "in")


def _value(value: Any, kind: pl.DataType, as_of: dt.date) -> pl.Expr:
    if kind == pl.Date:
        return pl.lit(date_of(value, as_of))
    if kind == pl.String:
        return pl.lit(str(value))
    # A decimal is compared as a decimal: 0.1 in the document means a tenth, not the nearest binary fraction.
    return pl.lit(Decimal(str(value))) if kind.is_decimal() else pl.lit(value)


PLAIN = {
    "=": lambda one, two: one == two,
    "!=": lambda one, two: one != two,
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
}
PARTS = {
    "contains": lambda text, part: text.str.contains(part, literal=True),
    "doesNotContain": lambda text, part: text.str.contains(part, literal=True),
    "beginsWith": lambda text, part: text.str.starts_with(part),
    "doesNotBeginWith": lambda text, part: text.str.starts_with(part),
    "endsWith": lambda text, part: text.str.ends_with(part),
    "doesNotEndWith": lambda text, part: text.str.ends_with(part),
}
