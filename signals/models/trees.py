"""A forest of small trees that scores fast and says exactly why.

Trees have at most three levels, so a row's way through one is told by seven answers, and everything that depends on the
way is looked up in a table of 128 entries made once: the value of the leaf, and the Shapley value of every feature of
the tree (path-dependent, as in Lundberg, Erion and Lee 2018, arXiv:1802.03888, computed exactly from its definition).
Only numpy is needed; the file is JSON and runs nothing when it is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import factorial
from typing import Any, Self

import numpy as np

LEVELS, NODES, LEAVES, WAYS = 3, 7, 8, 128
CHUNK = 65_536
"""Rows scored at a time: what they need stays near the processor."""
_ANSWERS = (np.arange(WAYS)[:, None] >> np.arange(NODES) & 1).astype(bool)


@dataclass(frozen=True)
class Forest:
    """`feature`, `threshold`, `missing_left` (trees, 7): answer "left" when value <= threshold, or when it is missing
    and missing goes left; feature -1 always goes left. `value` and `cover` (trees, 8): log-odds and weight of the
    leaves. `base` is the log-odds before any tree."""

    base: float
    feature: np.ndarray
    threshold: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray
    cover: np.ndarray

    @property
    def trees(self) -> int:
        """How many trees there are."""
        return len(self.feature)

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        """Log-odds of the columns of a matrix (features, rows)."""
        result = np.full(matrix.shape[1], self.base, dtype=np.float64)
        for part in _parts(matrix.shape[1]):
            for tree in range(self.trees):
                result[part] += self._leaf_of_way[tree].take(self._ways(tree, matrix[:, part]))
        return result

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """Float32 (features, rows): how much each feature moves the log-odds away from `expected`."""
        result = np.zeros(matrix.shape, dtype=np.float32)
        for part in _parts(matrix.shape[1]):
            rows = result[:, part]
            for tree in range(self.trees):
                ways = self._ways(tree, matrix[:, part])
                for feature, table in self._shapley[tree]:
                    rows[feature] += table.take(ways)
        return result

    @cached_property
    def expected(self) -> float:
        """Average log-odds of the training rows: what contributions start from."""
        weights = self.cover / np.maximum(self.cover.sum(axis=1, keepdims=True), 1e-12)
        return float(self.base + (weights * self.value).sum())

    def _ways(self, tree: int, matrix: np.ndarray) -> np.ndarray:
        ways = np.zeros(matrix.shape[1], dtype=np.int64)
        for node in range(NODES):
            feature = self.feature[tree, node]
            if feature < 0:
                ways |= 1 << node
                continue
            limit, column = self.threshold[tree, node], matrix[feature]
            # A comparison with what is missing is false, so the question is put the way that makes false right.
            left = ~(column > limit) if self.missing_left[tree, node] else column <= limit
            ways |= left.astype(np.int64) << node
        return ways

    @cached_property
    def _leaf_of_way(self) -> np.ndarray:
        return np.stack([self.value[tree][_leaves(_ANSWERS)] for tree in range(self.trees)])

    @cached_property
    def _shapley(self) -> list[list[tuple[int, np.ndarray]]]:
        return [_tree_shapley(self.feature[t], self.value[t], self.cover[t]) for t in range(self.trees)]

    def to_json(self) -> dict[str, Any]:
        """Plain values; numbers come back exactly as they were."""
        arrays = {name: getattr(self, name).tolist() for name in ("feature", "missing_left", "value", "cover")}
        return {"base": self.base, "threshold": self.threshold.astype(np.float64).tolist(), **arrays}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        """What `to_json` gave."""
        return cls(
            float(plain["base"]), np.array(plain["feature"], dtype=np.int64).reshape(-1, NODES),
            np.array(plain["threshold"], dtype=np.float32).reshape(-1, NODES),
            np.array(plain["missing_left"], dtype=bool).reshape(-1, NODES),
            np.array(plain["value"], dtype=np.float64).reshape(-1, LEAVES),
            np.array(plain["cover"], dtype=np.float64).reshape(-1, LEAVES),
        )  # fmt: skip

    def with_cover(self, matrix: np.ndarray, weights: np.ndarray) -> "Forest":
        """The same forest with the weights of these rows in its leaves."""
        leaves = [_leaves(_ANSWERS)[self._ways(tree, matrix)] for tree in range(self.trees)]
        cover = np.stack([np.bincount(leaf, weights, LEAVES) for leaf in leaves])
        return Forest(self.base, self.feature, self.threshold, self.missing_left, self.value, cover)


def _parts(rows: int) -> Iterator[slice]:
    return (slice(start, min(start + CHUNK, rows)) for start in range(0, rows, CHUNK))


def _leaves(answers: np.ndarray) -> np.ndarray:
    """Leaf of every row of answers (rows, 7): node 0 first, children of i are 2i + 1 (left) and 2i + 2."""
    node = np.zeros(len(answers), dtype=np.int64)
    for _ in range(LEVELS):
        left = answers[np.arange(len(answers)), node]
        node = 2 * node + np.where(left, 1, 2)
    return node - NODES


def _tree_shapley(feature: np.ndarray, value: np.ndarray, cover: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Per feature of a tree, its Shapley value on each of the 128 ways."""
    players = sorted(set(feature[feature >= 0].tolist()))
    worth = {known: _worth(frozenset(known), feature, value, cover) for known in _subsets(players)}
    count, result = len(players), []
    for player in players:
        others = [each for each in players if each != player]
        total = np.zeros(WAYS)
        for known in _subsets(others):
            weight = factorial(len(known)) * factorial(count - len(known) - 1) / factorial(count)
            total += weight * (worth[tuple(sorted((*known, player)))] - worth[known])
        result.append((player, total.astype(np.float32)))
    return result


def _subsets(players: list[int]) -> Iterator[tuple[int, ...]]:
    return (each for size in range(len(players) + 1) for each in combinations(players, size))


def _worth(known: frozenset[int], feature: np.ndarray, value: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """Expected value of the tree on each way when only the `known` features are."""
    weight = np.concatenate([np.zeros(NODES), cover])
    for node in range(NODES - 1, -1, -1):
        weight[node] = weight[2 * node + 1] + weight[2 * node + 2]
    expected = np.concatenate([np.zeros((NODES, WAYS)), np.repeat(value[:, None], WAYS, axis=1)])
    for node in range(NODES - 1, -1, -1):
        left, right = expected[2 * node + 1], expected[2 * node + 2]
        if feature[node] < 0 or feature[node] in known:
            expected[node] = np.where(_ANSWERS[:, node], left, right)
        else:
            share = weight[2 * node + 1] / weight[node] if weight[node] else 0.5
            expected[node] = share * left + (1 - share) * right
    return expected[0]
