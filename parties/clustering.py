"""Clusters from accepted pairs, with a guard against chaining: no cluster ever holds two PINFL, two INN or two kinds.

Pairs are taken strongest first, and a pair that would join contradicting clusters is refused. That is the difference
from plain connected components, where one weak pair in the middle can glue two people together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Pair(NamedTuple):
    """An accepted pair of record ids; lower `priority` is considered first, then higher `weight`."""

    priority: int
    weight: float
    left: int
    right: int


@dataclass(frozen=True)
class Clusters:
    """`root` of every record that is in a pair, and why pairs were refused (conflict name by pair)."""

    root: dict[int, int]
    refused: dict[tuple[int, int], str]


HARD_FIELDS = ("pinfl", "inn", "kind")


def cluster(pairs: Iterable[Pair], hard: Mapping[int, Sequence[str | None]]) -> Clusters:
    """Join pairs into clusters that keep one value for each of `HARD_FIELDS` (`hard` by record id; None = unknown).

    The result depends on the set of pairs alone, not on their order.
    """
    parent: dict[int, int] = {}
    held: dict[int, list[str | None]] = {}
    refused: dict[tuple[int, int], str] = {}

    def find(record: int) -> int:
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    for pair in sorted(pairs, key=lambda p: (p.priority, -p.weight, p.left, p.right)):
        for record in (pair.left, pair.right):
            if record not in parent:
                parent[record], held[record] = record, list(hard[record])
        left, right = sorted((find(pair.left), find(pair.right)))
        if left == right:
            continue
        if conflict := _conflict(held[left], held[right]):
            refused[(pair.left, pair.right)] = conflict
            continue
        parent[right] = left
        held[left] = [a if a is not None else b for a, b in zip(held[left], held.pop(right), strict=True)]
    return Clusters({record: find(record) for record in parent}, refused)


def _conflict(left: Sequence[str | None], right: Sequence[str | None]) -> str | None:
    for field, a, b in zip(HARD_FIELDS, left, right, strict=True):
        if a is not None and b is not None and a != b:
            return f"conflicting_{field}"
    return None
