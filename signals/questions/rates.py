"""Shares with their uncertainty.

Sources: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927); for
ratios the delta method on the logarithm with the customer as the unit: a linearised, cluster-robust variance, as in
W. G. Cochran, Sampling Techniques, 3rd ed., 1977, chapter 6.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

NORMAL_95: Final = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its 95 % interval; all None where there was nothing to count, the ends alone where there
    was too little."""

    value: float | None
    low: float | None = None
    high: float | None = None


def wilson(hits: int, count: int) -> Estimate:
    """A share with Wilson's interval."""
    if count == 0:
        return Estimate(None)
    share, z2 = hits / count, NORMAL_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = NORMAL_95 * np.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return Estimate(share, float(max(0.0, middle - half)), float(min(1.0, middle + half)))


def lift(
    alerted: npt.NDArray[np.int64],
    right: npt.NDArray[np.bool_],
    everybody: npt.NDArray[np.int64],
    true: npt.NDArray[np.bool_],
) -> Estimate:
    """Share of right alerts over the share of units that come true; customers may stand in both, several times."""
    if not len(right) or not true.any():
        return Estimate(None)
    precision, rate = right.mean(), true.mean()
    if precision == 0:
        return Estimate(0.0)
    who, place = np.unique(np.concatenate([alerted, everybody]), return_inverse=True)
    influence = np.bincount(place[: len(alerted)], (right - precision) / right.sum(), len(who))
    influence -= np.bincount(place[len(alerted) :], (true - rate) / true.sum(), len(who))
    half = NORMAL_95 * float(np.sqrt(np.square(influence).sum()))
    value = float(precision / rate)
    return Estimate(value, value * float(np.exp(-half)), value * float(np.exp(half)))
