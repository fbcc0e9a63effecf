"""Contacts between customers and the operator: more of them, and angrier, before somebody leaves."""

import numpy as np
import polars as pl

from simulator.churn import CAUSES
from simulator.finance import ROWS_PER_MONTH
from simulator.parties import FIRST_CUSTOMER_ID
from simulator.randomness import pick, stream
from simulator.staff import employee_id
from simulator.timeline import Timeline

CHANNELS = ("call", "sms", "email", "telegram", "office", "chat")
TOPICS = ("billing", "network", "tariff", "roaming", "equipment", "complaint", "termination", "other")
RESULTS = ("resolved", "escalated", "no_answer", "refused")
_TROUBLE = {"price": [30, 2, 30, 2, 1, 15, 18, 2], "quality": [3, 45, 3, 2, 4, 25, 15, 3],
            "competitor": [8, 12, 25, 2, 2, 12, 35, 4], "moved": [10, 5, 10, 5, 5, 5, 55, 5],
            "debt": [60, 3, 8, 2, 2, 15, 5, 5], "business_closed": [30, 2, 8, 2, 5, 3, 45, 5]}  # fmt: skip


def month_interactions(timeline: Timeline, month: int) -> pl.DataFrame:
    """FORIS `interaction` rows of a month."""
    rng, p = stream(timeline.seed, "interactions", month), timeline.parties
    first, last = timeline.clock.month_days(month)
    present = np.flatnonzero((p.created < last) & (p.churn.day > first))
    leaving = p.churn.decline_day[present] < last
    unhappy = np.clip(p.churn.quality_trouble[present], 0, 3) * 0.05
    rate = np.where(p.organisation[present], 0.35, 0.08) + unhappy + 0.5 * leaving
    who = np.repeat(present, rng.poisson(rate))
    upset = p.churn.decline_day[who] < last
    begin, end = np.maximum(p.created[who], first), np.minimum(p.churn.day[who], last)
    day = begin + (rng.random(len(who)) * np.maximum(end - begin, 1)).astype(np.int64)
    order = np.argsort(day, kind="stable")
    return _frame(timeline, month, rng, who[order], day[order], upset[order])


def _topics(rng: np.random.Generator, timeline: Timeline, who: np.ndarray, upset: np.ndarray) -> np.ndarray:
    topic = pick(rng, len(who), [26, 16, 20, 7, 8, 6, 1, 16])
    for number, cause in enumerate(CAUSES):
        rows = np.flatnonzero(upset & (timeline.parties.churn.cause[who] == number))
        topic[rows] = pick(rng, len(rows), _TROUBLE[cause])
    return topic


def _frame(
    timeline: Timeline, month: int, rng: np.random.Generator, who: np.ndarray, day: np.ndarray, upset: np.ndarray
) -> pl.DataFrame:
    count, staff = len(who), timeline.staff
    channel = pick(rng, count, [44, 8, 8, 20, 10, 10])
    second = rng.integers(8 * 3600, 21 * 3600, count)
    duration = np.where(np.isin(channel, (1, 2)), -1, rng.gamma(2.0, 120, count).astype(np.int64) + 15)
    nps = np.clip(rng.normal(np.where(upset, 4.2, 7.8), 2.0, count).round(), 0, 10).astype(np.int64)
    asked = rng.random(count) < 0.22
    operators = np.flatnonzero([p in ("operator", "manager_farmer") for p in staff.position])
    operator = operators[rng.integers(0, len(operators), count)]
    working = (staff.hired_day[operator] <= day) & (day < staff.left_day[operator]) & (channel != 1)
    at = timeline.clock.instants(day, second)
    return pl.DataFrame({
        "interaction_id": (month + 1) * ROWS_PER_MONTH + np.arange(count), "customer_id": who + FIRST_CUSTOMER_ID,
        "channel": pl.Series(list(CHANNELS))[channel],
        "direction": pl.Series(["in", "out"])[(rng.random(count) < np.where(channel == 1, 0.9, 0.18)).astype(np.int64)],
        "topic": pl.Series(list(TOPICS))[_topics(rng, timeline, who, upset)], "started_at": at,
        "duration_seconds": _nullable(duration, duration >= 0),
        "result": pl.Series(list(RESULTS))[np.where(upset, pick(rng, count, [48, 28, 8, 16]), pick(rng, count, [80,
            9, 7, 4]))],
        "nps_score": _nullable(nps, asked), "employee_id": employee_id(np.where(working, operator, -10_000_000)),
        "updated_at": timeline.clock.instants(day, second + 1800), "_day": day,
    })  # fmt: skip


def _nullable(values: np.ndarray, present: np.ndarray) -> pl.Series:
    return pl.DataFrame({"v": values, "p": present}).select(pl.when("p").then(pl.col("v")).alias("v"))["v"]
