"""A native table of a snapshot: sorted, keyed, and beside it the same rows as Parquet. Every publish writes them so."""

from collections.abc import Callable
from pathlib import Path

import duckdb

from vitrina.warehouse.engine import columns_of, literal, ordering, quoted
from vitrina.warehouse.facts import present
from vitrina.warehouse.manifest import FileEntry, TableEntry
from vitrina.warehouse.marts import BuiltTable


def write_native(
    connection: duckdb.DuckDBPyConnection,
    database: str,
    table: BuiltTable,
    folder: Path,
    entry: Callable[[Path, int | None], FileEntry],
) -> TableEntry:
    """Write a built table into the attached `database` and as Parquet into `folder`; `entry` describes the file."""
    name, run = table.spec.name, connection.execute
    columns = columns_of(connection, table.relation)
    order, keys = present(table.spec.order_by, columns), present(table.spec.index_keys, columns)
    target = f"{quoted(database)}.main.{quoted(name)}"
    run(f"CREATE TABLE {target} AS SELECT * FROM {table.relation}{ordering(order)}")
    for key in keys:
        run(f"CREATE INDEX {quoted(f'{name}_{key}')} ON {target} ({quoted(key)})")
    parquet = folder / f"{name}.parquet"
    run(f"COPY {target} TO {literal(str(parquet))} (FORMAT parquet, COMPRESSION zstd)")
    return TableEntry(
        name=name, kind="native", rows=table.rows, columns=columns, order_by=order, index_keys=keys,
        parquet=entry(parquet, table.rows),
    )  # fmt: skip
