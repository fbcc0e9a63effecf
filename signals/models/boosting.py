"""Gradient boosting of small trees: scikit-learn grows them, `Forest` keeps them."""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from signals.models.trees import LEAVES, LEVELS, NODES, Forest

FEW_POSITIVES = 1500
BINS = 64
"""Groups of equal size between which a tree may cut a feature."""


@dataclass(frozen=True)
class Recipe:
    """How a forest is grown. `rounds` trees; half as many where there are few positives to learn from. A leaf holds at
    least `leaf_share` of the rows, and 30."""

    rounds: int = 150
    rate: float = 0.06
    l2: float = 10.0
    leaf_share: float = 0.004
    seed: int = 20_260_101


def grow(matrix: np.ndarray, labels: np.ndarray, weights: np.ndarray, recipe: Recipe) -> Forest:
    """Grow a forest on (features, rows). The same input and seed give the same forest, whatever the machine's load.

    Every feature needs two different values, and the labels both classes.
    """
    booster = HistGradientBoostingClassifier(
        max_depth=LEVELS, max_leaf_nodes=LEAVES, max_iter=_rounds(labels, recipe), learning_rate=recipe.rate,
        l2_regularization=recipe.l2, min_samples_leaf=max(30, int(recipe.leaf_share * len(labels))),
        early_stopping=False, random_state=recipe.seed,
    )  # fmt: skip
    edges = [_edges(column) for column in matrix]
    groups = np.column_stack([_groups(column, limits) for column, limits in zip(matrix, edges, strict=True)])
    # One thread: sums come in one order, and on samples of this size threads wait for one another more than they work.
    with threadpool_limits(1):
        booster.fit(groups, labels, sample_weight=weights)
    return _forest(booster, edges).with_cover(matrix, weights)


def _edges(column: np.ndarray) -> np.ndarray:
    """Cut points between groups, values of the column themselves. Done here: with weights the library needs seconds."""
    present = column[~np.isnan(column)]
    if not len(present):
        return np.zeros(1, dtype=np.float32)
    values = np.quantile(present, np.linspace(0, 1, BINS + 1)[1:-1], method="lower")
    return np.unique(np.append(values, present.min())).astype(np.float32)


def _groups(column: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Number of the first edge that is not below the value; missing stays missing."""
    places = np.searchsorted(edges, column, side="left").astype(np.float32)
    places[np.isnan(column)] = np.nan
    return places


def _rounds(labels: np.ndarray, recipe: Recipe) -> int:
    return recipe.rounds if labels.sum() >= FEW_POSITIVES else recipe.rounds // 2


def _forest(booster: HistGradientBoostingClassifier, edges: list[np.ndarray]) -> Forest:
    grown = [round_[0].nodes for round_ in booster._predictors]
    shape = (len(grown), NODES)
    feature, limit = np.full(shape, -1, dtype=np.int64), np.zeros(shape, dtype=np.float32)
    missing, value = np.zeros(shape, dtype=bool), np.zeros((len(grown), LEAVES))
    for tree, nodes in enumerate(grown):
        _place(nodes, 0, 0, feature[tree], limit[tree], missing[tree], value[tree], edges)
    base = float(np.ravel(booster._baseline_prediction)[0])
    return Forest(base, feature, limit, missing, value, np.ones_like(value))


def _place(
    nodes: np.ndarray, here: int, slot: int, feature: np.ndarray, limit: np.ndarray, missing: np.ndarray,
    value: np.ndarray, edges: list[np.ndarray],
) -> None:  # fmt: skip
    """Put a node of the grown tree into its slot of the full one; a leaf above the last level fills all below it."""
    node = nodes[here]
    if slot >= NODES:
        value[slot - NODES] = node["value"]
        return
    is_leaf = bool(node["is_leaf"])
    if not is_leaf:
        feature[slot], group = node["feature_idx"], node["num_threshold"]
        # "Group <= k and a half" is "value <= edge k", since groups are numbered by the edges below them; an endless
        # limit asks whether there is a value at all.
        limit[slot] = edges[feature[slot]][int(group)] if np.isfinite(group) else np.inf
        missing[slot] = bool(node["missing_go_to_left"])
    for child, side in ((2 * slot + 1, "left"), (2 * slot + 2, "right")):
        _place(nodes, here if is_leaf else int(node[side]), child, feature, limit, missing, value, edges)
