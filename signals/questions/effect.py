"""What signals are worth: how often they were right, what they caught, and how much better than chance.

An alert is right when its outcome comes true. Chance and recall are counted over units, customers of the audience at
stored month ends: the base rate is how many of them come true; a unit is warned of when an alert was raised within the
horizon up to that month end, and recall is how many of those that came true were warned of. Alerts and month ends whose
horizon is not over are left out, and the alerts counted.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from segments.catalogue import HISTORY
from segments.questions.replay import stored_month_ends
from segments.questions.source import Source
from signals.compiler.draft import Draft
from signals.definition import Outcome
from signals.questions.outcomes import Units, came_true, last_judged
from signals.questions.rates import Estimate, lift, wilson

MOST_CUSTOMERS: Final = 50_000
"""Customers, picked by their id, over whom base rate and recall are counted."""
_SPREAD: Final = 1_000_003
BY_MONTH: Final = pa.schema([
    ("month", pa.date32()), ("alerts", pa.int64()), ("right", pa.int64()), ("left_out", pa.int64()),
])  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """`alerts` were raised, `judged` of them have a past horizon, `left_out` have not; `units` customers at month ends
    stand behind base rate and recall. Estimates carry a 95 % interval, and are None where there is nothing to count."""

    alerts: int
    judged: int
    left_out: int
    units: int
    precision: Estimate
    recall: Estimate
    lift: Estimate
    base_rate: Estimate
    by_month: pa.Table


def effect(
    source: Source,
    events: pa.Table,
    outcome: Outcome,
    as_of: dt.date,
    first: dt.date,
    last: dt.date,
    customer_type: str | None = None,
    audience: Sequence[int] | None = None,
) -> Effect:
    """What the raised events of one rule from `first` to `last` were worth; facts are known up to `as_of`.

    `audience` narrows the customers of base rate and recall, `customer_type` too. Events other than raises are ignored.
    """
    table = pl.DataFrame(pl.from_arrow(events.select(["kind", "customer_id", "day"])))
    alerts = table.filter(pl.col("kind").is_in(["raised", "raised_again"])).sort("day", "customer_id")
    judged_until = last_judged(outcome, as_of)
    judged = alerts.filter(pl.col("day") <= judged_until)
    ends = [each for each in stored_month_ends(source) if first <= each <= min(last, judged_until)]
    base, organisations = _base(source, ends, customer_type, audience)
    alert_units = _units(judged, organisations)
    right = came_true(source, outcome, alert_units)
    units = _units(base, organisations)
    true = came_true(source, outcome, units)
    warned = _warned(alert_units, units, outcome.within_days)
    return Effect(
        alerts.height, judged.height, alerts.height - judged.height, base.height,
        wilson(int(right.sum()), len(right)), wilson(int((true & warned).sum()), int(true.sum())),
        lift(alert_units.customers, right, units.customers, true), wilson(int(true.sum()), len(true)),
        _by_month(alerts, judged, right),
    )  # fmt: skip


def _base(
    source: Source, ends: Sequence[dt.date], customer_type: str | None, audience: Sequence[int] | None
) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
    """Units (customer_id, day) of a sample of customers at month ends, and the ids of all organisations."""
    text = f"select distinct customer_id from {HISTORY} where customer_type = 'organisation'"
    organisations = np.sort(source.query(text, {}).column(0).to_numpy().astype(np.int64))
    if not ends:
        return pl.DataFrame(schema={"customer_id": pl.Int64, "day": pl.Date}), organisations
    draft = Draft()
    where = [f"month_end in ({', '.join(draft.day(each) for each in ends)})", "lifecycle_status <> 'left'"]
    if customer_type is not None:
        where.append(f"customer_type = {draft.bind(customer_type)}")
    if audience is not None:
        draft.params["audience"] = list(audience)
        where.append("customer_id in (select unnest($audience))")
    condition = " and ".join(where)
    count_sql, params = draft.finish(f"select count(distinct customer_id) as n from {HISTORY} where {condition}")
    count = int(source.query(count_sql, params).column(0)[0].as_py())
    below = _SPREAD if count <= MOST_CUSTOMERS else int(_SPREAD * MOST_CUSTOMERS / count)
    sampled = f"(customer_id * 612361) % {_SPREAD} < {draft.bind(below)}"
    text = f"select customer_id, month_end as day from {HISTORY} where {condition} and {sampled} order by 2, 1"
    return pl.DataFrame(pl.from_arrow(source.query(*draft.finish(text)))), organisations


def _units(rows: pl.DataFrame, organisations: npt.NDArray[np.int64]) -> Units:
    customers = rows["customer_id"].to_numpy().astype(np.int64)
    epoch = dt.date(1970, 1, 1).toordinal()
    days = rows["day"].cast(pl.Date).to_physical().cast(pl.Int64).to_numpy() + epoch
    return Units(customers, days, np.isin(customers, organisations))


def _warned(alerts: Units, units: Units, within: int) -> npt.NDArray[np.bool_]:
    """Whether an alert about the customer was raised in the `within` days up to the unit's day."""
    if not len(alerts.customers) or not len(units.customers):
        return np.zeros(len(units.customers), bool)
    wide = 10_000_000  # above any ordinal of a day, so that keys sort by customer first
    keys = np.sort(alerts.customers * wide + alerts.days)
    until = units.customers * wide + units.days
    return np.searchsorted(keys, until, side="right") > np.searchsorted(keys, until - within, side="right")


def _by_month(alerts: pl.DataFrame, judged: pl.DataFrame, right: npt.NDArray[np.bool_]) -> pa.Table:
    told = judged.with_columns(right=pl.Series(right, dtype=pl.Boolean))
    found = (
        alerts.join(told.select("customer_id", "day", "right"), on=["customer_id", "day"], how="left")
        .group_by(month=pl.col("day").dt.month_start())
        .agg(alerts=pl.len(), right=pl.col("right").sum(), left_out=pl.col("right").is_null().sum())
        .sort("month")
    )
    return pa.Table.from_pylist(found.to_dicts(), BY_MONTH)
