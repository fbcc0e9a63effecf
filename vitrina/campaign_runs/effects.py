"""What a campaign really added, from the snapshot in use: everybody as he was drawn, contacted or not, against the
control group; outcomes after the freeze, with what was known before for CUPED."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl
import pyarrow as pa

from campaigns.effect import Effect, Outcome, measure
from segments.errors import DefinitionError
from vitrina.members.sources import Rows

WINDOW: Final = 30
BEFORE: Final = 90
OUTCOMES: Final = (
    Outcome("paid", "share"), Outcome("payments", "mean", ("payments_before",)),
    Outcome("charges", "mean", ("charges_before",)),
)  # fmt: skip


def results(members: pa.Table, frozen_on: dt.date, share_pct: float, rows: Rows, as_of: dt.date) -> dict[str, Any]:
    """Figures of a campaign as plain values. `members`: customer_id, cluster_id, arm (contacted or control), region.

    Payments and charges in the `WINDOW` days from the day after the freeze (or as many as the data has). Without a
    control group, or before there is a day to look at, `lifts` is empty and `verdict` says why.
    """
    until = min(frozen_on + dt.timedelta(days=WINDOW), as_of)
    head = {"from": frozen_on.isoformat(), "until": until.isoformat(), "share_pct": share_pct}
    frame = pl.DataFrame(pl.from_arrow(members))
    arms = {str(arm): count for arm, count in frame.group_by("arm").len().rows()}
    told: dict[str, Any] = {**head, "arms": arms, "lifts": [], "segments": []}
    if share_pct <= 0 or not arms.get("control"):
        return {**told, "verdict": "no_control"}
    if until <= frozen_on:
        return {**told, "verdict": "too_early"}
    units = _units(frame, frozen_on, until, rows)
    shares = {"contacted": 1 - share_pct / 100, "control": share_pct / 100}
    try:
        found = measure(units, OUTCOMES, shares=shares, by=("region",))
    except DefinitionError as error:
        return {**told, "verdict": "too_few", "problem": str(error)}
    return {**told, "verdict": found.winners[0].code, **_plain(found)}


def payments(since: Mapping[int, dt.datetime], rows: Rows) -> list[tuple[str, int, dt.datetime, Decimal]]:
    """Payments of customers after their first contact: (name of its own, customer, moment in UTC, sum)."""
    if not since or "fct_payments" not in rows.tables:
        return []
    found = rows.query(
        "SELECT payment_id, customer_id, paid_at, amount FROM fct_payments"
        " WHERE paid_date >= $first AND customer_id IN (SELECT unnest($ids)) ORDER BY paid_at, payment_id",
        {"first": min(since.values()).date(), "ids": list(since)},
    ).to_pylist()
    told = [(row, row["paid_at"].replace(tzinfo=dt.UTC)) for row in found]
    return [
        (str(row["payment_id"]), row["customer_id"], at, row["amount"])
        for row, at in told
        if at >= since[row["customer_id"]]
    ]


def _units(frame: pl.DataFrame, frozen_on: dt.date, until: dt.date, rows: Rows) -> pl.DataFrame:
    values: Mapping[str, Any] = {
        "ids": frame["customer_id"].to_list(), "frozen": frozen_on, "until": until,
        "since": frozen_on - dt.timedelta(days=BEFORE),
    }  # fmt: skip
    for table, day, name in (("fct_payments", "paid_date", "payments"), ("fct_charges", "charge_date", "charges")):
        if table not in rows.tables:
            frame = frame.with_columns(pl.lit(0.0).alias(name), pl.lit(0.0).alias(f"{name}_before"))
            continue
        found = rows.query(
            f"""SELECT customer_id, CAST(sum(amount) FILTER ({day} > $frozen) AS DOUBLE) AS {name},
                CAST(sum(amount) FILTER ({day} <= $frozen) AS DOUBLE) AS {name}_before
                FROM {table} WHERE {day} > $since AND {day} <= $until
                  AND customer_id IN (SELECT unnest($ids)) GROUP BY customer_id""",
            values,
        )
        frame = frame.join(pl.DataFrame(pl.from_arrow(found)), on="customer_id", how="left")
    named = ("payments", "payments_before", "charges", "charges_before")
    return frame.with_columns(pl.col(*named).fill_null(0.0)).with_columns(paid=pl.col("payments") > 0)


def _plain(found: Effect) -> dict[str, Any]:
    lifts = []
    for each in found.lifts:
        lift = each.lift
        lifts.append({
            "outcome": lift.outcome, "arm": lift.variant.arm, "members": int(lift.variant.members),
            "control_members": int(lift.control.members), "mean": lift.variant.mean, "control_mean": lift.control.mean,
            "lift": lift.believed.value, "lift_low": lift.believed.low, "lift_high": lift.believed.high,
            "p_value": each.p_holm, "verdict": each.verdict,
        })  # fmt: skip
    ratio = {"is_fault": found.ratio.is_fault, "p_value": found.ratio.p_value, "found": dict(found.ratio.found)}
    segments = [
        {"outcome": one.outcome, "by": one.by, "value": each.value, "lift": each.lift.believed.value,
         "low": each.lift.believed.low, "high": each.lift.believed.high, "p_value": each.p_holm,
         "verdict": each.verdict}
        for one in found.segments for each in one.lifts
    ]  # fmt: skip
    return {"lifts": lifts, "ratio": ratio, "segments": segments}
