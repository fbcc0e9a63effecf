"""Which customers several segments share."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from segments.engine import Compiled
from segments.questions.members import together
from segments.questions.source import Source, answer, counted

_BITS = 60


@dataclass(frozen=True)
class Overlap:
    """`matrix[i][j]` customers are in segment i and in j (its diagonal are the sizes); `exclusive[i]` in i alone.

    `in_several[n]` customers are in exactly n of the segments; n = 0 is who is in none.
    """

    keys: tuple[str, ...]
    sizes: tuple[int, ...]
    matrix: tuple[tuple[int, ...], ...]
    exclusive: tuple[int, ...]
    in_several: tuple[int, ...]
    base: int


def overlap(source: Source, segments: Mapping[str, Compiled]) -> Overlap:
    """How the segments overlap, from one pass: every customer's pattern of memberships, and how many have each."""
    keys = tuple(segments)
    compiled = together(segments)
    statement = compiled.statement()
    flags = statement.flags({f"s{place}": each.tree for place, each in enumerate(segments.values())}, columns=())
    masks = [_mask(range(start, min(start + _BITS, len(keys)))) for start in range(0, len(keys), _BITS)]
    named = [exp.alias_(mask, f"m{place}") for place, mask in enumerate(masks)]
    query = exp.select(*named, counted()).from_(exp.Subquery(this=flags, alias="flags"))
    found = answer(source, statement, query.group_by(*(str(place + 1) for place in range(len(masks)))))
    weights = found.column("rows").to_numpy().astype(np.int64)
    patterns = [found.column(f"m{place}").to_numpy().astype(np.int64) for place in range(len(masks))]
    return _read(keys, patterns, weights)


def _mask(places: range) -> exp.Expr:
    total: exp.Expr = exp.Literal.number(0)
    for bit, place in enumerate(places):
        weight = exp.cast(exp.Literal.number(1 << bit), "bigint")
        one = exp.Case().when(exp.column(f"s{place}"), weight).else_(exp.cast(exp.Literal.number(0), "bigint"))
        total = exp.Add(this=total, expression=one)
    return exp.cast(total, "bigint")


def _read(keys: tuple[str, ...], patterns: list[npt.NDArray[np.int64]], weights: npt.NDArray[np.int64]) -> Overlap:
    bits = [(patterns[place // _BITS] >> (place % _BITS)) & 1 for place in range(len(keys))]
    inside = np.stack(bits).astype(np.float64)  # counts stay far below 2**53, so doubles are exact and multiply fast
    matrix = (inside * weights) @ inside.T
    several = inside.sum(axis=0).astype(np.int64)
    alone = ((inside * (several == 1)) * weights).sum(axis=1)
    spread = np.bincount(several, weights=weights, minlength=len(keys) + 1)
    rows = tuple(tuple(int(each) for each in row) for row in matrix)
    sizes = tuple(row[place] for place, row in enumerate(rows))
    return Overlap(keys, sizes, rows, tuple(map(int, alone)), tuple(map(int, spread)), int(weights.sum()))
