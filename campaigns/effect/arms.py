"""What is known of each group: means with their variance, from sums over clusters.

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
    """A mean over `members` in `clusters`, its variance, and the residual of every cluster."""

    clusters: int
    members: float
    mean: float
    variance: float
    residuals: Floats


class Units:
    """Customers as arrays in the order of their clusters, so that sums over clusters run along memory.

    Unknown outcomes and costs are 0: nothing was bought. An unknown covariate is 0 beside a covariate that says that it
    is unknown.
    """

    def __init__(self, rows: pl.DataFrame) -> None:
        order = rows["cluster_id"].cast(pl.Int64).to_numpy().argsort(kind="stable")
        self.rows = rows[order]
        self.cluster = self.rows["cluster_id"].cast(pl.Int64).to_numpy()
        self.arm, self.arms = self.codes("arm")
        self._known: dict[str, Floats] = {}

    def codes(self, column: str) -> tuple[npt.NDArray[np.int64], list[str | None]]:
        """Numbers that stand for the values of a column, and these as texts in their order, the unknown one last."""
        values = self.rows[column]
        levels = values.unique().sort(nulls_last=True)
        place = pl.Series(range(len(levels)), dtype=pl.Int64)
        codes = values.to_frame("v").join(pl.DataFrame({"v": levels, "place": place}), on="v", how="left",
                                          nulls_equal=True, maintain_order="left")["place"]  # fmt: skip
        return codes.to_numpy(), [None if each is None else str(each) for each in levels.to_list()]

    def sums(
        self,
        outcome: str,
        covariates: Sequence[str] = (),
        cost: str | None = None,
        among: npt.NDArray[np.bool_] | None = None,
    ) -> dict[str, Sums]:
        """By arm, of all customers or of those `among` them."""
        found = {}
        x = [each for name in covariates for each in self._with_unknown(name)]
        for code, arm in enumerate(self.arms):
            chosen = np.flatnonzero((self.arm == code) if among is None else (self.arm == code) & among)
            if not len(chosen):
                continue
            begins = np.flatnonzero(np.diff(self.cluster[chosen], prepend=self.cluster[chosen[0]] - 1))
            members = np.diff(np.append(begins, len(chosen))).astype(float)
            columns = [np.add.reduceat(each[chosen], begins) for each in (self._numbers(outcome), *x)]
            spent = np.zeros(len(begins)) if cost is None else np.add.reduceat(self._numbers(cost)[chosen], begins)
            table = np.column_stack(columns[1:]) if x else np.empty((len(begins), 0))
            found[str(arm)] = Sums(members, columns[0], table, spent)
        return found

    def _numbers(self, column: str) -> Floats:
        if column not in self._known:
            self._known[column] = self.rows[column].cast(pl.Float64).fill_nan(None).fill_null(0.0).to_numpy()
        return self._known[column]

    def _with_unknown(self, column: str) -> list[Floats]:
        values = self.rows[column]
        unknown = [values.is_null().cast(pl.Float64).to_numpy()] if values.null_count() else []
        return [self._numbers(column), *unknown]


def moments(members: Floats, values: Floats) -> Moments:
    """Of a mean per member, with clusters as the units."""
    count, total = len(members), float(members.sum())
    mean = float(values.sum() / total) if total else 0.0
    residuals = values - mean * members
    if count < 2:
        return Moments(count, total, mean, 0.0, residuals)
    variance = float(np.square(residuals).sum()) * count / (count - 1) / total**2
    return Moments(count, total, mean, variance, residuals)


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
