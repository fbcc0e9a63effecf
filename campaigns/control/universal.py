"""The universal control group: who is left alone by every campaign, since when, until when and why.

The group is data, not a formula. A customer keeps what he was given as long as he can: the share of a later day,
another seed or a new tie between customers does not quietly move anybody. What changes is written down with its
reason:

- assigned: drawn by lot when his cluster was new (or when the whole group was drawn anew: rotated);
- joined: came into a cluster that already had its part;
- released: his cluster met one that had been contacted. Contact cannot be undone, so the group loses him;
- left: is no longer among the members.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
import pyarrow as pa

from campaigns.control.assign import ASSIGNED, assign
from campaigns.control.clusters import cluster_of
from campaigns.tables import Table, frame, need
from segments.errors import DefinitionError, Problem

UNIVERSAL: Final = "universal"
HISTORY: Final = pa.schema([
    ("customer_id", pa.int64()), ("cluster_id", pa.int64()), ("is_control", pa.bool_()), ("valid_from", pa.date32()),
    ("valid_to", pa.date32()), ("reason", pa.string()), ("seed", pa.string()),
])  # fmt: skip
BACKWARDS: Final = "The history already knows {known}: a day before it cannot be added."


@dataclass(frozen=True)
class Renewal:
    """The new `history` (schema `HISTORY`, valid_to null where it lasts) and how many customers have which reason."""

    history: pa.Table
    members: int
    control: int
    assigned: int
    joined: int
    released: int
    left: int


def renew(
    history: Table | None,
    members: Table,
    clusters: Table,
    share_pct: float,
    on: dt.date,
    *,
    seed: str = UNIVERSAL,
    strata: Sequence[str] = (),
    rotate: bool = False,
) -> Renewal:
    """The group on day `on`: kept where it can be, drawn where customers are new, or drawn anew with `rotate`.

    `members` has customer_id and the columns of `strata`. Raises `DefinitionError`, also for a day before the last one.
    """
    past = _typed(frame(history)) if history is not None else _empty()
    _forward(past, on)
    rows = frame(members)
    need(rows, ["customer_id", *strata], "members")
    here = cluster_of(rows, clusters)
    standing = past.filter(pl.col("valid_to").is_null())
    before = standing.select("customer_id", was="is_control", was_in="cluster_id")
    known = here.join(before, on="customer_id", how="left")
    opinion = pl.col("was").min().over("cluster_id")  # false, contacted, wins over true
    known = known.with_columns(is_control=pl.lit(None, pl.Boolean) if rotate else opinion)
    drawn = _drawn(known, clusters, seed, share_pct, strata)
    known = known.join(drawn, on="customer_id", how="left").with_columns(reason=_reason(rotate))
    known = known.with_columns(is_control=pl.coalesce("is_control", "drawn"))
    changed = known.filter(
        pl.col("was").is_null() | (pl.col("was") != pl.col("is_control")) | (pl.col("was_in") != pl.col("cluster_id"))
    )  # fmt: skip
    gone = before.join(here, on="customer_id", how="anti")
    closing = pl.concat([changed["customer_id"], gone["customer_id"]])
    kept = _closed(past, closing, on)
    opened = changed.select(
        "customer_id", "cluster_id", "is_control", pl.lit(on).alias("valid_from"),
        pl.lit(None, pl.Date).alias("valid_to"), "reason", pl.lit(seed).alias("seed"),
    )  # fmt: skip
    found = pl.concat([kept, _typed(opened)]).sort("customer_id", "valid_from")
    count = changed["reason"].value_counts().rows()
    told = dict(count)
    return Renewal(
        found.to_arrow().cast(HISTORY), here.height, int(known["is_control"].sum()),
        told.get("assigned", 0) + told.get("rotated", 0), told.get("joined", 0), told.get("released", 0), gone.height,
    )  # fmt: skip


def group_on(history: Table, day: dt.date) -> pa.Table:
    """(customer_id, cluster_id, is_control) as it was on a day."""
    since, until = pl.col("valid_from") <= day, pl.col("valid_to").is_null() | (pl.col("valid_to") > day)
    found = _typed(frame(history)).filter(since & until).select("customer_id", "cluster_id", "is_control")
    return found.to_arrow().cast(ASSIGNED)


def _drawn(known: pl.DataFrame, clusters: Table, seed: str, share_pct: float, strata: Sequence[str]) -> pl.DataFrame:
    fresh = known.filter(pl.col("is_control").is_null())
    found = frame(assign(fresh.select("customer_id", *strata), clusters, seed, share_pct, strata))
    return found.select("customer_id", drawn="is_control")


def _reason(rotate: bool) -> pl.Expr:
    if rotate:
        return pl.lit("rotated")
    return (
        pl.when(pl.col("is_control").is_null()).then(pl.lit("assigned"))
        .when(pl.col("was").is_null()).then(pl.lit("joined"))
        .when(pl.col("was") & ~pl.col("is_control")).then(pl.lit("released"))
        .otherwise(pl.lit("joined"))
    )  # fmt: skip


def _closed(past: pl.DataFrame, closing: pl.Series, on: dt.date) -> pl.DataFrame:
    """Stretches that end today; one that would last no day is as if it had not been."""
    ends = pl.col("valid_to").is_null() & pl.col("customer_id").is_in(closing.implode())
    marked = past.with_columns(valid_to=pl.when(ends).then(pl.lit(on)).otherwise(pl.col("valid_to")))
    return marked.filter(pl.col("valid_to").is_null() | (pl.col("valid_to") > pl.col("valid_from")))


def _forward(past: pl.DataFrame, on: dt.date) -> None:
    last = max((each for each in (past["valid_from"].max(), past["valid_to"].max()) if each), default=None)  # type: ignore[type-var]
    if last is not None and on < last:  # type: ignore[operator]
        raise DefinitionError([Problem(("on",), BACKWARDS, {"known": str(last)})])


def _empty() -> pl.DataFrame:
    return frame(HISTORY.empty_table())


def _typed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.col("customer_id").cast(pl.Int64), pl.col("cluster_id").cast(pl.Int64), "is_control",
        pl.col("valid_from").cast(pl.Date), pl.col("valid_to").cast(pl.Date), pl.col("reason").cast(pl.String),
        pl.col("seed").cast(pl.String),
    )  # fmt: skip
