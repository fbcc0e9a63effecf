"""Who leaves, when and why: the planted truth behind the usage that declines before a customer goes.

The monthly hazard is a log-linear function of traits that leave traces in the data, so a model can learn it.
"""

from dataclasses import dataclass

import numpy as np

from simulator.months import NEVER
from simulator.randomness import stream

CAUSES = ("price", "quality", "competitor", "moved", "debt", "business_closed")
DECLINE_DAYS = np.array([75, 60, 45, 10, 20, 110])
"""Mean length of the decline of usage before leaving, by cause."""
DECLINE_FLOOR = np.array([0.2, 0.15, 0.1, 0.3, 0.7, 0.05], dtype=np.float32)
"""Share of the usual usage that is left on the last day, by cause."""
BASE_HAZARD = {"person": 0.009, "organisation": 0.004}


@dataclass(frozen=True)
class Churn:
    """Per customer: hazard per month, cause number (-1: stays within the horizon), decline start and last day."""

    hazard: np.ndarray
    price_sensitivity: np.ndarray
    quality_trouble: np.ndarray
    cause: np.ndarray
    decline_day: np.ndarray
    day: np.ndarray


def build_churn(seed: int, created: np.ndarray, organisation: np.ndarray, quality: np.ndarray, last_day: int) -> Churn:
    """Draw the leaving of each customer; nobody leaves before the history or within two months of joining."""
    rng = stream(seed, "churn")
    count = len(created)
    price = rng.normal(0, 1, count)
    trouble = np.clip(rng.normal(0, 0.6, count) + (1 - quality) * 6, -1.5, 3)
    young = (created > 0).astype(float)
    base = np.where(organisation, BASE_HAZARD["organisation"], BASE_HAZARD["person"])
    hazard = np.clip(base * np.exp(0.55 * price + 0.5 * trouble + 0.5 * young), 0, 0.2)
    day = (np.maximum(created, 0) + 60 + rng.exponential(1, count) / hazard * 30.4).astype(np.int64)
    leaves = day <= last_day
    weights = np.stack([
        np.exp(0.8 * price), np.exp(0.8 * trouble), np.full(count, 1.0), np.where(organisation, 0.1, 0.7),
        np.full(count, 0.8), np.where(organisation, 1.2, 0.0),
    ], axis=1)  # fmt: skip
    edges = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    cause = np.minimum((rng.random((count, 1)) > edges).sum(axis=1), len(CAUSES) - 1)
    length = np.clip(DECLINE_DAYS[cause] * rng.uniform(0.6, 1.6, count), 5, 150).astype(np.int64)
    decline = np.maximum(day - length, np.maximum(created, 0) + 10)
    return Churn(
        hazard, price, trouble, np.where(leaves, cause, -1),
        np.where(leaves, decline, NEVER), np.where(leaves, day, NEVER),
    )  # fmt: skip
