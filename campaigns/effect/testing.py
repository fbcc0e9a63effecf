"""Tests that stand before and around the effects: is the split what was planned, and how many questions were asked.

Sources: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6
(1979); for the split A. Fabijan et al., Diagnosing sample ratio mismatch in online controlled experiments, KDD 2019;
with clusters Pearson's chi-square is divided by the design effect of their sizes, the first-order correction of J. N.
K. Rao, A. J. Scott, JASA 76 (1981).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from segments.errors import DefinitionError, Problem

FAULT: Final = 0.001
"""An alarm stops every conclusion, so it must be rare: one sound split in a thousand."""
NO_SHARES: Final = "The planned shares name other groups than the data: {planned} against {found}."


@dataclass(frozen=True)
class SampleRatio:
    """Members by group, those that the planned shares would give, and how likely such a gap is by chance. Where it is
    known how many were assigned, `lost_p_value` tells whether the groups lost like shares of them."""

    found: Mapping[str, int]
    planned: Mapping[str, float]
    p_value: float
    is_fault: bool
    lost_p_value: float | None = None


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values: claims below alpha are wrong anywhere in the family with a chance of at most alpha."""
    if not p_values:
        return []
    plain = np.asarray(p_values, float)
    order = np.argsort(plain, kind="stable")
    grown = np.maximum.accumulate(plain[order] * np.arange(len(plain), 0, -1))
    adjusted = np.empty(len(plain))
    adjusted[order] = np.minimum(grown, 1.0)
    return [float(each) for each in adjusted]


def sample_ratio(
    found: Mapping[str, int],
    shares: Mapping[str, float],
    size_effect: float = 1.0,
    alpha: float = FAULT,
    assigned: Mapping[str, int] | None = None,
) -> SampleRatio:
    """Members by group against planned shares (any positive weights); `size_effect` is the sum of squared cluster sizes
    over the sum of sizes, `assigned` the members by group at the beginning. A group that is planned and absent counts
    as 0. Raises `DefinitionError`."""
    if set(found) - set(shares) or not shares or min(shares.values()) <= 0:
        names = {"planned": ", ".join(sorted(shares)), "found": ", ".join(sorted(found))}
        raise DefinitionError([Problem(("shares",), NO_SHARES, names)])
    counts = {key: found.get(key, 0) for key in shares}
    total, weight = sum(counts.values()), sum(shares.values())
    planned = {key: total * share / weight for key, share in shares.items()}
    p_value = 1.0
    if total and len(shares) > 1:
        square = sum((counts[key] - expected) ** 2 / expected for key, expected in planned.items())
        p_value = float(stats.chi2.sf(square / max(1.0, size_effect), len(shares) - 1))
    lost = None if assigned is None else _lost(counts, assigned, size_effect)
    return SampleRatio(counts, planned, p_value, min(p_value, 1.0 if lost is None else lost) < alpha, lost)


def _lost(found: Mapping[str, int], assigned: Mapping[str, int], size_effect: float) -> float:
    """Whether all groups lost the same share of those who were assigned to them: Pearson's chi-square."""
    kept = np.array([found[key] for key in found], float)
    begun = np.maximum(np.array([assigned.get(key, 0) for key in found], float), kept)
    if kept.sum() in (0, begun.sum()) or not begun.all():
        return 1.0
    share = kept.sum() / begun.sum()
    square = float((np.square(kept - begun * share) / (begun * share * (1 - share))).sum())
    return float(stats.chi2.sf(square / max(1.0, size_effect), len(kept) - 1))
