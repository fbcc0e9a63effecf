"""Whether today's customers still look like those the model learned from: the population stability index (PSI)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np

BINS: Final = 10
WATCH: Final = 0.1
ALARM: Final = 0.25
SCORE: Final = "churn_probability"
"""The name under which the score itself is compared."""
_FLOOR = 1e-4


@dataclass(frozen=True)
class Drift:
    """One feature, or the score: its index and what to think of it (steady, watch, alarm)."""

    name: str
    psi: float

    @property
    def state(self) -> str:
        """Steady below 0.1, alarm from 0.25: the usual limits of credit scoring (Siddiqi 2006)."""
        return "alarm" if self.psi >= ALARM else "watch" if self.psi >= WATCH else "steady"


@dataclass(frozen=True)
class Reference:
    """Edges of up to ten groups of equal size per feature, and the shares in them; the last share is of missing."""

    edges: dict[str, list[float]] = field(hash=False)
    shares: dict[str, list[float]] = field(hash=False)

    @classmethod
    def of(cls, names: Sequence[str], matrix: np.ndarray, probabilities: np.ndarray) -> Self:
        """Remember how features (features, rows) and scores are spread."""
        columns = dict(zip(names, matrix, strict=True)) | {SCORE: probabilities}
        edges = {name: _edges(values) for name, values in columns.items()}
        return cls(edges, {name: _shares(values, edges[name]).tolist() for name, values in columns.items()})

    def drifts(self, names: Sequence[str], matrix: np.ndarray, probabilities: np.ndarray) -> list[Drift]:
        """The index of every feature and of the score, the largest first."""
        columns = dict(zip(names, matrix, strict=True)) | {SCORE: probabilities}
        found = [
            Drift(name, psi(np.array(self.shares[name]), _shares(values, self.edges[name])))
            for name, values in columns.items()
        ]
        return sorted(found, key=lambda each: (-each.psi, each.name))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"edges": self.edges, "shares": self.shares}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        """What `to_json` gave."""
        return cls(plain["edges"], plain["shares"])


def psi(expected: np.ndarray, actual: np.ndarray) -> float:
    """Sum of (actual - expected) * ln(actual / expected) over groups; shares of nothing count as a ten-thousandth."""
    expected, actual = np.maximum(expected, _FLOOR), np.maximum(actual, _FLOOR)
    return float(((actual - expected) * np.log(actual / expected)).sum())


def _edges(values: np.ndarray) -> list[float]:
    present = values[~np.isnan(values)]
    if not len(present):
        return []
    # Cut points between groups: a value with more than a tenth of all rows keeps a group of its own.
    return np.unique(np.quantile(present, np.linspace(0, 1, BINS + 1)[1:-1])).astype(float).tolist()


def _shares(values: np.ndarray, edges: list[float]) -> np.ndarray:
    missing = np.isnan(values)
    groups = np.searchsorted(edges, values[~missing], side="left")
    counts = np.append(np.bincount(groups, minlength=len(edges) + 1), missing.sum())
    return counts / max(len(values), 1)
