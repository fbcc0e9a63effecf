"""Tables of the build that dbt does not make: rows put into them, and their place in the catalogue of segments."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl
import yaml

from vitrina.settings import REPOSITORY
from vitrina.warehouse.engine import quoted

_OUTSIDE: Final = REPOSITORY / "dbt_project" / "outside"
_UNIT_LABELS: Final = ("unit_label_ru", "unit_label_uz", "unit_label_en")


def fill(connection: duckdb.DuckDBPyConnection, name: str, rows: pl.DataFrame | Sequence[Mapping[str, Any]]) -> None:
    """Append rows to a mart of the build by the names of its columns; columns that are not given are null."""
    given = rows if isinstance(rows, pl.DataFrame) else [dict(row) for row in rows]
    frame = given if isinstance(given, pl.DataFrame) else pl.DataFrame(given, infer_schema_length=None)
    if frame.is_empty():
        return
    connection.register("given_rows", frame.to_arrow())
    connection.execute(f"INSERT INTO marts.{quoted(name)} BY NAME SELECT * FROM given_rows")
    connection.unregister("given_rows")


def let_segments_ask(connection: duckdb.DuckDBPyConnection, file: str, table: str) -> None:
    """Let segments ask of a table: its entity and fields, as a property file of dbt_project/outside has them.

    The build must have the marts attribute_catalogue, segment_entities and segment_fields.
    """
    model = _described(_OUTSIDE / file, table)
    units = _units(connection)
    (entity,) = model["meta"]["segment_entities"]
    connection.execute("DELETE FROM marts.segment_entities WHERE table_name = ?", [table])
    connection.execute("DELETE FROM marts.segment_fields WHERE entity = ?", [entity["name"]])
    fill(connection, "segment_entities", [{**entity, "table_name": table, "customer_column": "customer_id"}])
    (last,) = connection.execute("SELECT coalesce(max(position), 0) FROM marts.segment_fields").fetchall()[0]
    fields = [
        {
            "position": last + place, "entity": entity["name"], "name": column["name"], "type": column["data_type"],
            "description": column["description"], **column["config"]["meta"],
            **units.get(column["config"]["meta"]["unit"], {}),
        }
        for place, column in enumerate((each for each in model["columns"] if "config" in each), 1)
    ]  # fmt: skip
    fill(connection, "segment_fields", fields)


def _described(file: Path, table: str) -> dict[str, Any]:
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    found: dict[str, Any] = next(each for each in document["models"] if each["name"] == table)
    return found


def _units(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Names of units, as the catalogue of attributes has them."""
    rows = connection.execute(
        "SELECT DISTINCT unit, unit_label_ru, unit_label_uz, unit_label_en FROM marts.attribute_catalogue"
    ).fetchall()
    return {unit: dict(zip(_UNIT_LABELS, labels, strict=True)) for unit, *labels in rows}
