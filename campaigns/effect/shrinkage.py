"""Effects of many segments together: each is drawn to the middle by as much as it is noise.

The best of twenty segments is best by luck, too. Effects are taken as drawn around a common mean; how far they differ
in truth is estimated from how far they differ beyond their errors, and each keeps that share of its distance from the
mean.

Sources: C. N. Morris, Parametric empirical Bayes inference: theory and applications, JASA 78 (1983), also for the
variance that comes from not knowing the spread; spread by R. C. Paule, J. Mandel (1982) as in R. DerSimonian, R.
Kacker, Random-effects model for meta-analysis of clinical trials: an update, Contemporary Clinical Trials 28 (2007);
W. G. Cochran's Q.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from campaigns.effect.intervals import Estimate

FEW: Final = 3


@dataclass(frozen=True)
class Shrunk:
    """`differs` is the p-value of Cochran's Q: small when the effects differ beyond chance. `spread` is the estimated
    standard deviation of true effects, `middle` their mean; `estimates` are in the order given."""

    middle: float
    spread: float
    differs: float
    estimates: tuple[Estimate, ...]


def shrink(values: Sequence[float], errors: Sequence[float], level: float = 0.95) -> Shrunk:
    """Effects with their standard errors above 0. Fewer than four stay: nothing tells how far they differ."""
    effects, variances = np.asarray(values, float), np.square(np.asarray(errors, float))
    count = len(effects)
    fixed = _weighted(effects, 1 / variances)
    differs = float(stats.chi2.sf((np.square(effects - fixed) / variances).sum(), count - 1)) if count > 1 else 1.0
    spread2 = _spread(effects, variances)
    weights = 1 / (variances + spread2)
    middle = _weighted(effects, weights)
    pull = variances * weights * (count - 3) / (count - 1) if count > FEW else np.zeros(count)
    means = (1 - pull) * effects + pull * middle
    sure = variances * (1 - pull) + np.square(pull) / weights.sum()
    if count > FEW:
        sure = sure + 2 / (count - 3) * np.square(pull * (effects - middle))
    half = stats.norm.isf((1 - level) / 2) * np.sqrt(sure)
    found = tuple(Estimate(float(m), float(m - h), float(m + h)) for m, h in zip(means, half, strict=True))
    return Shrunk(float(middle), float(np.sqrt(spread2)), differs, found)


def _weighted(effects: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> float:
    return float((effects * weights).sum() / weights.sum())


def _spread(effects: npt.NDArray[np.float64], variances: npt.NDArray[np.float64]) -> float:
    """Variance of true effects at which Q is what it should be; 0 where the effects differ less than their errors."""

    def excess(spread2: float) -> float:
        weights = 1 / (variances + spread2)
        return float((weights * np.square(effects - _weighted(effects, weights))).sum()) - (len(effects) - 1)

    if len(effects) < 2 or excess(0.0) <= 0:
        return 0.0
    high = float(np.square(effects - effects.mean()).max() + variances.max())
    while excess(high) > 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high))
