"""The forest scores as the library that grew it, and its reasons are Shapley values by their definition."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest

from signals.models.boosting import Recipe, grow
from signals.models.trees import LEAVES, NODES, Forest

RECIPE = Recipe(rounds=12)


@pytest.fixture(scope="module")
def grown() -> tuple[Forest, np.ndarray, np.ndarray]:
    """A forest over five features, some of them missing; its matrix and labels."""
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(5, 2400)).astype(np.float32)
    labels = (rng.random(2400) < 1 / (1 + np.exp(-2 * matrix[0] - matrix[1] * matrix[2]))).astype(np.int8)
    matrix[3] = rng.integers(0, 3, 2400)
    matrix[1][rng.random(2400) < 0.1] = np.nan
    return grow(matrix, labels, np.ones(2400), RECIPE), matrix, labels


def by_walking(forest: Forest, tree: int, row: np.ndarray) -> int:
    node = 0
    while node < NODES:
        feature, value = forest.feature[tree, node], row[forest.feature[tree, node]]
        left = feature < 0 or (
            forest.missing_left[tree, node] if np.isnan(value) else value <= forest.threshold[tree, node]
        )
        node = 2 * node + (1 if left else 2)
    return node - NODES


def expected(forest: Forest, tree: int, row: np.ndarray, known: set[int], node: int = 0) -> float:
    """The tree's value when only some features are known: others follow the weights of the training rows."""
    if node >= NODES:
        return float(forest.value[tree, node - NODES])
    feature = int(forest.feature[tree, node])
    if feature < 0 or feature in known:
        value = row[feature]
        left = feature < 0 or (
            forest.missing_left[tree, node] if np.isnan(value) else value <= forest.threshold[tree, node]
        )
        return expected(forest, tree, row, known, 2 * node + (1 if left else 2))
    sides = [weight(forest, tree, 2 * node + side) for side in (1, 2)]
    share = sides[0] / sum(sides) if sum(sides) else 0.5
    left, right = (expected(forest, tree, row, known, 2 * node + side) for side in (1, 2))
    return share * left + (1 - share) * right


def weight(forest: Forest, tree: int, node: int) -> float:
    if node >= NODES:
        return float(forest.cover[tree, node - NODES])
    return weight(forest, tree, 2 * node + 1) + weight(forest, tree, 2 * node + 2)


def test_a_row_gets_the_sum_of_the_leaves_it_walks_to(grown: tuple[Forest, np.ndarray, np.ndarray]) -> None:
    forest, matrix, _ = grown
    raw = forest.raw(matrix[:, :40])
    for place in range(40):
        walked = sum(forest.value[t, by_walking(forest, t, matrix[:, place])] for t in range(forest.trees))
        assert raw[place] == pytest.approx(forest.base + walked)


def test_the_forest_separates_what_it_learned(grown: tuple[Forest, np.ndarray, np.ndarray]) -> None:
    from signals.models.metrics import auc

    forest, matrix, labels = grown
    assert auc(labels, forest.raw(matrix)).value > 0.8
    assert forest.cover.shape == (forest.trees, LEAVES)
    assert forest.cover.sum(axis=1) == pytest.approx(np.full(forest.trees, matrix.shape[1]))


def test_contributions_add_up_to_the_score(grown: tuple[Forest, np.ndarray, np.ndarray]) -> None:
    forest, matrix, _ = grown
    total = forest.contributions(matrix).sum(axis=0) + forest.expected
    assert total == pytest.approx(forest.raw(matrix), abs=1e-4)


def test_contributions_are_shapley_values_by_their_definition(grown: tuple[Forest, np.ndarray, np.ndarray]) -> None:
    forest, matrix, _ = grown
    told = forest.contributions(matrix[:, :3])
    features = range(len(matrix))
    for place in range(3):
        row = matrix[:, place]
        for player in features:
            others, total = [f for f in features if f != player], 0.0
            for size in range(len(matrix)):
                share = factorial(size) * factorial(len(matrix) - size - 1) / factorial(len(matrix))
                for known in combinations(others, size):
                    for tree in range(forest.trees):
                        gain = expected(forest, tree, row, {*known, player}) - expected(forest, tree, row, set(known))
                        total += share * gain
            assert told[player, place] == pytest.approx(total, abs=1e-5)


def test_the_same_data_and_seed_grow_the_same_forest(grown: tuple[Forest, np.ndarray, np.ndarray]) -> None:
    forest, matrix, labels = grown
    again = grow(matrix, labels, np.ones(len(labels)), RECIPE)
    assert again.to_json() == forest.to_json()


def test_a_forest_read_from_its_file_scores_alike(grown: tuple[Forest, np.ndarray, np.ndarray]) -> None:
    forest, matrix, _ = grown
    assert np.array_equal(Forest.from_json(forest.to_json()).raw(matrix), forest.raw(matrix))
