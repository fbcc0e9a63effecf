"""The chaining guard, alone."""

import itertools

from parties.clustering import Pair, cluster

UNKNOWN = (None, None, "person")


def test_the_stronger_pair_wins_and_the_contradicting_one_is_refused() -> None:
    hard = {1: ("A", None, "person"), 2: UNKNOWN, 3: ("B", None, "person")}
    found = cluster([Pair(3, 10.0, 1, 2), Pair(3, 20.0, 2, 3)], hard)
    assert found.root[2] == found.root[3] != found.root[1]
    assert found.refused == {(1, 2): "conflicting_pinfl"}


def test_a_sure_pair_goes_before_a_heavier_probable_one() -> None:
    hard = {1: ("A", None, "person"), 2: UNKNOWN, 3: ("B", None, "person")}
    found = cluster([Pair(1, 1.0, 1, 2), Pair(3, 99.0, 2, 3)], hard)
    assert found.root[1] == found.root[2]


def test_the_order_of_pairs_does_not_matter() -> None:
    hard = {n: ("A" if n == 1 else "B" if n == 5 else None, None, "person") for n in range(1, 6)}
    pairs = [Pair(3, 5.0, 1, 2), Pair(3, 5.0, 2, 3), Pair(3, 5.0, 3, 4), Pair(3, 5.0, 4, 5)]
    results = [cluster(order, hard) for order in itertools.permutations(pairs)]
    assert all(result == results[0] for result in results)
    assert len(results[0].refused) == 1
