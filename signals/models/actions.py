"""Next best action: rules that anybody can read, in their order, over the scores and what fits the customer."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl
import yaml

from signals.models.features import CUSTOMER_TYPES

FILE: Final = Path(__file__).with_name("actions.yaml")
_PLACES: Final = re.compile(r"{(\w+)}")
_OPERATORS: Final = {"=", "in", ">", ">=", "<", "<="}


class WrongActions(ValueError):
    """The rules cannot be used: names the rule."""


@dataclass(frozen=True)
class Action:
    """One rule: what to do (`title`), why (a sentence with places for columns), when, and for which customers."""

    key: str
    title: str
    why: str
    when: Mapping[str, Mapping[str, Any]] = field(hash=False)
    of: tuple[str, ...] = CUSTOMER_TYPES

    @property
    def places(self) -> tuple[str, ...]:
        """Columns that the sentence names."""
        return tuple(dict.fromkeys(_PLACES.findall(self.why)))

    @property
    def columns(self) -> frozenset[str]:
        """Columns that the rule needs."""
        return frozenset(self.when) | frozenset(self.places)


def parse_actions(document: Sequence[Mapping[str, Any]]) -> tuple[Action, ...]:
    """Rules of a document. Raises `WrongActions`."""
    found: dict[str, Action] = {}
    for entry in document:
        action = Action(**{**entry, "of": tuple(entry.get("of", CUSTOMER_TYPES))})
        if action.key in found or not action.when:
            raise WrongActions(f"{action.key}: twice, or without a condition")
        for column, conditions in action.when.items():
            if not set(conditions) <= _OPERATORS:
                raise WrongActions(f"{action.key}: {column} is compared with {', '.join(conditions)}")
        found[action.key] = action
    return tuple(found.values())


@cache
def declared_actions() -> tuple[Action, ...]:
    """The rules delivered with the product."""
    return parse_actions(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def next_actions(customers: pl.DataFrame, actions: Sequence[Action] | None = None) -> pl.DataFrame:
    """Columns `next_action` (key of the first rule that holds, or null) and `next_action_values` (JSON of the columns
    that its sentence names), row for row. A rule whose columns are not all there never holds."""
    usable = [each for each in actions or declared_actions() if each.columns <= set(customers.columns)]
    chosen: pl.Expr = pl.lit(None, dtype=pl.String)
    for action in reversed(usable):
        chosen = pl.when(_holds(action)).then(pl.lit(action.key)).otherwise(chosen)
    told = customers.with_columns(chosen.alias("next_action"))
    values = pl.Series("next_action_values", [None] * told.height, dtype=pl.String)
    for action in usable:
        here = (told["next_action"] == action.key).fill_null(False)
        if here.any():
            texts = [json.dumps(row, default=_number) for row in told.filter(here).select(action.places).to_dicts()]
            values = values.scatter(here.arg_true(), texts)
    return told.select("next_action").with_columns(values)


def _holds(action: Action) -> pl.Expr:
    parts = [pl.col("customer_type").is_in(list(action.of))]
    for column, conditions in action.when.items():
        parts += [_compared(pl.col(column), operator, value) for operator, value in conditions.items()]
    return pl.all_horizontal(part.fill_null(False) for part in parts)


def _compared(column: pl.Expr, operator: str, value: Any) -> pl.Expr:
    match operator:
        case "in":
            return column.is_in(list(value))
        case "=":
            return column == value
        case ">":
            return column > value
        case ">=":
            return column >= value
        case "<":
            return column < value
        case _:
            return column <= value


def _number(value: Any) -> float:
    return float(value)
