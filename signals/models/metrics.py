"""How good scores are: area under the curves with intervals, lift by tenth, calibration. Pure, numpy and scipy."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


def auc(labels: np.ndarray, scores: np.ndarray) -> Estimate:
    """Area under the ROC curve; the interval is DeLong's (1988). Without both classes everything is not a number."""
    hits, misses = scores[labels == 1], scores[labels == 0]
    if not len(hits) or not len(misses):
        return Estimate(float("nan"), float("nan"), float("nan"))
    ranks = rankdata(np.concatenate([hits, misses]))
    m, n = len(hits), len(misses)
    area = (ranks[:m].sum() - m * (m + 1) / 2) / (m * n)
    of_hits = (ranks[:m] - rankdata(hits)) / n
    of_misses = 1 - (ranks[m:] - rankdata(misses)) / m
    variance = (of_hits.var(ddof=1) / m if m > 1 else 0.0) + (of_misses.var(ddof=1) / n if n > 1 else 0.0)
    half = norm.ppf(0.5 + LEVEL / 2) * np.sqrt(variance)
    return Estimate(float(area), float(max(0.0, area - half)), float(min(1.0, area + half)))


def average_precision(labels: np.ndarray, scores: np.ndarray) -> float:
    """Area under precision by recall, as a sum over thresholds; rows with equal scores count together."""
    if not labels.sum():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    found, ordered = np.cumsum(labels[order]), scores[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    recall = found[last] / found[-1]
    return float((np.diff(recall, prepend=0.0) * (found[last] / (last + 1))).sum())


def brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean square of what was said less what came."""
    return float(np.mean((probabilities - labels) ** 2)) if len(labels) else float("nan")


def wilson(hits: float, rows: float) -> Estimate:
    """A share with Wilson's interval."""
    if not rows:
        return Estimate(float("nan"), 0.0, 1.0)
    z, share = norm.ppf(0.5 + LEVEL / 2), hits / rows
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return Estimate(float(share), float(max(0.0, middle - half)), float(min(1.0, middle + half)))


def deciles(scores: np.ndarray) -> np.ndarray:
    """1 for the tenth with the highest scores, 10 for the lowest; ties fall by position."""
    order = np.argsort(-scores, kind="stable")
    places = np.empty(len(scores), dtype=np.int64)
    places[order] = np.arange(len(scores)) * 10 // max(len(scores), 1) + 1
    return places


def lift_by_decile(labels: np.ndarray, scores: np.ndarray) -> list[dict[str, float]]:
    """Per tenth: rows, churners, their rate with its interval, and how many times the average that is."""
    tenth, average = deciles(scores), float(labels.mean()) if len(labels) else 0.0
    rows = []
    for number in range(1, 11):
        here = labels[tenth == number]
        rate = wilson(float(here.sum()), len(here))
        rows.append({
            "decile": number, "rows": len(here), "churned": int(here.sum()), "rate": rate.value, "low": rate.low,
            "high": rate.high, "lift": rate.value / average if average else float("nan"),
        })  # fmt: skip
    return rows


def calibration_table(labels: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> list[dict[str, float]]:
    """Rows in equal groups by probability: what was said on average, and what came, with its interval."""
    order = np.argsort(probabilities, kind="stable")
    table = []
    for part in np.array_split(order, bins):
        if len(part):
            came = wilson(float(labels[part].sum()), len(part))
            said = float(probabilities[part].mean())
            table.append({"rows": len(part), "said": said, "came": came.value, "low": came.low, "high": came.high})
    return table
