"""Features that know the future: what betrays them, before a model learns from them.

Three signs, each by itself: one feature alone separates nearly perfectly; a feature loses most of what it tells when it
is taken a month earlier, as nothing that builds up over time does; a feature is what another one becomes a month later.
None of them proves innocence: a weak leak that builds up slowly is caught by none. What cannot be shown here is held by
how the mart is made, and by the tests that change the future and see no change of features.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import polars as pl
from scipy.stats import rankdata

from signals.models.churn import CUSTOMER, LABEL
from signals.models.encoding import Encoder
from signals.models.features import Feature
from signals.models.metrics import auc

ALONE: Final = 0.9
"""AUC of one feature from which it is too good to be true."""
COLLAPSE: Final = 0.2
"""AUC that a feature of at least `TELLS` may lose when it is taken a month earlier; a trend of one month loses less."""
TELLS: Final = 0.8
SAME: Final = 0.98
DIFFERS: Final = 0.95
"""Rank correlation with another feature's next month from which it is a copy, unless it is one of this month."""
ROWS: Final = 6_000

Sign = Literal["alone", "collapses", "next_month"]


@dataclass(frozen=True)
class Suspect:
    """A feature that is left out of training, by which sign, and the figures of it: AUC or rank correlation now and a
    month before; `of` is the feature whose next month it is."""

    feature: str
    sign: Sign
    now: float
    before: float
    of: str = ""


def suspects(
    before: pl.DataFrame, now: pl.DataFrame, after: pl.DataFrame, features: Sequence[Feature]
) -> list[Suspect]:
    """Look at one labelled month `now`, with the same customers' rows a month before and after it."""
    table = now.sort(CUSTOMER)
    labels = table[LABEL].cast(pl.Int8).to_numpy()
    if not 0 < labels.sum() < len(labels):
        return []
    encoder = Encoder.fit(table, labels, np.ones(len(labels)), features)
    matrix = encoder.matrix(table)
    earlier = encoder.matrix(_aligned(table, before, encoder.names))
    later = encoder.matrix(_aligned(table, after, encoder.names))
    found = [_by_outcome(name, labels, matrix[i], earlier[i]) for i, name in enumerate(encoder.names)]
    copies = _copies(encoder.names, matrix, later)
    known = {each.feature: each for each in (*copies, *(each for each in found if each))}
    return sorted(known.values(), key=lambda each: each.feature)


def _aligned(table: pl.DataFrame, other: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    return table.select(CUSTOMER).join(other.select(CUSTOMER, *names), on=CUSTOMER, how="left", maintain_order="left")


def _by_outcome(name: str, labels: np.ndarray, now: np.ndarray, before: np.ndarray) -> Suspect | None:
    strength, earlier = _strength(labels, now), _strength(labels, before)
    if strength >= ALONE:
        return Suspect(name, "alone", strength, earlier)
    if strength >= TELLS and strength - earlier >= COLLAPSE:
        return Suspect(name, "collapses", strength, earlier)
    return None


def _strength(labels: np.ndarray, values: np.ndarray) -> float:
    """AUC of the values in the better direction; a missing value stands on whichever side tells more."""
    if np.isnan(values).all():
        return 0.5
    areas = (auc(labels, np.nan_to_num(values.astype(np.float64), nan=side)).value for side in (-1e30, 1e30))
    return max(max(area, 1 - area) for area in areas)


def _copies(names: Sequence[str], now: np.ndarray, later: np.ndarray) -> list[Suspect]:
    if now.shape[1] < 100:
        return []
    rows = np.linspace(0, now.shape[1] - 1, min(ROWS, now.shape[1])).astype(int)
    today, tomorrow = _ranks(now[:, rows]), _ranks(later[:, rows])
    with_tomorrow, with_today = today @ tomorrow.T, today @ today.T
    found = []
    for i, name in enumerate(names):
        others = [k for k in range(len(names)) if k != i and with_tomorrow[i, k] >= SAME and with_today[i, k] < DIFFERS]
        if others:
            k = max(others, key=lambda other: with_tomorrow[i, other])
            found.append(Suspect(name, "next_month", float(with_tomorrow[i, k]), float(with_today[i, k]), names[k]))
    return found


def _ranks(matrix: np.ndarray) -> np.ndarray:
    """Ranks of each row, centred and of length one, so that a product of two rows is their rank correlation."""
    ranks = rankdata(np.nan_to_num(matrix, nan=-1e30), axis=1)
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
