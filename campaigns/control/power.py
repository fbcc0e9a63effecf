"""Before the launch: what could be seen with so many customers, and how many it takes to see so much.

Two groups of unequal size, two-sided, by the normal approximation. Members of one cluster resemble each other, so n
of them are worth n / design effect independent ones; where clusters differ in size, the effect grows with their
variation.

Sources: J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd ed., 1988; for shares J. L. Fleiss, B.
Levin, M. C. Paik, Statistical Methods for Rates and Proportions, 3rd ed., 2003, chapter 4; for clusters S. M.
Eldridge, D. Ashby, S. Kerry, Sample size for cluster randomized trials, International Journal of Epidemiology 35
(2006); for the intraclass correlation A. Donner, J. J. Koval, Biometrics 36 (1980), the analysis-of-variance
estimator.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import optimize, stats

from campaigns.tables import Table, frame
from segments.errors import DefinitionError, Problem

NO_GROUP = "Both groups need members: {contacted} contacted, {control} in control."
NO_RATE = "The share without the campaign is {base}: it must lie between 0 and 1."
NO_SPREAD = "The deviation of one customer from another is {deviation}: it must be above 0."


@dataclass(frozen=True)
class Sizes:
    """Clusters of an audience: how many, their mean size and its coefficient of variation."""

    clusters: int
    mean: float
    variation: float


@dataclass(frozen=True)
class Plan:
    """`power` to see `effect` (absolute; None when none was asked about), the smallest effect that is seen with the
    wanted power (None when no share could be), and the members it takes in all to see `effect`, divided as now."""

    contacted: int
    control: int
    design_effect: float
    effect: float | None
    power: float | None
    minimum_effect: float | None
    members_needed: int | None
    alpha: float
    wanted_power: float


def sizes_of(assigned: Table) -> Sizes:
    """Of any table with cluster_id."""
    sizes = frame(assigned).group_by("cluster_id").len()["len"].cast(pl.Float64).to_numpy()
    if not len(sizes):
        return Sizes(0, 0.0, 0.0)
    return Sizes(len(sizes), float(sizes.mean()), float(sizes.std() / sizes.mean()))


def design_effect(sizes: Sizes, intraclass_correlation: float) -> float:
    """By how much the variance of a mean grows because members of a cluster are alike; at least 1."""
    grown = 1 + ((sizes.variation**2 + 1) * sizes.mean - 1) * intraclass_correlation
    return max(1.0, grown)


def intraclass(values: npt.ArrayLike, clusters: npt.ArrayLike) -> float:
    """Intraclass correlation of past values (a share of variance), between 0 and 1; 0 where no cluster has two."""
    rows = pl.DataFrame({"v": np.asarray(values, float), "c": np.asarray(clusters)})
    sums = rows.group_by("c").agg(n=pl.len().cast(pl.Float64), total=pl.col("v").sum())
    n, total = sums["n"].to_numpy(), sums["total"].to_numpy()
    count, groups = n.sum(), len(n)
    if groups < 2 or count <= groups:
        return 0.0
    between = float((total**2 / n).sum() - total.sum() ** 2 / count) / (groups - 1)
    within = float((rows["v"].to_numpy() ** 2).sum() - (total**2 / n).sum()) / (count - groups)
    usual = (count - (n**2).sum() / count) / (groups - 1)
    spread = between + (usual - 1) * within
    return float(np.clip((between - within) / spread, 0.0, 1.0)) if spread > 0 else 0.0


def plan_shares(
    base: float,
    contacted: int,
    control: int,
    effect: float | None = None,
    *,
    design_effect: float = 1.0,
    alpha: float = 0.05,
    wanted_power: float = 0.8,
) -> Plan:
    """For a share of customers who do something: `base` without the campaign (0 to 1), `effect` more with it."""
    if not 0 < base < 1:
        raise DefinitionError([Problem(("base",), NO_RATE, {"base": base})])

    def deviation(size: float) -> float:
        with_it = min(max(base + size, 0.0), 1.0)
        return float(np.sqrt(with_it * (1 - with_it)))

    return _plan(deviation, float(np.sqrt(base * (1 - base))), contacted, control, effect, design_effect,
                 alpha, wanted_power, 1 - base)  # fmt: skip


def plan_means(
    deviation: float,
    contacted: int,
    control: int,
    effect: float | None = None,
    *,
    design_effect: float = 1.0,
    alpha: float = 0.05,
    wanted_power: float = 0.8,
) -> Plan:
    """For a mean per customer: `deviation` is its standard deviation between customers, `effect` in the same units."""
    if deviation <= 0:
        raise DefinitionError([Problem(("deviation",), NO_SPREAD, {"deviation": deviation})])
    return _plan(lambda size: deviation, deviation, contacted, control, effect, design_effect, alpha, wanted_power,
                 np.inf)  # fmt: skip


def _plan(
    deviation: Callable[[float], float], base: float, contacted: int, control: int, effect: float | None,
    worth: float, alpha: float, wanted: float, most: float,
) -> Plan:  # fmt: skip
    if contacted <= 0 or control <= 0:
        raise DefinitionError([Problem(("members",), NO_GROUP, {"contacted": contacted, "control": control})])

    def reached(size: float, scale: float = 1.0) -> float:
        error = np.sqrt((deviation(size) ** 2 / contacted + base**2 / control) * worth / scale)
        return _power(size, float(error), alpha)

    first = (
        (stats.norm.isf(alpha / 2) + stats.norm.isf(1 - wanted)) * base * np.sqrt((1 / contacted + 1 / control) * worth)
    )
    minimum = _smallest(lambda size: reached(size) - wanted, float(first), most)
    told = None if effect is None else reached(effect)
    needed = None
    if effect:
        scale = optimize.brentq(lambda log: reached(effect, np.exp(log)) - wanted, -40.0, 40.0)
        needed = int(np.ceil((contacted + control) * np.exp(scale)))
    return Plan(contacted, control, worth, effect, told, minimum, needed, alpha, wanted)


def _power(size: float, error: float, alpha: float) -> float:
    if error == 0:
        return 1.0
    edge = stats.norm.isf(alpha / 2)
    return float(stats.norm.sf(edge - abs(size) / error) + stats.norm.cdf(-edge - abs(size) / error))


def _smallest(short: Callable[[float], float], first: float, most: float) -> float | None:
    """Where `short` turns from negative to positive; None when that is beyond `most`."""
    high = min(first, most)
    while short(high) < 0:
        if high >= most:
            return None
        high = min(2 * high, most)
    return float(optimize.brentq(short, 0.0, high))
