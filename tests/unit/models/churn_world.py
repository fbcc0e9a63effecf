"""Customers whose leaving is known: what moves it, and what does not."""

import datetime as dt

import numpy as np
import polars as pl

from signals.models.features import Feature, parse_features

FEATURES: tuple[Feature, ...] = parse_features({
    "usage": {"trend": {}, "days_since_last_usage": {}},
    "quality": {"complaints": {}},
    "tariff": {"product": {"kind": "category"}},
    "noise": {"noise_1": {}, "noise_2": {}, "noise_3": {"kind": "category"}},
})  # fmt: skip
MONTHS = [(dt.date(2024, 1, 31) + dt.timedelta(days=31 * n)).replace(day=28) for n in range(20)]
GAP, HORIZON = 1, 2


def world(customers: int = 1500, seed: int = 7, months: list[dt.date] = MONTHS) -> pl.DataFrame:
    """churn_features of made-up customers: `trend` and `complaints` and `product` move the chance, noise does not.

    Labels of the last three months are not known yet.
    """
    rng, frames = np.random.default_rng(seed), []
    product = rng.integers(0, 4, customers)
    noise = rng.normal(size=(3, customers))
    trend = rng.normal(0, 30, customers)
    for number, month in enumerate(months):
        # What moves people builds up over months; only a leak would appear from nowhere.
        trend, complaints = 0.8 * trend + rng.normal(0, 18, customers), rng.poisson(0.4, customers)
        chance = 1 / (1 + np.exp(3.2 + trend / 14 - 0.9 * complaints - 0.8 * (product == 3)))
        left = rng.random(customers) < chance
        frames.append(pl.DataFrame({
            "customer_id": np.arange(customers), "month_end": [month] * customers,
            "is_churned": pl.Series(left if number < len(months) - 3 else [None] * customers, dtype=pl.Boolean),
            "trend": np.where(rng.random(customers) < 0.05, np.nan, trend), "complaints": complaints,
            "days_since_last_usage": rng.integers(0, 50, customers), "product": (product + 10).astype(str),
            "noise_1": noise[0], "noise_2": rng.normal(size=customers),
            "noise_3": np.digitize(noise[2], [-1, 0, 1]).astype(str),
            "chance": chance,
        }))  # fmt: skip
    return pl.concat(frames).with_columns(pl.col("trend").fill_nan(None))
