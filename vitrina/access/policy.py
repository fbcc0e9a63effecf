"""The policy of every published table, read from tables.yaml: whose right opens it, which rows, which class of column.

What is not listed is closed. Not here: what a class looks like under a mask, and how a policy becomes SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from vitrina.access.masking import SHAPES
from vitrina.access.rights import COLUMN_CLASSES, OBJECTS, PERSONAL_CLASSES

TABLES_FILE: Final = Path(__file__).with_name("tables.yaml")
ANYONE: Final = "anyone"
CATALOGUE: Final = "attribute_catalogue"
_KEYS: Final = {"object", "rows", "business", "columns", "catalogue"}


class BadPolicy(ValueError):
    """tables.yaml contradicts itself: names the table and what is wrong with it."""


@dataclass(frozen=True)
class ColumnRule:
    """Class of a column, and the shape of its value under a partial mask."""

    column_class: str
    shape: str = "none"

    @property
    def is_personal(self) -> bool:
        """Whether a look at the open value is written down."""
        return self.column_class in PERSONAL_CLASSES


OPEN: Final = ColumnRule("open")


@dataclass(frozen=True)
class TablePolicy:
    """One table: `key_columns` are the customer columns (all must be in scope) or the employee column."""

    name: str
    object: str
    rows: Literal["customer", "employee", "reference", "company"]
    key_columns: tuple[str, ...] = ()
    business: tuple[str, str] | None = None
    columns: Mapping[str, ColumnRule] = field(default_factory=dict, hash=False)
    open_by_catalogue: bool = False

    def rule(self, column: str, catalogued_open: frozenset[str] = frozenset()) -> ColumnRule | None:
        """Rule of a column, None when it is closed. `catalogued_open` are the columns the catalogue calls harmless."""
        listed = self.columns.get(column)
        if listed is None and self.open_by_catalogue and column in catalogued_open:
            return OPEN
        return listed


Policies = Mapping[str, TablePolicy]


@lru_cache(maxsize=4)
def load_policies(path: Path = TABLES_FILE) -> Policies:
    """Every policy by table name. Raises `BadPolicy`."""
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return {name: _policy(name, entry) for name, entry in content.items()}


def _policy(name: str, entry: dict[str, Any]) -> TablePolicy:
    if unknown := set(entry) - _KEYS:
        raise BadPolicy(f"{name}: unknown keys {sorted(unknown)}")
    if entry["object"] != ANYONE and entry["object"] not in OBJECTS:
        raise BadPolicy(f"{name}: unknown object {entry['object']}")
    rows, keys = _rows(name, entry["rows"])
    business = next(iter(entry["business"].items())) if "business" in entry else None
    policy = TablePolicy(
        name, entry["object"], rows, keys, business, _columns(name, entry["columns"]), bool(entry.get("catalogue"))
    )
    if unlisted := [key for key in keys if not policy.open_by_catalogue and policy.columns.get(key) != OPEN]:
        raise BadPolicy(f"{name}: rows go by {unlisted}, which are not open columns")
    return policy


def _rows(name: str, rows: Any) -> tuple[Any, tuple[str, ...]]:
    if rows in ("reference", "company"):
        return rows, ()
    match rows:
        case {"customer": [*columns]} if columns:
            return "customer", tuple(columns)
        case {"employee": str() as column}:
            return "employee", (column,)
    raise BadPolicy(f"{name}: rows {rows!r} say nothing")


def _columns(name: str, classes: dict[str, list[str]]) -> dict[str, ColumnRule]:
    found: dict[str, ColumnRule] = {}
    for label, columns in classes.items():
        column_class, _, shape = label.partition(".")
        if column_class not in COLUMN_CLASSES or (shape or "none") not in SHAPES:
            raise BadPolicy(f"{name}: unknown class or shape {label}")
        for column in columns:
            if column in found:
                raise BadPolicy(f"{name}.{column}: listed twice")
            found[column] = ColumnRule(column_class, shape or "none")
    return found
