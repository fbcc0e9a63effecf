"""Who was to be left alone and was not: every contact of a control member, by whatever path it came.

Estimates by assignment stay honest when some of the control group are contacted, but they shrink: when a share c of
it gets what the others get, about 1 - c of the effect is left to be seen. The report tells this factor.

Source of the factor: H. S. Bloom, Accounting for no-shows in experimental evaluation designs, Evaluation Review 8
(1984).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from campaigns.effect.intervals import wilson
from campaigns.tables import Table, frame, need
from signals.questions.rates import Estimate


@dataclass(frozen=True)
class PollutionPath:
    """`how` is direct (the control member himself) or cluster (somebody of his cluster who is no control member)."""

    how: str
    campaign_key: str
    channel: str
    contacts: int
    customers: int
    first_at: dt.datetime | None
    last_at: dt.datetime | None


@dataclass(frozen=True)
class Pollution:
    """`polluted` of `control` members were contacted themselves, `exposed` through their cluster alone;
    `left_of_effect` is the factor by which lifts are understated; `customers` (customer_id, how, contacts, first_at)
    names them."""

    control: int
    polluted: int
    exposed: int
    share: Estimate
    left_of_effect: float
    paths: tuple[PollutionPath, ...]
    customers: pa.Table


def pollution(
    assigned: Table,
    contacts: Table,
    since: dt.datetime,
    until: dt.datetime,
    *,
    campaigns: Sequence[str] | None = None,
    categories: Sequence[str] | None = ("marketing",),
) -> Pollution:
    """Contacts (customer_id, campaign_key, channel, at, and category when `categories` are given) from `since` up to
    `until`, excluded. `campaigns` narrows to those that the group should not have met: its own; None is any, as for
    the universal group."""
    groups, rows = frame(assigned), frame(contacts)
    need(rows, ["customer_id", "campaign_key", "channel", "at", *(["category"] if categories else [])], "contacts")
    rows = rows.filter((pl.col("at") >= since) & (pl.col("at") < until))
    if campaigns is not None:
        rows = rows.filter(pl.col("campaign_key").is_in(list(campaigns)))
    if categories is not None:
        rows = rows.filter(pl.col("category").is_in(list(categories)))
    control = groups.filter("is_control").select("customer_id", "cluster_id")
    direct = rows.join(control, on="customer_id").with_columns(how=pl.lit("direct"))
    around = groups.filter(~pl.col("is_control")).join(control.select("cluster_id").unique(), on="cluster_id")
    mates = rows.join(around.select("customer_id", "cluster_id"), on="customer_id")
    columns = ["customer_id", "campaign_key", "channel", "at", "how"]
    through = mates.drop("customer_id").join(control, on="cluster_id").with_columns(how=pl.lit("cluster"))
    met = pl.concat([direct.select(columns), through.select(columns)])
    named = met.group_by("customer_id", "how").agg(contacts=pl.len(), first_at=pl.col("at").min())
    polluted = named.filter(pl.col("how") == "direct")
    exposed = named.filter(pl.col("how") == "cluster").join(polluted, on="customer_id", how="anti")
    share = wilson(polluted.height, control.height)
    return Pollution(
        control.height, polluted.height, exposed.height, share, 1 - (share.value or 0.0), _paths(met),
        named.sort("customer_id", "how").to_arrow(),
    )  # fmt: skip


def _paths(met: pl.DataFrame) -> tuple[PollutionPath, ...]:
    found = (
        met.group_by("how", "campaign_key", "channel")
        .agg(
            contacts=pl.len(), customers=pl.col("customer_id").n_unique(), first_at=pl.col("at").min(),
            last_at=pl.col("at").max(),
        )
        .sort(["contacts", "how", "campaign_key", "channel"], descending=[True, False, False, False])
    )  # fmt: skip
    return tuple(PollutionPath(**row) for row in found.to_dicts())
