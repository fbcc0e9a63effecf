"""How long customers stay: Kaplan and Meier's curve with its interval, for any grouping of customers."""

import warnings
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import CensoredData, ecdf

FEWEST = 30
"""Customers below which a group has no curve: it would tell of single people."""


@dataclass(frozen=True)
class Curve:
    """The share still there after so many months, with its 95 % interval, and how many were watched that long."""

    months: tuple[int, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_risk: tuple[int, ...]
    customers: int
    left: int


def curve(months: np.ndarray, left: np.ndarray, until: int) -> Curve | None:
    """The curve at every whole month up to `until`; `months` with us, `left` False for who is still there (censored).

    None for fewer than `FEWEST` customers. The curve ends where fewer than `FEWEST` were watched.
    """
    if len(months) < FEWEST:
        return None
    if not left.any():
        watched = [int((months >= month).sum()) for month in range(until + 1)]
        grid = [month for month in range(until + 1) if watched[month] >= FEWEST]
        ones = (1.0,) * len(grid)
        return Curve(tuple(grid), ones, ones, ones, tuple(watched[m] for m in grid), len(months), 0)
    found = ecdf(CensoredData.right_censored(months, ~left)).sf
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no width where everybody is left: `_filled` says so
        interval = found.confidence_interval(method="log-log")
    at_risk = [int((months >= month).sum()) for month in range(until + 1)]
    grid = [month for month in range(until + 1) if at_risk[month] >= FEWEST]
    points = np.array(grid, dtype=float)
    share = found.evaluate(points)
    low, high = (_filled(side.evaluate(points), share) for side in (interval.low, interval.high))
    return Curve(
        tuple(grid), tuple(share.tolist()), tuple(low.tolist()), tuple(high.tolist()),
        tuple(at_risk[month] for month in grid), len(months), int(left.sum()),
    )  # fmt: skip


def curves(customers: pl.DataFrame, by: str, until: int) -> dict[str, Curve]:
    """A curve for each value of the column `by`; columns `months` (whole) and `left`."""
    found = {}
    for (value,), rows in sorted(customers.drop_nulls(by).group_by(by), key=lambda each: str(each[0][0])):
        made = curve(rows["months"].to_numpy(), rows["left"].to_numpy(), until)
        if made is not None:
            found[str(value)] = made
    return found


def _filled(side: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Where everybody or nobody is left the interval has no width."""
    return np.where(np.isnan(side), share, side)
