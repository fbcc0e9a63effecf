"""How much of the machine a DuckDB instance of the warehouse may take, and SQL text made from names."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from vitrina.warehouse.manifest import Column

_INSTANCES = itertools.count(1)


def _default_spill() -> Path:
    return Path(tempfile.gettempdir()) / "vitrina-spill"


@dataclass(frozen=True)
class Resources:
    """Limits of one DuckDB instance; sorts and joins beyond the memory limit spill to a folder in `spill_dir`.

    `spill_limit` bounds what goes there (a size such as ``2GB``); None leaves it to the disk.
    """

    memory_limit: str = "2GB"
    threads: int = 2
    spill_dir: Path = field(default_factory=_default_spill)
    spill_limit: str | None = None

    def apply(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Set the limits; timestamps without a zone are UTC everywhere in the warehouse."""
        connection.execute(f"SET memory_limit = {literal(self.memory_limit)}")
        connection.execute(f"SET threads = {int(self.threads)}")
        connection.execute(f"SET temp_directory = {literal(str(self._own_spill_dir()))}")
        if self.spill_limit is not None:
            connection.execute(f"SET max_temp_directory_size = {literal(self.spill_limit)}")
        connection.execute("SET TimeZone = 'UTC'")
        # The engine's own bar would be drawn over the run's.
        connection.execute("SET enable_progress_bar = false")
        # dbt turns this off for its own connection; a sorted table must stay sorted.
        connection.execute("SET preserve_insertion_order = true")

    def _own_spill_dir(self) -> Path:
        """Two instances must not share a folder: DuckDB names its spill files alike in each. Made only when needed."""
        for folder in self.spill_dir.glob("*-*"):
            if not Path("/proc", folder.name.split("-")[0]).exists():
                shutil.rmtree(folder, ignore_errors=True)
        self.spill_dir.mkdir(parents=True, exist_ok=True)
        return self.spill_dir / f"{os.getpid()}-{next(_INSTANCES)}"


def quoted(name: str) -> str:
    """An identifier, safe in SQL text."""
    return '"' + name.replace('"', '""') + '"'


def quoted_list(names: Sequence[str]) -> str:
    """Identifiers separated by commas."""
    return ", ".join(quoted(name) for name in names)


def literal(text: str) -> str:
    """A string literal, safe in SQL text."""
    return "'" + text.replace("'", "''") + "'"


def ordering(names: Sequence[str]) -> str:
    """An ORDER BY clause, empty when there is nothing to order by."""
    return f" ORDER BY {quoted_list(names)}" if names else ""


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[Column, ...]:
    """Columns of a relation in their order."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return tuple(Column(name=row[0], type=row[1]) for row in rows)


def one_row(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
    """The first row of a query that always has one, such as a count."""
    rows = connection.execute(query, list(parameters)).fetchall()
    return tuple(rows[0])
