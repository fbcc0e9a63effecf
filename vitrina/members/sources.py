"""What definitions are evaluated on: the build before it is published, or the snapshot that is published."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import duckdb
import pyarrow as pa

from vitrina.warehouse.engine import quoted
from vitrina.warehouse.live import LIST_MEMBERS, has_lists, list_members_query
from vitrina.warehouse.reader import SnapshotCursor

BATCH_ROWS: Final = 500_000


class Rows(Protocol):
    """SQL in, Arrow out; parameters by name."""

    @property
    def tables(self) -> frozenset[str]:
        """Marts that definitions may name."""
        ...

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """A small answer."""
        ...

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.RecordBatchReader:
        """An answer of any size."""
        ...


class BuildRows:
    """The marts of a build, with the uploaded lists of its home."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, lists: Path, schema: str = "marts") -> None:
        self._connection = connection
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {LIST_MEMBERS} AS {list_members_query(lists, has_lists(lists))}"
        )
        connection.execute(f"USE {quoted(schema)}")
        found = connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = ?", [schema]).fetchall()
        self.tables = frozenset(str(name) for (name,) in found) | {LIST_MEMBERS}

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """A small answer."""
        return self._connection.sql(sql, params=dict(params or {})).to_arrow_table()

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.RecordBatchReader:
        """An answer of any size."""
        return self._connection.sql(sql, params=dict(params or {})).to_arrow_reader(BATCH_ROWS)


class SnapshotRows:
    """The marts of a published snapshot, unfiltered: membership is the operator's own, not one person's."""

    def __init__(self, cursor: SnapshotCursor) -> None:
        self._cursor = cursor
        self.tables = frozenset(cursor.manifest.tables)

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """A small answer."""
        return self._cursor.query(sql, params)

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.RecordBatchReader:
        """An answer of any size."""
        return self._cursor.stream(sql, params, BATCH_ROWS)
