"""Writes the planted truth: what an analyst could only guess from the data, and the product never reads."""

import json

import numpy as np
import polars as pl

from simulator.churn import CAUSES
from simulator.counterparties import build_counterparties, counterparty_id
from simulator.foris_reference import organisation_inn
from simulator.months import NEVER
from simulator.options import SimulationOptions
from simulator.parties import FIRST_CUSTOMER_ID
from simulator.reactions import reaction_truth
from simulator.subscriptions import FIRST_AGREEMENT_ID, FIRST_SUBSCRIPTION_ID
from simulator.timeline import Timeline


def write_truth(options: SimulationOptions, timeline: Timeline, until: int, planted: list[dict]) -> None:
    """Parquet files in <home>/truth, and defects.json where defects were planted in this run."""
    folder = options.home / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"churn": churn_truth, "usage_drops": drop_truth, "over_limits": over_limit_truth,
              "identity_pairs": identity_truth, "agreement_ends": agreement_truth,
              "reactions": reaction_truth}  # fmt: skip
    for name, table in tables.items():
        table(timeline, until).write_parquet(folder / f"{name}.parquet")
    if planted or not (folder / "defects.json").exists():
        (folder / "defects.json").write_text(json.dumps(planted, ensure_ascii=False, indent=1))


def churn_truth(timeline: Timeline, until: int) -> pl.DataFrame:
    """One row per visible customer: hazard per month, cause, and days that may lie in the future of the data."""
    p, clock = timeline.parties, timeline.clock
    seen = np.flatnonzero(p.created <= until)
    churn = p.churn
    return pl.DataFrame({
        "customer_id": seen + FIRST_CUSTOMER_ID, "hazard_monthly": churn.hazard[seen],
        "price_sensitivity": churn.price_sensitivity[seen], "quality_trouble": churn.quality_trouble[seen],
        "cause": pl.Series([*CAUSES, None])[churn.cause[seen]], "decline_start": clock.dates(churn.decline_day[seen]),
        "churn_date": clock.dates(churn.day[seen]), "is_churned": churn.day[seen] <= until,
    })  # fmt: skip


def drop_truth(timeline: Timeline, until: int) -> pl.DataFrame:
    """Planted falls of usage that began by now, while the subscription was in use; a null end means lasting."""
    b, subs = timeline.behaviour, timeline.subscriptions
    seen = np.flatnonzero((b.drop_day <= until) & (subs.activated < b.drop_day) & (b.drop_day < subs.terminated))
    return pl.DataFrame({
        "subscription_id": seen + FIRST_SUBSCRIPTION_ID, "customer_id": subs.customer[seen] + FIRST_CUSTOMER_ID,
        "drop_start": timeline.clock.dates(b.drop_day[seen]), "drop_end": timeline.clock.dates(np.minimum(b.drop_end,
            NEVER)[seen]),
        "factor": b.drop_factor[seen],
    })  # fmt: skip


def over_limit_truth(timeline: Timeline, until: int) -> pl.DataFrame:
    """Planted months of use far above the usual; a factor of the usual level."""
    b, subs, clock = timeline.behaviour, timeline.subscriptions, timeline.clock
    first = np.array([clock.month_days(m)[0] for m in range(timeline.months + 1)])
    begin = np.where(b.over_limit_month >= 0, first[b.over_limit_month], NEVER)
    seen = np.flatnonzero((begin <= until) & (subs.activated < begin + 28) & (begin < subs.terminated))
    return pl.DataFrame({
        "subscription_id": seen + FIRST_SUBSCRIPTION_ID, "customer_id": subs.customer[seen] + FIRST_CUSTOMER_ID,
        "month": clock.dates(begin[seen]), "factor": b.over_limit_factor[seen],
    })  # fmt: skip


def agreement_truth(timeline: Timeline, until: int) -> pl.DataFrame:
    """Every end of a term of an organisation's agreement up to 60 days ahead: signed anew when, or left by when; null
    where neither comes. Both may lie in the future of the data."""
    terms, subs, p, clock = timeline.terms, timeline.subscriptions, timeline.parties, timeline.clock
    fixed = np.flatnonzero(terms.first_end < NEVER)
    agreement = np.concatenate([fixed, terms.agreement])
    end = np.concatenate([terms.first_end[fixed], terms.ends])
    order = np.lexsort((end, agreement))
    agreement, end = agreement[order], end[order]
    # Every term but the last of an agreement was followed by a renewal, and these stand in the same order.
    renewed = np.full(len(end), NEVER)
    renewed[np.append(agreement[1:] == agreement[:-1], False)] = terms.renewed
    owner = subs.agreement_customer[agreement]
    left = p.churn.day[owner]
    seen = (p.created[owner] <= until) & (end <= until + 60)
    return pl.DataFrame({
        "agreement_id": agreement[seen] + FIRST_AGREEMENT_ID, "customer_id": owner[seen] + FIRST_CUSTOMER_ID,
        "end_date": clock.dates(end[seen]), "renewed_date": clock.dates(renewed[seen]),
        "left_date": clock.dates(left[seen]),
    })  # fmt: skip


def identity_truth(timeline: Timeline, until: int) -> pl.DataFrame:
    """Pairs of records that are one party; the party is named by the FORIS id of its first card."""
    p = timeline.parties
    twins = np.flatnonzero((p.original != np.arange(p.count)) & (p.created <= until))
    cards = build_counterparties(timeline)
    last_file = timeline.clock.month_days(timeline.clock.month_of(until))[0]
    entered = np.flatnonzero(cards.day <= last_file)
    companies = timeline.organisations[p.created[timeline.organisations] <= until]
    parts = [
        _pairs("foris", _customer(p.original[twins]), _customer(twins), p.person[twins]),
        _pairs("onec", _customer(cards.customer[entered]), counterparty_id(entered), p.person[cards.customer[entered]]),
        _pairs("tax", _customer(companies), organisation_inn(companies, timeline.seed), p.person[companies]),
    ]
    return pl.concat(parts)


def _customer(number: np.ndarray) -> pl.Series:
    return pl.Series(number + FIRST_CUSTOMER_ID).cast(pl.String)


def _pairs(source: str, left: pl.Series, right: pl.Series, party: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({"source_l": ["foris"] * len(left), "source_id_l": left, "source_r": [source] * len(left),
                         "source_id_r": right, "true_party_id": party + FIRST_CUSTOMER_ID},
                        schema={"source_l": pl.String, "source_id_l": pl.String, "source_r": pl.String,
                                "source_id_r": pl.String, "true_party_id": pl.Int64})  # fmt: skip
