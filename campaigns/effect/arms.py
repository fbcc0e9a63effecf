"""What is known of each group: means with their variance and skewness, from sums over clusters.

A mean over clusters is a ratio of two sums, members and values, so its variance is that of the residuals of the
clusters (W. G. Cochran, Sampling Techniques, 3rd ed., 1977, chapter 6): honest however alike the members of a cluster
are, and the plain variance of a mean where every cluster is one customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sums:
    """Sums of one group over its clusters: members, the outcome, the covariates (clusters × covariates), the cost."""

    members: Floats
    outcome: Floats
    covariates: Floats
    cost: Floats


@dataclass(frozen=True)
class Moments:
    """A mean over `members` in `clusters`, its variance and third cumulant, and the residual of every cluster."""

    clusters: int
    members: float
    mean: float
    variance: float
    third: float
    residuals: Floats


def sums_of(
    rows: pl.DataFrame, outcome: str, covariates: Sequence[str] = (), cost: str | None = None
) -> dict[str, Sums]:
    """By arm. Unknown outcomes and costs are 0: nothing was bought. An unknown covariate is 0 beside a covariate that
    says that it is unknown."""
    names = _with_unknown(rows, covariates)
    columns = {"outcome": pl.col(outcome).cast(pl.Float64).fill_null(0.0)}
    columns |= {f"x{place}": each for place, each in enumerate(names)}
    columns["cost"] = pl.lit(0.0) if cost is None else pl.col(cost).cast(pl.Float64).fill_null(0.0)
    wanted = rows.select("arm", "cluster_id", **columns)
    summed = wanted.group_by("arm", "cluster_id").agg(pl.len().cast(pl.Float64).alias("members"), pl.all().sum())
    found = {}
    for (arm,), part in summed.sort("arm", "cluster_id").group_by("arm", maintain_order=True):
        x = (
            part.select([f"x{place}" for place in range(len(names))]).to_numpy()
            if names
            else np.empty((part.height, 0))
        )
        found[str(arm)] = Sums(
            part["members"].to_numpy(), part["outcome"].to_numpy(), x.astype(float), part["cost"].to_numpy()
        )  # fmt: skip
    return found


def moments(members: Floats, values: Floats) -> Moments:
    """Of a mean per member, with clusters as the units."""
    count, total = len(members), float(members.sum())
    mean = float(values.sum() / total) if total else 0.0
    residuals = values - mean * members
    if count < 2:
        return Moments(count, total, mean, 0.0, 0.0, residuals)
    variance = float(np.square(residuals).sum()) * count / (count - 1) / total**2
    third = 0.0
    if count > 2:
        third = float((residuals**3).sum()) * count**2 / ((count - 1) * (count - 2)) / total**3
    return Moments(count, total, mean, variance, third, residuals)


def covariance(one: Moments, other: Moments) -> float:
    """Of two means over the same clusters."""
    if one.clusters < 2:
        return 0.0
    return float(one.residuals @ other.residuals) * one.clusters / (one.clusters - 1) / one.members**2


def freedom(one: Moments, other: Moments) -> float:
    """Degrees of freedom of the difference (Welch and Satterthwaite), clusters as units."""
    below = sum(each.variance**2 / max(each.clusters - 1, 1) for each in (one, other))
    return float((one.variance + other.variance) ** 2 / below) if below else float(max(one.clusters, other.clusters))


def slopes(groups: Sequence[Sums]) -> Floats:
    """Slopes of the outcome on the covariates within the groups, one for all of them (least squares over clusters)."""
    inner, outer = [], []
    for each in groups:
        share = each.members / each.members.sum()
        inner.append(each.covariates - np.outer(each.members, each.covariates.sum(axis=0) / each.members.sum()))
        outer.append(each.outcome - each.outcome.sum() * share)
    return np.linalg.lstsq(np.vstack(inner), np.concatenate(outer), rcond=None)[0]


def adjusted(groups: Sequence[Sums], theta: Floats) -> list[Floats]:
    """Outcomes of the clusters less what the covariates foretold: CUPED. The mean over all groups stays what it was."""
    members = sum(each.members.sum() for each in groups)
    middle = sum(each.covariates.sum(axis=0) for each in groups) / members
    return [each.outcome - (each.covariates - np.outer(each.members, middle)) @ theta for each in groups]


def _with_unknown(rows: pl.DataFrame, covariates: Sequence[str]) -> list[pl.Expr]:
    found = []
    for name in covariates:
        found.append(pl.col(name).cast(pl.Float64).fill_null(0.0))
        if rows[name].null_count():
            found.append(pl.col(name).is_null().cast(pl.Float64))
    return found
