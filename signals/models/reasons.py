"""Why a customer's risk is high: the strongest business words, each with its strongest feature and the value of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from signals.models.features import Feature

MOST = 3
LEAST_EFFECT = 0.05
"""Log-odds below which a word is not told: a twentieth changes a probability of 10 % by less than half a point."""


@dataclass(frozen=True)
class Reasons:
    """Per row up to three reasons, the strongest first: numbers of words and features (-1: none) and the log-odds that
    the whole word adds; all (3, rows)."""

    words: tuple[str, ...]
    word: np.ndarray
    feature: np.ndarray
    effect: np.ndarray


def reasons(features: Sequence[Feature], contributions: np.ndarray) -> Reasons:
    """Group the contributions (features, rows) by word and rank what raises the risk.

    A word whose features pull both ways counts with their sum, so it is not told twice in different directions.
    """
    words = tuple(dict.fromkeys(feature.word for feature in features))
    rows = contributions.shape[1]
    sums = np.zeros((len(words), rows), dtype=np.float32)
    best = np.full((len(words), rows), -1, dtype=np.int64)
    for number, word in enumerate(words):
        own = [place for place, feature in enumerate(features) if feature.word == word]
        sums[number] = contributions[own].sum(axis=0)
        best[number] = np.array(own)[contributions[own].argmax(axis=0)]
    order = np.argsort(-sums, axis=0, kind="stable")[:MOST]
    effect = np.take_along_axis(sums, order, axis=0)
    told = effect >= LEAST_EFFECT
    chosen = np.take_along_axis(best, order, axis=0)
    return Reasons(words, np.where(told, order, -1), np.where(told, chosen, -1), np.where(told, effect, 0))


def weights_of(features: Sequence[Feature], contributions: np.ndarray) -> list[dict[str, float | str]]:
    """How much each feature decides on average: the mean size of its contribution, the heaviest first."""
    mean = np.abs(contributions).mean(axis=1)
    order = np.argsort(-mean, kind="stable")
    return [{"feature": features[i].name, "word": features[i].word, "weight": float(mean[i])} for i in order]
