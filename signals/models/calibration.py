"""From log-odds to a probability that comes true as often as it says, learned on months after the training months."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from scipy.optimize import isotonic_regression, minimize

ENOUGH_FOR_STEPS = 500
"""Positives from which the shape is taken as it is (isotonic); below, a curve of two parameters (Platt 1999)."""
_FLOOR = 1e-5


@dataclass(frozen=True)
class Calibration:
    """`method` isotonic: probabilities at `points` of the log-odds, straight between them. platt: slope and shift."""

    method: str
    points: tuple[float, ...]
    probabilities: tuple[float, ...]

    @classmethod
    def fit(cls, raw: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None) -> Self:
        """Learn from log-odds and what came. Raises `ValueError` without both classes."""
        weights = np.ones(len(raw)) if weights is None else weights
        if not 0 < labels.sum() < len(labels):
            raise ValueError("calibration needs both customers who left and who stayed")
        if labels.sum() < ENOUGH_FOR_STEPS:
            return cls("platt", *_platt(raw, labels, weights))
        return cls("isotonic", *_isotonic(raw, labels, weights))

    def probability(self, raw: np.ndarray) -> np.ndarray:
        """Between 0 and 1, growing with the log-odds."""
        if self.method == "platt":
            slope, shift = self.points
            return 1 / (1 + np.exp(-np.clip(slope * raw + shift, -30, 30)))
        return np.interp(raw, self.points, self.probabilities)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"method": self.method, "points": list(self.points), "probabilities": list(self.probabilities)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        """What `to_json` gave."""
        return cls(plain["method"], tuple(plain["points"]), tuple(plain["probabilities"]))


def _platt(raw: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    # Platt's targets, a little inside 0 and 1, keep a cleanly separated sample from an endless slope.
    hits = labels.sum()
    wanted = np.where(labels == 1, (hits + 1) / (hits + 2), 1 / (len(labels) - hits + 2))

    def loss(parameters: np.ndarray) -> float:
        z = parameters[0] * raw + parameters[1]
        return float((weights * (np.logaddexp(0, z) - wanted * z)).sum())

    slope, shift = minimize(loss, np.array([1.0, 0.0]), method="BFGS").x
    return (float(max(slope, 1e-6)), float(shift)), ()


def _isotonic(raw: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    order = np.argsort(raw, kind="stable")
    fitted = isotonic_regression(labels[order].astype(float), weights=weights[order])
    levels, blocks, ordered = fitted.x, fitted.blocks, raw[order]
    centres = [float(np.mean(ordered[a:b])) for a, b in pairwise(blocks)]
    heights = [float(np.clip(levels[a], _FLOOR, 1 - _FLOOR)) for a in blocks[:-1]]
    # Straight lines between the middles of the steps: customers of one step keep their order.
    return tuple(centres), tuple(heights)
