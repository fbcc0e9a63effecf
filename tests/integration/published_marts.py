"""Published marts as polars frames, and the ways in which tests compare them."""

from collections import Counter

import polars as pl

from vitrina.warehouse.reader import SnapshotReader

ROUNDING = 0.0101


class Marts:
    """The published marts as polars frames."""

    def __init__(self, snapshot: SnapshotReader) -> None:
        self._snapshot = snapshot

    def __call__(self, name: str) -> pl.DataFrame:
        return pl.from_arrow(self._snapshot.query(f'select * from "{name}"'))  # type: ignore[return-value]


def whole(frame: pl.DataFrame, column: str, unit: int) -> pl.Expr:
    """A decimal column as whole units."""
    assert isinstance(frame.schema[column], pl.Decimal), column
    return (pl.col(column) * unit).cast(pl.Int64)


def grouped(frame: pl.DataFrame, keys: list[str], *sums: str) -> list[tuple]:
    """Row count and sums of whole numbers by keys, in order."""
    return frame.group_by(keys).agg(pl.len(), *(pl.col(c).sum() for c in sums)).sort(keys).rows()


def counted(frame: pl.DataFrame, *keys: str) -> Counter:
    """How many rows of each combination of keys."""
    return Counter(frame.select(keys).rows())
