"""A small sample of accepted rows as plain texts, for engines that look at data apart from the contract pass."""

import duckdb
import pyarrow as pa

from data_contracts.model import Column
from data_contracts.sql import literal, quoted
from ingest.workspace import open_workspace
from vitrina.settings import Settings

# Great Expectations reads texts as the contract writes them.
_TIMESTAMP = "%Y-%m-%d %H:%M:%S"


def accepted_sample(settings: Settings, source: str, entity: str, rows: int) -> pa.Table | None:
    """Up to `rows` accepted rows of the newest delivery, every field as text under its source name, and `_line`.

    Of one delivery only, because a later one may carry a newer version of the same key. None before the first row.
    """
    with open_workspace(settings) as workspace:
        entry = workspace.entity(source, entity)
        contract, files = workspace.contract(entry), workspace.raw_files(entry.table)
    if not files:
        return None
    newest = f"read_parquet({literal(files[-1])})"
    fields = ", ".join(f"{_as_text(column)} as {quoted(column.source_name)}" for column in contract.columns)
    with duckdb.connect(config={"threads": settings.threads}) as con:
        return con.sql(
            f"select {fields}, _line from {newest} where _delivery_id = (select max(_delivery_id) from {newest}) "
            f"order by _line limit {int(rows)}"
        ).to_arrow_table()


def _as_text(column: Column) -> str:
    name = quoted(column.name)
    if column.logical_type in ("date", "timestamp"):
        pattern = column.date_format or (_TIMESTAMP if column.logical_type == "timestamp" else "%Y-%m-%d")
        return f"strftime({name}, {literal(pattern)})"
    return f"{name}::varchar"
