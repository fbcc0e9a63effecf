"""What a query function needs of the thing it reads from."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa


class Reader(Protocol):
    """A published snapshot: one statement with bound parameters in, an Arrow table out."""

    def query(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> pa.Table:
        """Run a SELECT over the marts."""
        ...


def scalar(table: pa.Table) -> Any:
    """The single value of a one-row, one-column result; None when there is no row."""
    return table.column(0)[0].as_py() if table.num_rows else None


def one(table: pa.Table) -> dict[str, Any] | None:
    """The only row of a result as a dictionary, or None."""
    return table.slice(0, 1).to_pylist()[0] if table.num_rows else None
