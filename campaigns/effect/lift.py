"""What a group did more than its control group.

Everybody counts as he was assigned, whether the message reached him or not: only then are the groups alike. A share
is compared by Newcombe's interval, a mean by Welch's, both with clusters as the units (campaigns.effect.intervals).
With covariates from before the campaign the difference is taken of what they do not foretell (CUPED), and that
estimate is the one to be believed; without them it is the plain one.

Sources: those of the intervals; A. Deng, Y. Xu, R. Kohavi, T. Walker, Improving the sensitivity of online controlled
experiments by utilizing pre-experiment data, WSDM 2013; W. Lin, Agnostic notes on regression adjustments to
experimental data, The Annals of Applied Statistics 7 (2013).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from campaigns.effect.arms import Moments, Sums, adjusted, covariance, freedom, moments, slopes
from campaigns.effect.intervals import Estimate, fieller, newcombe, welch

FEW_CLUSTERS: Final = 20
FEW_HAPPENED: Final = 5
"""Expected number of customers who did it, and of those who did not, below which a share is not judged."""


@dataclass(frozen=True)
class Side:
    """One group: members, clusters, its mean (a share for shares) and the sum over its members."""

    arm: str
    members: int
    clusters: int
    mean: float
    total: float


@dataclass(frozen=True)
class Lift:
    """`plain` and `cuped` are absolute differences per member, `relative` the believed one over the control's mean.

    `kind` is share or mean. `error` and `p_value` belong to the believed estimate. `narrowed` is the share of the
    variance that CUPED took away. `is_enough` is false where there is too little to judge.
    """

    outcome: str
    kind: str
    variant: Side
    control: Side
    plain: Estimate
    cuped: Estimate | None
    relative: Estimate
    error: float
    p_value: float
    narrowed: float | None
    is_enough: bool

    @property
    def believed(self) -> Estimate:
        """CUPED's where covariates were given, else the plain one."""
        return self.plain if self.cuped is None else self.cuped


def lift(
    outcome: str,
    kind: str,
    variant: tuple[str, Sums],
    control: tuple[str, Sums],
    level: float = 0.95,
    others: Sequence[Sums] = (),
) -> Lift:
    """Variant against control. `others` are further groups, from which the slopes of the covariates are learnt too."""
    one, base = (moments(each.members, each.outcome) for each in (variant[1], control[1]))
    if kind == "share":
        plain, p_value = _share(one, base, level)
    else:
        plain, p_value = _mean(one, base, level)
    cuped = narrowed = None
    used = (one, base)
    if variant[1].covariates.shape[1] and one.members and base.members:
        groups = [variant[1], control[1], *others]
        values = adjusted(groups, slopes(groups))
        used = (moments(groups[0].members, values[0]), moments(groups[1].members, values[1]))
        cuped, p_value = _mean(*used, level)
        before = one.variance + base.variance
        narrowed = float(1 - (used[0].variance + used[1].variance) / before) if before else 0.0
    error = float(np.sqrt(used[0].variance + used[1].variance))
    believed = cuped or plain
    together = -covariance(used[1], base)
    relative = fieller(believed.value or 0.0, base.mean, error**2, base.variance, together, level)
    return Lift(
        outcome, kind, _side(variant[0], one), _side(control[0], base), plain, cuped, relative, error, p_value,
        narrowed, _is_enough(kind, one, base),
    )  # fmt: skip


def _share(one: Moments, base: Moments, level: float) -> tuple[Estimate, float]:
    if not one.members or not base.members:
        return Estimate(None), 1.0
    counts = [_effective(each) for each in (one, base)]
    found = newcombe(one.mean, counts[0], base.mean, counts[1], level)
    pooled = (one.mean * counts[0] + base.mean * counts[1]) / sum(counts)
    error = np.sqrt(pooled * (1 - pooled) * (1 / counts[0] + 1 / counts[1]))
    gap = abs(one.mean - base.mean)
    few = min(one.clusters, base.clusters) - 1
    return found, float(2 * stats.t.sf(gap / error, max(few, 1))) if error else 1.0


def _effective(each: Moments) -> float:
    """As many independent members as would give the mean the variance that it has; at most those that there are."""
    spread = each.mean * (1 - each.mean)
    if each.clusters == each.members:
        return each.members
    if spread <= 0 or each.variance <= 0:
        return float(each.clusters)
    return float(min(each.members, spread / each.variance))


def _mean(one: Moments, base: Moments, level: float) -> tuple[Estimate, float]:
    if min(one.clusters, base.clusters) < 2:
        return Estimate(None if not one.members or not base.members else one.mean - base.mean), 1.0
    return welch(one.mean - base.mean, float(np.sqrt(one.variance + base.variance)), freedom(one, base), level)


def _side(arm: str, found: Moments) -> Side:
    return Side(arm, int(found.members), found.clusters, found.mean, found.mean * found.members)


def _is_enough(kind: str, one: Moments, base: Moments) -> bool:
    if min(one.clusters, base.clusters) < FEW_CLUSTERS:
        return False
    if kind != "share":
        return one.variance + base.variance > 0
    counts = [_effective(each) for each in (one, base)]
    pooled = (one.mean * counts[0] + base.mean * counts[1]) / sum(counts)
    return min(counts) * min(pooled, 1 - pooled) >= FEW_HAPPENED
