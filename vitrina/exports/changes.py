"""What changed for a consumer: the payload staged once with a hash of every row, compared with his last state.

The state is a Parquet file of key and row hash kept with the exports, so the snapshots it came from may be swept.
The hash is MD5 of the row's text: it stays the same over engine versions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from vitrina.warehouse.engine import columns_of, literal, one_row, quoted, quoted_list
from vitrina.warehouse.manifest import Column

HASH = "_row_hash"
CHANGE = "_change"


@dataclass(frozen=True)
class Counts:
    """Rows against the baseline; all None without a key, because rows cannot be told apart."""

    inserted: int | None = None
    updated: int | None = None
    deleted: int | None = None
    unchanged: int | None = None


class BadKey(ValueError):
    """The key does not identify rows: names a value that is missing or there twice."""


@dataclass(frozen=True)
class Staged:
    """The payload in a scratch Parquet file, in the order it came, with `_row_hash`."""

    path: Path
    columns: tuple[Column, ...]
    rows: int

    @property
    def relation(self) -> str:
        """For SQL of any connection that may read files."""
        return f"read_parquet({literal(str(self.path))})"


def stage(
    connection: duckdb.DuckDBPyConnection, batches: pa.RecordBatchReader, path: Path, key: Sequence[str]
) -> Staged:
    """Write the stream to `path` without ever holding it whole. Raises `BadKey`."""
    connection.register("payload", batches)
    try:
        columns = columns_of(connection, "payload")
        # A length before each value keeps ('a', 'bc') and ('ab', 'c') apart; NULL has no length at all.
        texts = (f"{quoted(column.name)}::VARCHAR" for column in columns)
        parts = ", ".join(f"coalesce(length({text}) || ':' || {text}, '~')" for text in texts)
        query = f"SELECT *, md5(concat({parts})) AS {HASH} FROM payload"
        connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")
    finally:
        connection.unregister("payload")
    relation = f"read_parquet({literal(str(path))})"
    rows = one_row(connection, f"SELECT count(*) FROM {relation}")[0]
    staged = Staged(path, columns, rows)
    if key:
        _check_key(connection, staged, key)
    return staged


def _check_key(connection: duckdb.DuckDBPyConnection, staged: Staged, key: Sequence[str]) -> None:
    missing = " OR ".join(f"{quoted(name)} IS NULL" for name in key)
    nulls = one_row(connection, f"SELECT count(*) FROM {staged.relation} WHERE {missing}")[0]
    if nulls:
        raise BadKey(f"{nulls} rows have no value in the key {', '.join(key)}")
    names = quoted_list(key)
    query = f"SELECT {names}, count(*) FROM {staged.relation} GROUP BY {names} HAVING count(*) > 1 LIMIT 1"
    twice = connection.execute(query).fetchone()
    if twice:
        values = ", ".join(f"{name}={value}" for name, value in zip(key, twice, strict=False))
        raise BadKey(f"the key is not unique: {values} is there {twice[-1]} times")


def write_state(connection: duckdb.DuckDBPyConnection, staged: Staged, key: Sequence[str], path: Path) -> None:
    """Keep key and row hash: what the consumer has after this export."""
    query = f"SELECT {quoted_list(key)}, {HASH} FROM {staged.relation}"
    connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")


def changes_sql(staged: Staged, key: Sequence[str], state: Path | None) -> str:
    """Rows that the consumer has to apply: `_change` (insert, update, delete) and the columns.

    A deleted row has its key and nothing else. Rows come in the order of the key, deletes last.
    """
    names = quoted_list([column.name for column in staged.columns])
    if state is None:
        return f"SELECT 'insert' AS {CHANGE}, {names} FROM {staged.relation}"
    ordered = f" ORDER BY {CHANGE} = 'delete', {quoted_list(key)}"
    old = f"read_parquet({literal(str(state))})"
    joined = " AND ".join(f"n.{quoted(name)} = o.{quoted(name)}" for name in key)
    changed = f"SELECT CASE WHEN o.{HASH} IS NULL THEN 'insert' ELSE 'update' END AS {CHANGE}, n.* EXCLUDE ({HASH})"
    deleted = ", ".join(
        f"o.{quoted(c.name)}" if c.name in key else f"NULL::{c.type} AS {quoted(c.name)}" for c in staged.columns
    )
    return (
        f"{changed} FROM {staged.relation} AS n LEFT JOIN {old} AS o ON {joined}"
        f" WHERE o.{HASH} IS NULL OR o.{HASH} <> n.{HASH}"
        f" UNION ALL SELECT 'delete' AS {CHANGE}, {deleted} FROM {old} AS o"
        f" ANTI JOIN {staged.relation} AS n ON {joined}{ordered}"
    )


def count_changes(
    connection: duckdb.DuckDBPyConnection, staged: Staged, key: Sequence[str], state: Path | None
) -> Counts:
    """How many rows are new, different, gone and the same."""
    if not key:
        return Counts()
    grouped = f"SELECT {CHANGE}, count(*) FROM ({changes_sql(staged, key, state)}) GROUP BY 1"
    found = dict(connection.execute(grouped).fetchall())
    inserted, updated, deleted = (found.get(kind, 0) for kind in ("insert", "update", "delete"))
    return Counts(inserted, updated, deleted, staged.rows - inserted - updated)
