"""Intervals of shares, of differences and of ratios, from what is known of each side.

Sources: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927); R. G.
Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998),
method 10; for clusters with an effective number of members, as K. K. Saha, D. Miller, S. Wang, A comparison of some
approximate confidence intervals for a single proportion for clustered binary outcome data, The International Journal
of Biostatistics 12 (2016); B. L. Welch, Biometrika 34 (1947); E. C. Fieller, Some problems in interval estimation,
JRSS B 16 (1954).
"""

import numpy as np
from scipy import stats

from signals.questions.rates import Estimate

__all__ = ["Estimate", "fieller", "newcombe", "scaled", "welch", "wilson"]


def wilson(hits: float, count: float, level: float = 0.95) -> Estimate:
    """A share; `count` may be an effective number that is not whole. Nothing of nothing is unknown."""
    if count <= 0:
        return Estimate(None)
    share, z = hits / count, float(stats.norm.isf((1 - level) / 2))
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * np.sqrt(max(0.0, share * (1 - share)) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return Estimate(share, float(max(0.0, middle - half)), float(min(1.0, middle + half)))


def newcombe(share: float, count: float, control_share: float, control_count: float, level: float = 0.95) -> Estimate:
    """Difference of two independent shares, each with its (effective) number of members above 0."""
    one, other = wilson(share * count, count, level), wilson(control_share * control_count, control_count, level)
    gap = share - control_share
    down = np.hypot(share - _end(one.low), _end(other.high) - control_share)
    up = np.hypot(_end(one.high) - share, control_share - _end(other.low))
    return Estimate(gap, float(gap - down), float(gap + up))


def welch(gap: float, error: float, freedom: float, level: float = 0.95) -> tuple[Estimate, float]:
    """A difference of means with its standard error: interval and two-sided p-value.

    Corrections for skewness (Hall's, Zhou and Dinh's, the bootstrapped t) held the planted truth of heavy-tailed
    revenue less often than this, so there is none.
    """
    if error == 0:
        return Estimate(gap, gap, gap), float(gap == 0)
    half = float(stats.t.isf((1 - level) / 2, freedom)) * error
    return Estimate(gap, gap - half, gap + half), float(2 * stats.t.sf(abs(gap) / error, freedom))


def fieller(
    top: float, bottom: float, top_variance: float, bottom_variance: float, covariance: float, level: float = 0.95
) -> Estimate:
    """A ratio of two estimates. An end is None where the interval has none: the bottom may then be 0."""
    z2 = float(stats.norm.isf((1 - level) / 2)) ** 2
    if bottom == 0:
        return Estimate(None)
    a = bottom**2 - z2 * bottom_variance
    b = top * bottom - z2 * covariance
    c = top**2 - z2 * top_variance
    if a <= 0 or b**2 - a * c < 0:
        return Estimate(top / bottom)
    half = np.sqrt(b**2 - a * c)
    return Estimate(top / bottom, float((b - half) / a), float((b + half) / a))


def scaled(found: Estimate, factor: float, shift: float = 0.0) -> Estimate:
    """factor · value + shift, the ends likewise; a negative factor changes them over."""
    ends = [None if each is None else factor * each + shift for each in (found.low, found.high)]
    low, high = ends if factor >= 0 else ends[::-1]
    return Estimate(None if found.value is None else factor * found.value + shift, low, high)


def _end(value: float | None) -> float:
    return 0.0 if value is None else value
