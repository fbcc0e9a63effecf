"""Which tables of the build are published and how: sorted by what, keyed by what, split by which month.

Every table of the publishable schemas is published, so a new mart needs no entry. Entries say what differs: from
`published_marts.yml` beside the dbt project and from the dbt manifest: models materialised as `month_partition` are
month facts unless the YAML says otherwise, and `meta` of a model overrides the YAML. Not here: how files are written.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from vitrina.errors import UserError
from vitrina.settings import REPOSITORY
from vitrina.warehouse.engine import one_row

MARTS_FILE = REPOSITORY / "dbt_project" / "published_marts.yml"
_FIELDS = ("order_by", "index_keys", "month_column", "required", "customer_base", "publish")


class MartMismatch(UserError):
    """An entry and its table do not fit: names both."""


@dataclass(frozen=True)
class MartSpec:
    """How one table is published; `month_column` (date, timestamp or 'YYYY-MM') makes it month facts."""

    name: str
    order_by: tuple[str, ...] = ()
    index_keys: tuple[str, ...] = ()
    month_column: str | None = None
    required: bool = False
    customer_base: bool = False
    publish: bool = True


@dataclass(frozen=True)
class MartCatalogue:
    """Entries by table name, and the schemas of the build whose tables are published, in order of precedence."""

    specs: dict[str, MartSpec] = field(default_factory=dict)
    schemas: tuple[str, ...] = ("marts", "exports")

    def of(self, table: str) -> MartSpec:
        """Entry of a table, or the defaults."""
        return self.specs.get(table, MartSpec(table))

    @property
    def required(self) -> tuple[str, ...]:
        """Tables without which nothing is published."""
        return tuple(spec.name for spec in self.specs.values() if spec.required)

    @property
    def customer_bases(self) -> tuple[str, ...]:
        """Tables with one row per customer, whose collapse stops a publish."""
        return tuple(spec.name for spec in self.specs.values() if spec.customer_base)


@dataclass(frozen=True)
class BuiltTable:
    """A table of the build and its entry; `relation` is its quoted name for SQL."""

    spec: MartSpec
    relation: str
    rows: int


def load_catalogue(path: Path = MARTS_FILE, dbt_manifest: Path | None = None) -> MartCatalogue:
    """Read the entries. A missing YAML or dbt manifest means no entries from it.

    Raises `MartMismatch` when an entry has a key that does not exist.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    specs = {name: _spec(MartSpec(name), entry or {}) for name, entry in (content.get("marts") or {}).items()}
    for name, month_column, meta in _dbt_models(dbt_manifest):
        known = {key: value for key, value in meta.items() if key in _FIELDS}
        if month_column and "month_column" not in (content.get("marts") or {}).get(name, {}):
            known = {"month_column": month_column, **known}
        specs[name] = _spec(specs.get(name, MartSpec(name)), known)
    schemas = tuple(content.get("schemas") or MartCatalogue().schemas)
    return MartCatalogue(specs, schemas)


def _spec(base: MartSpec, entry: dict[str, Any]) -> MartSpec:
    unknown = sorted(set(entry) - set(_FIELDS))
    if unknown:
        raise MartMismatch(f"{base.name}: unknown keys {', '.join(unknown)}; known are {', '.join(_FIELDS)}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return replace(base, **values)


def _dbt_models(path: Path | None) -> Iterable[tuple[str, str | None, dict[str, Any]]]:
    """Name, month column (None unless built month by month) and `meta` of every model."""
    nodes = json.loads(path.read_text(encoding="utf-8")).get("nodes", {}) if path and path.exists() else {}
    for node in nodes.values():
        if node.get("resource_type") == "model":
            config = node.get("config") or {}
            month = (config.get("month_column") or "month") if config.get("materialized") == "month_partition" else None
            yield node.get("alias") or node["name"], month, {**(node.get("meta") or {}), **(config.get("meta") or {})}


def built_tables(connection: duckdb.DuckDBPyConnection, catalogue: MartCatalogue) -> dict[str, BuiltTable]:
    """Tables of the build that are to be published, by name, counted.

    Raises `MartMismatch` when two schemas hold a table of the same name.
    """
    found: dict[str, BuiltTable] = {}
    for schema in catalogue.schemas:
        query = (
            "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_catalog ="
            " current_database() AND table_name NOT LIKE '%\\_\\_dbt\\_%' ESCAPE '\\' ORDER BY table_name"
        )
        for (name,) in connection.execute(query, [schema]).fetchall():
            spec = catalogue.of(name)
            if name in found:
                raise MartMismatch(f"{name} is in schema {schema} and in another published schema")
            if spec.publish:
                relation = f'"{schema}"."{name}"'
                rows = one_row(connection, f"SELECT count(*) FROM {relation}")[0]
                found[name] = BuiltTable(spec, relation, rows)
    return found
