"""How customers take being contacted: the truth behind responses and conversions, which the product never reads.

Everybody has a chance of doing what campaigns ask for anyway, and a gain (on the scale of log odds) that the first
contact that reaches him adds; each earlier contact of the last 30 days takes away a part of gain and interest, so
that contacts tire. Gains differ by segment, and who is about to leave is put off rather than won: some gains are
below zero. A campaign has a strength of its own, so that some are better than others; one without an effect is an A/A
campaign.
"""

import datetime as dt
from typing import Final

import numpy as np
import polars as pl

from simulator.parties import SEGMENTS
from simulator.randomness import lots, stream
from simulator.timeline import Timeline

CHANNELS: Final = ("sms", "email", "telegram", "push", "call")
REACH: Final = {"sms": 0.95, "email": 0.85, "telegram": 0.9, "push": 0.8, "call": 0.5}
INTEREST: Final = {"sms": 0.04, "email": 0.18, "telegram": 0.15, "push": 0.08, "call": 0.35}
GAIN: Final = {"mass": 0.45, "premium": 0.8, "soho": 0.6, "sme": 0.5, "corporate": 0.35, "government": 0.1}
ANYWAY: Final = {"mass": 0.03, "premium": 0.06, "soho": 0.05, "sme": 0.05, "corporate": 0.04, "government": 0.02}
MEMORY: Final = dt.timedelta(days=30)
_SECONDS: Final = {"sms": 20, "email": 90, "telegram": 5, "push": 5, "call": 120}


def reaction_truth(timeline: Timeline, until: int) -> pl.DataFrame:
    """One row per visible customer; the records of one person react alike.

    `anyway` is the chance within 30 days without a contact, `gain` what a first one adds to its log odds, `tires` the
    share of gain and interest that each contact of the last 30 days takes away, `opt_out` the chance that a contact is
    answered by wanting no more; `reach_…` and `interest_…` are chances per channel.
    """
    parties = timeline.parties
    rng = stream(timeline.seed, "reactions")
    count = parties.count
    names = np.array(SEGMENTS)[parties.segment]
    anyway = np.array([ANYWAY[each] for each in names]) * np.exp(rng.normal(0, 0.5, count))
    gain = np.array([GAIN[each] for each in names]) + rng.normal(0, 0.2, count) - 8 * (parties.churn.hazard - 0.009)
    columns = {
        "anyway": np.clip(anyway, 0.002, 0.4), "gain": np.clip(gain, -0.8, 1.6),
        "tires": rng.uniform(0.05, 0.3, count), "opt_out": rng.uniform(0.0005, 0.006, count),
    }  # fmt: skip
    eager = np.exp(rng.normal(0, 0.5, count))
    for channel in CHANNELS:
        columns[f"reach_{channel}"] = np.clip(REACH[channel] + rng.normal(0, 0.04, count), 0.05, 1.0)
        columns[f"interest_{channel}"] = np.clip(INTEREST[channel] * eager, 0.002, 0.9)
    seen = np.flatnonzero(parties.created <= until)
    like = parties.person[seen]  # the number of the first record of the same person
    return pl.DataFrame(
        {"customer_id": parties.customer_id[seen], **{name: each[like] for name, each in columns.items()}}
    )


def react(truth: pl.DataFrame, contacts: pl.DataFrame, seed: int) -> pl.DataFrame:
    """What comes of contacts (contact_id, customer_id, channel, at): the same columns with `earlier` (contacts of the
    30 days before), delivered, interested, opted_out and the moments of the first two. Who is not in the truth is left
    out. The same contact_id gives the same answer, whatever stands beside it but earlier contacts."""
    rows = contacts.join(truth, on="customer_id").sort("customer_id", "at", "contact_id")
    rows = rows.with_columns(earlier=pl.Series(_earlier(rows), dtype=pl.Int64))
    ids = rows["contact_id"].to_numpy()
    fresh = (1 - rows["tires"].to_numpy()) ** rows["earlier"].to_numpy()
    chances = {what: _by_channel(rows, what) for what in ("reach", "interest")}
    delivered = lots(seed, "reach", ids) < chances["reach"]
    interested = delivered & (lots(seed, "interest", ids) < chances["interest"] * fresh)
    left = delivered & (lots(seed, "opt out", ids) < rows["opt_out"].to_numpy() * (2 - fresh))
    wait = np.array([_SECONDS[each] for each in rows["channel"]]) * (0.2 + 1.8 * lots(seed, "wait", ids))
    later = wait + 60 * 60 * 24 * lots(seed, "later", ids) ** 3
    return rows.select([*contacts.columns, "earlier"]).with_columns(
        delivered=pl.Series(delivered), interested=pl.Series(interested), opted_out=pl.Series(left),
        delivered_at=_after("at", wait, delivered), interested_at=_after("at", later, interested),
    )  # fmt: skip


