"""Whether the control group is like those who are contacted, in everything that was known before.

A difference is told by its standardised size, which does not grow with the number of customers, and by a test, which
does. A group is called balanced while no standardised difference reaches 0.1. Unknown values are a covariate of their
own: groups may differ in what is known of them.

Sources: P. C. Austin, Balance diagnostics for comparing the distribution of baseline covariates between treatment
groups, Statistics in Medicine 28 (2009); for categories D. Yang, J. E. Dalton, A unified approach to measuring the
effect size between two groups, SAS Global Forum 335 (2012); Pearson's chi-square; Welch's t; S. Holm (1979) over the
covariates. The tests take members as independent, so with large clusters they alarm more often than they say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import stats

from campaigns.effect.testing import holm
from campaigns.tables import Table, frame, need

LIMIT: Final = 0.1
_MOST_LEVELS: Final = 200


@dataclass(frozen=True)
class Covariate:
    """One column: `kind` number | category | unknown (the share of nulls). For numbers the means of both groups, for
    unknown the shares; `difference` is standardised, `p_value` is plain, `p_holm` holds over all covariates."""

    name: str
    kind: str
    control: float | None
    contacted: float | None
    difference: float
    p_value: float
    p_holm: float


@dataclass(frozen=True)
class Balance:
    """`verdict` is balanced, unbalanced (a difference of 0.1 or more) or too_few (a group is empty)."""

    control: int
    contacted: int
    share_pct: float
    largest: float
    verdict: str
    covariates: tuple[Covariate, ...]


def balance(members: Table, assigned: Table, columns: Sequence[str] | None = None) -> Balance:
    """Compare the groups in `columns` of `members` (all but ids without it); `assigned` is what `assign` returned."""
    rows, groups = frame(members), frame(assigned).select("customer_id", "is_control")
    need(rows, ["customer_id", *(columns or ())], "members")
    names = [each for each in columns or rows.columns if each not in ("customer_id", "cluster_id", "is_control")]
    base = rows.select("customer_id", *names)
    if base["customer_id"].equals(groups["customer_id"]):
        joined = base.with_columns(groups["is_control"])
    else:
        joined = base.join(groups, on="customer_id", how="inner")
    control = int(joined["is_control"].sum())
    contacted = joined.height - control
    if not control or not contacted:
        return Balance(control, contacted, _percent(control, joined.height), 0.0, "too_few", ())
    drafts = [each for name in names for each in _compared(joined, name)]
    adjusted = holm([each.p_value for each in drafts])
    found = tuple(
        Covariate(each.name, each.kind, each.control, each.contacted, each.difference, each.p_value, p)
        for each, p in zip(drafts, adjusted, strict=True)
    )
    largest = max((abs(each.difference) for each in found), default=0.0)
    verdict = "unbalanced" if largest >= LIMIT else "balanced"
    return Balance(control, contacted, _percent(control, joined.height), largest, verdict, found)


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _compared(joined: pl.DataFrame, name: str) -> list[Covariate]:
    column = joined[name]
    found = []
    if column.null_count():
        unknown = joined.select("is_control", pl.col(name).is_null().cast(pl.Float64).alias(name))
        found.append(_number(unknown, name, "unknown"))
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        found.append(_number(joined, name, "number"))
    elif column.dtype.is_temporal():
        days = joined.select("is_control", pl.col(name).cast(pl.Date).to_physical().alias(name))
        found.append(_number(days, name, "number"))
    else:
        found.append(_category(joined, name))
    return found


def _number(joined: pl.DataFrame, name: str, kind: str) -> Covariate:
    value = pl.col(name).cast(pl.Float64)
    sums = joined.group_by("is_control").agg(n=value.count(), mean=value.mean(), var=value.var())
    told: dict[bool, Any] = {row["is_control"]: row for row in sums.to_dicts()}
    control, contacted = told[True], told[False]
    gap = (contacted["mean"] or 0.0) - (control["mean"] or 0.0)
    variances = [each["var"] or 0.0 for each in (control, contacted)]
    spread = float(np.sqrt(sum(variances) / 2))
    error = float(np.sqrt(sum(v / max(each["n"], 1) for v, each in zip(variances, (control, contacted), strict=True))))
    p_value = float(2 * stats.norm.sf(abs(gap) / error)) if error else float(gap == 0)
    return Covariate(name, kind, control["mean"], contacted["mean"], _over(gap, spread), p_value, p_value)


def _category(joined: pl.DataFrame, name: str) -> Covariate:
    """Mahalanobis distance of the shares of the levels; the rarest levels beyond a number are taken together."""
    counts = joined.group_by(name, "is_control").len().filter(pl.col(name).is_not_null())
    wide = counts.pivot(on="is_control", index=name, values="len").fill_null(0)
    for side in ("true", "false"):
        if side not in wide.columns:
            wide = wide.with_columns(pl.lit(0, pl.UInt32).alias(side))
    table = wide.select("true", "false").to_numpy().astype(float)
    table = table[np.argsort(-table.sum(axis=1), kind="stable")]
    if len(table) > _MOST_LEVELS:
        table = np.vstack([table[:_MOST_LEVELS], table[_MOST_LEVELS:].sum(axis=0)])
    if len(table) < 2 or not table.sum(axis=0).all():
        return Covariate(name, "category", None, None, 0.0, 1.0, 1.0)
    p_value = float(stats.chi2_contingency(table, correction=False).pvalue)
    return Covariate(name, "category", None, None, _distance(table / table.sum(axis=0)), p_value, p_value)


def _distance(shares: npt.NDArray[np.float64]) -> float:
    gap = (shares[:, 1] - shares[:, 0])[1:]
    middle = [np.diag(shares[1:, side]) - np.outer(shares[1:, side], shares[1:, side]) for side in (0, 1)]
    square = float(gap @ np.linalg.pinv((middle[0] + middle[1]) / 2) @ gap)
    return float(np.sqrt(max(0.0, square)))


def _over(gap: float, spread: float) -> float:
    if spread:
        return gap / spread
    return 0.0 if gap == 0 else float(np.copysign(np.inf, gap))
