"""All campaigns together: who is in several, what one does to the others, and when contacts begin to tire.

- overlap: customers whom two campaigns share, whole and among their contacts within some days of each other;
- cannibalisation: what being contacted by campaign B does to the outcome of campaign A. Among the members of both, B's
  own lot decides who was contacted by B, so this is an experiment like any other, and is judged like one;
- fatigue: response by how many contacts the customer had in the days before. Who is contacted often is another customer
  than who is not, so beside the plain shares stands the change within customers, with his own mean taken out.

Sources: intervals as in campaigns.effect.lift; the within estimate is that of fixed effects with variance clustered
by customer: J. M. Wooldridge, Econometric Analysis of Cross Section and Panel Data, 2nd ed., 2010, chapter 10.5.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from scipy import stats

from campaigns.effect.arms import Units
from campaigns.effect.intervals import Estimate, wilson
from campaigns.effect.lift import Lift, lift
from campaigns.effect.testing import holm
from campaigns.tables import Table, frame, need

_DAY: Final = 86_400


@dataclass(frozen=True)
class Overlap:
    """`both` members of `one` and `other`; `share` of the smaller of the two; `close` of them got contacts of both
    within the days asked for."""

    one: str
    other: str
    both: int
    share: float
    close: int


@dataclass(frozen=True)
class Cannibal:
    """What contacts of `by` do to the outcome of `of` among members of both. `code`: takes, helps, no_evidence or
    too_few; `p_holm` holds over all pairs."""

    of: str
    by: str
    lift: Lift
    p_holm: float
    code: str


@dataclass(frozen=True)
class Saturation:
    """Contacts made after `before` others (the last step holds that many and more): how many, and their response."""

    before: int
    contacts: int
    response: Estimate


@dataclass(frozen=True)
class Fatigue:
    """`within`: change of the response share by one more contact in the days before, the same customers compared with
    themselves; `code` tires, warms, no_evidence or too_few (nobody's contacts differ in it)."""

    steps: tuple[Saturation, ...]
    within: Estimate
    p_value: float
    customers: int
    code: str


def overlap(members: Table, contacts: Table | None = None, days: int = 7) -> tuple[Overlap, ...]:
    """Pairs with anybody in common, most first. `members`: campaign_key, customer_id; `contacts` also `at`."""
    rows = frame(members)
    need(rows, ["campaign_key", "customer_id"], "members")
    rows = rows.select("campaign_key", "customer_id").unique()
    sizes = dict(rows.group_by("campaign_key").len().rows())
    pairs = rows.join(rows, on="customer_id", suffix="_2").filter(pl.col("campaign_key") < pl.col("campaign_key_2"))
    shared = pairs.group_by("campaign_key", "campaign_key_2").len().rows()
    near = _near(frame(contacts), days) if contacts is not None else {}
    found = [
        Overlap(one, other, count, count / min(sizes[one], sizes[other]), near.get((one, other), 0))
        for one, other, count in shared
    ]
    return tuple(sorted(found, key=lambda each: (-each.both, each.one, each.other)))


def cannibalisation(members: Table, alpha: float = 0.05) -> tuple[Cannibal, ...]:
    """`members`: campaign_key, customer_id, cluster_id, is_control, outcome (a share's 0 or 1, or an amount), a row a
    campaign and member. All ordered pairs that share members, the strongest evidence first."""
    rows = frame(members)
    need(rows, ["campaign_key", "customer_id", "cluster_id", "is_control", "outcome"], "members")
    rows = rows.with_columns(pl.col("outcome").cast(pl.Float64).fill_null(0.0))
    kind = "share" if rows["outcome"].is_in([0.0, 1.0]).all() else "mean"
    other = rows.select("customer_id", by="campaign_key", by_control="is_control")
    pairs = rows.join(other, on="customer_id").filter(pl.col("campaign_key") != pl.col("by"))
    pairs = pairs.with_columns(arm=pl.when("by_control").then(pl.lit("control")).otherwise(pl.lit("contacted")))
    drafts = []
    for (of, by), part in pairs.sort("campaign_key", "by").group_by("campaign_key", "by", maintain_order=True):
        sums = Units(part).sums("outcome")
        if len(sums) == 2:
            found = lift("outcome", kind, ("contacted", sums["contacted"]), ("control", sums["control"]), 1 - alpha)
            drafts.append((str(of), str(by), found))
    able = [place for place, each in enumerate(drafts) if each[2].is_enough]
    adjusted = [1.0] * len(drafts)
    for place, p in zip(able, holm([drafts[place][2].p_value for place in able]), strict=True):
        adjusted[place] = p
    told = [Cannibal(of, by, each, p, _cannibal(each, p, alpha))
            for (of, by, each), p in zip(drafts, adjusted, strict=True)]  # fmt: skip
    return tuple(sorted(told, key=lambda each: (each.p_holm, each.of, each.by)))


def fatigue(contacts: Table, days: int = 30, most: int = 8, alpha: float = 0.05) -> Fatigue:
    """`contacts`: customer_id, at, responded; contacts of the same moment count none of each other."""
    rows = frame(contacts)
    need(rows, ["customer_id", "at", "responded"], "contacts")
    known = _before(rows, days)
    steps = (
        known.with_columns(step=pl.col("before").clip(upper_bound=most))
        .group_by("step").agg(count=pl.len(), hits=pl.col("responded").sum()).sort("step")
    )  # fmt: skip
    told = tuple(Saturation(int(s), int(n), wilson(h, n, 1 - alpha)) for s, n, h in steps.rows())
    within, p_value, customers = _within(known, alpha)
    code = "too_few"
    if within.value is not None:
        code = "no_evidence" if p_value >= alpha else "tires" if within.value < 0 else "warms"
    return Fatigue(told, within, p_value, customers, code)


def _near(contacts: pl.DataFrame, days: int) -> dict[tuple[str, str], int]:
    need(contacts, ["campaign_key", "customer_id", "at"], "contacts")
    rows = contacts.select("campaign_key", "customer_id", "at")
    pairs = rows.join(rows, on="customer_id", suffix="_2").filter(pl.col("campaign_key") < pl.col("campaign_key_2"))
    close = pairs.filter((pl.col("at") - pl.col("at_2")).abs() <= pl.duration(days=days))
    counted = close.group_by("campaign_key", "campaign_key_2").agg(pl.col("customer_id").n_unique()).rows()
    return {(one, other): int(count) for one, other, count in counted}


def _cannibal(each: Lift, p_holm: float, alpha: float) -> str:
    if not each.is_enough:
        return "too_few"
    if p_holm >= alpha:
        return "no_evidence"
    return "takes" if (each.believed.value or 0.0) < 0 else "helps"


def _before(rows: pl.DataFrame, days: int) -> pl.DataFrame:
    """(customer_id, before, responded): how many contacts of the customer lie in the days before each."""
    table = rows.select("customer_id", pl.col("at").dt.epoch("s").alias("at"), pl.col("responded").cast(pl.Int64))
    table = table.sort("customer_id", "at")
    who = table["customer_id"].rank("dense").to_numpy().astype(np.int64)
    at = table["at"].to_numpy() - int(table["at"].min() or 0)  # type: ignore[arg-type]
    wide = int(at.max(initial=0)) + (days + 1) * _DAY
    keys = who * wide + at
    begin = np.searchsorted(keys, np.maximum(keys - days * _DAY, who * wide), side="left")
    before = np.searchsorted(keys, keys, side="left") - begin
    return table.select("customer_id", "responded").with_columns(before=pl.Series(before))


def _within(known: pl.DataFrame, alpha: float) -> tuple[Estimate, float, int]:
    own = [(pl.col(each) - pl.col(each).mean().over("customer_id")) for each in ("before", "responded")]
    gaps = known.select("customer_id", *own)
    sums = gaps.group_by("customer_id").agg(
        xx=(pl.col("before") ** 2).sum(), xy=(pl.col("before") * pl.col("responded")).sum()
    ).filter(pl.col("xx") > 0)  # fmt: skip
    count = sums.height
    if count < 3:
        return Estimate(None), 1.0, count
    xx, xy = sums["xx"].to_numpy(), sums["xy"].to_numpy()
    slope = float(xy.sum() / xx.sum())
    error = float(np.sqrt(np.square(xy - slope * xx).sum() * count / (count - 1)) / xx.sum())
    if error == 0:
        return Estimate(slope, slope, slope), float(slope == 0), count
    half = float(stats.t.isf(alpha / 2, count - 1)) * error
    return Estimate(slope, slope - half, slope + half), float(2 * stats.t.sf(abs(slope) / error, count - 1)), count
