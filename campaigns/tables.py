"""Tables come as Arrow or polars; inside they are polars, and they go out as Arrow."""

from collections.abc import Iterable
from typing import Final, TypeAlias

import polars as pl
import pyarrow as pa

from segments.errors import DefinitionError, Problem

__all__ = ["Table", "frame", "need"]

Table: TypeAlias = pa.Table | pl.DataFrame
MISSING_COLUMNS: Final = "The table has no {columns}."


def frame(table: Table) -> pl.DataFrame:
    """The table as polars sees it, without a copy where that is possible."""
    if isinstance(table, pl.DataFrame):
        return table
    found = pl.from_arrow(table)
    if isinstance(found, pl.Series):
        return found.to_frame()
    return found


def need(rows: pl.DataFrame, columns: Iterable[str], name: str) -> None:
    """Raise `DefinitionError` at path (`name`,) when a column is not there."""
    if missing := [each for each in columns if each not in rows.columns]:
        raise DefinitionError([Problem((name,), MISSING_COLUMNS, {"columns": ", ".join(missing)})])
