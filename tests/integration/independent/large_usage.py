"""The reader of usage files for an operator whose rows do not fit into Python objects: the same rules, in columns."""

from functools import cached_property
from pathlib import Path

import polars as pl

from tests.integration.independent.billing import Sources
from tests.integration.independent.usage_files import AMOUNTS, COUNTS, DAILY, MONTHLY, USUAL_SHARE, _opened


class Columns:
    """Good rows of a kind of file as one frame."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.rows = len(frame)
        self._frame = frame

    def frame(self) -> pl.DataFrame:
        """As `Usage.frame`."""
        return self._frame


class LargeSources(Sources):
    """Sources whose usage is read in columns."""

    @cached_property
    def usage(self) -> Columns:  # type: ignore[override]
        """Daily files."""
        return read_columns(self.inbox / "foris" / "usage", DAILY, self.subscription_ids)

    @cached_property
    def archive(self) -> Columns:  # type: ignore[override]
        """Monthly archive."""
        return read_columns(self.inbox / "foris" / "usage_archive", MONTHLY, self.subscription_ids)


def read_columns(folder: Path, columns: tuple[str, ...], subscriptions: set[int]) -> Columns:
    """Every file of a folder in the order of names."""
    parts, contents, sizes = [_typed(pl.DataFrame(schema=dict.fromkeys(columns, pl.String)), columns)], set(), []
    known = pl.DataFrame({"subscription_id": sorted(subscriptions)}, schema={"subscription_id": pl.Int64})
    for path in sorted(folder.glob("*.csv.gz")):
        content = path.read_bytes()
        if content in contents:
            continue
        contents.add(content)
        fate, lines = _opened(content, columns)
        if fate != "good" or (sizes and len(lines) - 1 < USUAL_SHARE * sorted(sizes)[len(sizes) // 2]):
            continue
        sizes.append(len(lines) - 1)
        rows = _typed(_split(lines), columns).drop_nulls([c for c in columns if c != "roaming_country"])
        rows = rows.filter(pl.min_horizontal(*COUNTS, *AMOUNTS) >= 0).join(known, on="subscription_id", how="semi")
        parts.append(rows.unique(["subscription_id", columns[1]], keep="first", maintain_order=True))
    return Columns(pl.concat(parts))


def _split(lines: list[str]) -> pl.DataFrame:
    header = lines[0].split(";")
    whole = pl.Series("line", lines[1:]).to_frame().filter(pl.col("line").str.count_matches(";") == len(header) - 1)
    fields = pl.col("line").str.split_exact(";", len(header) - 1).struct.rename_fields(header)
    return whole.select(fields.alias("fields")).unnest("fields")


def _typed(rows: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    whole = [c for c in columns if c in ("subscription_id", *COUNTS, "active_days")]
    fraction = r"^-?\d+(,\d{1,3})?$"
    amounts = [
        pl.when(pl.col(c).str.contains(fraction)).then(
            (pl.col(c).str.replace(",", ".").cast(pl.Float64, strict=False) * 1000).round().cast(pl.Int64)).alias(c)
        for c in AMOUNTS
    ]  # fmt: skip
    return rows.select(
        *(pl.col(c).cast(pl.Int64, strict=False) for c in whole), *amounts,
        pl.col(columns[1]).str.to_date("%Y-%m-%d", strict=False),
        pl.when(pl.col("roaming_country") != "").then(pl.col("roaming_country")).alias("roaming_country"),
    )  # fmt: skip
