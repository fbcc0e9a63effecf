"""Who belongs to a segment: every condition as a set of customers."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from tests.reference_evaluator.days import stretch
from tests.reference_evaluator.rows import compared, matching, present

Customers = frozenset[int]
ANY_TIME = {"all": True}


@dataclass(frozen=True)
class World:
    """What is known on a day: rows of the three catalogue marts, frames by table, lists, and other segments' documents.

    `month_end` is None where the profiles of the day itself are there, else the stored month end whose profiles count.
    """

    attribute_rows: tuple[Mapping[str, Any], ...]
    entity_rows: tuple[Mapping[str, Any], ...]
    field_rows: tuple[Mapping[str, Any], ...]
    frames: Mapping[str, pl.DataFrame]
    as_of: dt.date
    month_end: dt.date | None = None
    lists: Mapping[str, Customers] = field(default_factory=dict)
    segments: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def profiles(self) -> pl.DataFrame:
        """One row per customer of the day; these are everybody."""
        if self.month_end is None:
            return self.frames["customer_profiles"]
        return self.frames["customer_profiles_history"].filter(pl.col("month_end") == self.month_end)

    @cached_property
    def everybody(self) -> Customers:
        """All customers of the day."""
        return frozenset(self.profiles["customer_id"].to_list())

    def entity(self, name: str, kind: str) -> Mapping[str, Any]:
        """The catalogue's row of an event or a related object."""
        return next(row for row in self.entity_rows if row["name"] == name and row["kind"] == kind)

    def identifiers(self, entity: str | None = None) -> frozenset[str]:
        """Columns that number things; they are compared as text, as people write them."""
        rows = self.attribute_rows if entity is None else [row for row in self.field_rows if row["entity"] == entity]
        return frozenset(row["name"] for row in rows if row["unit"] == "id")


def members(document: Mapping[str, Any], world: World) -> Customers:
    """The customers whom a definition takes."""
    return _node(dict(document["root"]), world)


def _node(node: dict[str, Any], world: World) -> Customers:
    if "rules" not in node:
        return RULES[node["kind"]](node, world)
    inside = [_node(each, world) for each in node["rules"] if present(each)]
    if not inside:
        return world.everybody
    joined = frozenset.union(*inside) if node.get("combinator") == "or" else frozenset.intersection(*inside)
    return world.everybody - joined if node.get("not") else joined


def _attribute(rule: dict[str, Any], world: World) -> Customers:
    group = {"combinator": "and", "rules": [rule]}
    taken = matching(group, world.profiles.schema, world.as_of, world.identifiers())
    return _customers(world.profiles.filter(taken), "customer_id")


def _event(rule: dict[str, Any], world: World) -> Customers:
    entity = world.entity(rule["event"], "event")
    owner, date = entity["customer_column"], entity["date_column"]
    frame = world.frames[entity["table_name"]].filter(pl.col(date) <= world.as_of)
    frame = frame.filter(matching(rule.get("where"), frame.schema, world.as_of, world.identifiers(entity["name"])))
    inside = _in_window(frame, date, rule.get("window", ANY_TIME), world)
    function = rule["measure"]["function"]
    if function == "never":
        return world.everybody - _customers(inside, owner)
    if function == "stopped":
        before = _in_window(frame, date, rule.get("before", ANY_TIME), world)
        return world.everybody & _customers(before, owner) - _customers(inside, owner)
    measured = inside.group_by(pl.col(owner).alias("customer_id")).agg(
        _measure(rule["measure"], date).alias("measured")
    )
    all_of_them = pl.DataFrame({"customer_id": sorted(world.everybody)}, schema={"customer_id": pl.Int64})
    found = all_of_them.join(measured, on="customer_id", how="left")
    if function in ("count", "days", "sum"):
        found = found.with_columns(pl.col("measured").fill_null(0))
    taken = compared(pl.col("measured"), found.schema["measured"], rule, world.as_of)
    return _customers(found.filter(taken), "customer_id")


def _measure(measure: dict[str, Any], date: str) -> pl.Expr:
    match measure["function"]:
        case "count":
            return pl.len().cast(pl.Int64)
        case "days":
            return pl.col(date).n_unique().cast(pl.Int64)
        case "first":
            return pl.col(date).min()
        case "last":
            return pl.col(date).max()
    column = pl.col(measure["field"])
    function = {"sum": column.sum, "average": column.mean, "minimum": column.min, "maximum": column.max}
    return function[measure["function"]]()


def _in_window(frame: pl.DataFrame, date: str, window: dict[str, Any], world: World) -> pl.DataFrame:
    first, last = stretch(window, world.as_of)
    frame = frame.filter(pl.col(date) >= first) if first else frame
    return frame.filter(pl.col(date) <= last) if last else frame


def _related(rule: dict[str, Any], world: World) -> Customers:
    entity = world.entity(rule["entity"], "related")
    owner, valid_from, valid_to = (entity[name] for name in ("customer_column", "valid_from_column", "valid_to_column"))
    frame = world.frames[entity["table_name"]]
    if valid_from:
        frame = frame.filter(pl.col(valid_from) <= world.as_of)
        frame = frame.filter(pl.col(valid_to).is_null() | (pl.col(valid_to) > world.as_of)) if valid_to else frame
    elif entity["date_column"]:
        frame = frame.filter(pl.col(entity["date_column"]) <= world.as_of)
    taken = matching(rule.get("where"), frame.schema, world.as_of, world.identifiers(entity["name"]))
    having, fitting = _customers(frame, owner), _customers(frame.filter(taken), owner)
    match rule["quantifier"]:
        case "any":
            return world.everybody & fitting
        case "none":
            return world.everybody - fitting
        case "all":
            return world.everybody & having - _customers(frame.filter(~taken), owner)
    counts = dict(frame.filter(taken).group_by(owner).len().iter_rows())
    return _counted(rule, counts, world)


def _counted(rule: dict[str, Any], counts: Mapping[int, int], world: World) -> Customers:
    each = [(one, counts.get(one, 0)) for one in sorted(world.everybody)]
    found = pl.DataFrame(each, schema={"customer_id": pl.Int64, "counted": pl.Int64}, orient="row")
    taken = compared(pl.col("counted"), pl.Int64(), rule, world.as_of)
    return _customers(found.filter(taken), "customer_id")


def _segment(rule: dict[str, Any], world: World) -> Customers:
    inside = members(world.segments[rule["segment"]], world)
    return inside if rule["operator"] == "in" else world.everybody - inside


def _list(rule: dict[str, Any], world: World) -> Customers:
    inside = world.everybody & world.lists[rule["list"]]
    return inside if rule["operator"] == "in" else world.everybody - inside


def _customers(frame: pl.DataFrame, column: str) -> Customers:
    values: Iterable[Any] = frame[column].drop_nulls().to_list()
    return frozenset(values)


RULES = {"attribute": _attribute, "event": _event, "related": _related, "segment": _segment, "list": _list}