def convert(
    truth: pl.DataFrame,
    members: pl.DataFrame,
    reactions: pl.DataFrame,
    seed: int,
    without_effect: frozenset[str] = frozenset(),
) -> pl.DataFrame:
    """Whether members of campaigns (campaign_key, customer_id, begins) did what was asked for within 30 days.

    `reactions` is what `react` returned, with campaign_key. Returned per member: chance_without, chance_with (had he
    been reached by a first contact as fresh as he was), reached, converted and `at`. The true effect of a campaign is
    the mean of chance_with - chance_without over members, times how many were reached. One lot decides both, so a
    contact that adds nothing changes nobody.
    """
    first = (
        reactions.filter("delivered")
        .group_by("campaign_key", "customer_id")
        .agg(pl.col("earlier").min(), pl.col("delivered_at").min())
    )
    rows = members.join(truth, on="customer_id").join(first, on=["campaign_key", "customer_id"], how="left")
    names = rows["campaign_key"].to_list()
    power = {key: 0.0 if key in without_effect else strength(key, seed) for key in set(names)}
    earlier = rows["earlier"].fill_null(0).to_numpy()
    added = rows["gain"].to_numpy() * (1 - rows["tires"].to_numpy()) ** earlier * np.array([power[k] for k in names])
    odds = np.log(rows["anyway"].to_numpy() / (1 - rows["anyway"].to_numpy()))
    anyway, with_it = (1 / (1 + np.exp(-each)) for each in (odds, odds + added))
    reached = rows["delivered_at"].is_not_null().to_numpy()
    ids = rows["customer_id"].to_numpy()
    lot, when = np.empty(len(ids)), np.empty(len(ids))
    for key in power:
        own = (rows["campaign_key"] == key).to_numpy()
        lot[own], when[own] = lots(seed, f"buys {key}", ids[own]), lots(seed, f"when {key}", ids[own])
    done = lot < np.where(reached, with_it, anyway)
    since = pl.coalesce("delivered_at", "begins").cast(pl.Datetime("us", "UTC"))
    return rows.with_columns(since=since).select(
        "campaign_key", "customer_id", chance_without=pl.Series(anyway), chance_with=pl.Series(with_it),
        reached=pl.Series(reached), converted=pl.Series(done),
        at=_after("since", 60 * 60 * 24 * 30 * when**2, done),
    )  # fmt: skip


def strength(campaign_key: str, seed: int) -> float:
    """How good a campaign is: 0.4 to 1.6, the same every time."""
    return float(0.4 + 1.2 * lots(seed, f"strength {campaign_key}", np.array([0]))[0])


def _earlier(rows: pl.DataFrame) -> np.ndarray:
    """Contacts of the same customer in the 30 days before each, of rows sorted by customer and moment."""
    if rows.is_empty():
        return np.empty(0, np.int64)
    at = rows["at"].dt.epoch("s").to_numpy()
    at = at - at.min()
    wide = int(at.max()) + 2 * int(MEMORY.total_seconds())
    keys = (rows["customer_id"].rank("dense").to_numpy().astype(np.int64)) * wide + at
    begins = np.searchsorted(keys, keys - int(MEMORY.total_seconds()), side="left")
    return np.searchsorted(keys, keys, side="left") - begins


def _by_channel(rows: pl.DataFrame, what: str) -> np.ndarray:
    chosen = pl.lit(0.0)
    for channel in CHANNELS:
        chosen = pl.when(pl.col("channel") == channel).then(pl.col(f"{what}_{channel}")).otherwise(chosen)
    return rows.select(chosen.alias("c"))["c"].to_numpy()


def _after(moment: str, seconds: np.ndarray, where: np.ndarray) -> pl.Expr:
    waited = pl.duration(milliseconds=pl.lit(pl.Series((seconds * 1000).astype(np.int64))))
    return pl.when(pl.lit(pl.Series(where))).then(pl.col(moment) + waited)
