"""What each customer would get at given prices of what is scarce: a matter of him alone, so fast for millions.

Contacts are worth their net value less what they use at the prices; a customer gets his best ones above 0, at most
one of each campaign and at most so many in all. That is the inner problem of the Lagrangian relaxation, and it is
solved whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

BLOCK: Final = 100_000
"""Customers at a time: a block of 20 options stays within the processor's caches' reach and below 10 MB."""


@dataclass(frozen=True)
class Choice:
    """The value of the relaxed problem's inner part, and how many contacts each option got."""

    worth: float
    counts: npt.NDArray[np.float64]


def blocks(count: int) -> Iterator[slice]:
    """Slices of the customers."""
    for begin in range(0, count, BLOCK):
        yield slice(begin, min(begin + BLOCK, count))


def best(
    worth: npt.NDArray[np.float32], groups: Sequence[Sequence[int]], at_most: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """(rows, options) that are taken from a matrix of customers × options."""
    if any(len(group) > 1 for group in groups):
        worth = _one_of_each(worth, groups)
    if at_most == 1:
        option = worth.argmax(axis=1)
        row = np.flatnonzero(worth[np.arange(len(worth)), option] > 0)
        return row, option[row]
    if at_most < worth.shape[1]:
        edge = np.argpartition(-worth, at_most - 1, axis=1)[:, :at_most]
        row, place = np.nonzero(np.take_along_axis(worth, edge, axis=1) > 0)
        return row, edge[row, place]
    row, option = np.nonzero(worth > 0)
    return row, option


def chosen(
    net: npt.NDArray[np.float32], price: npt.NDArray[np.float64], groups: Sequence[Sequence[int]], at_most: int
) -> Choice:
    """Everybody's contacts at prices per option (what one contact by it uses, in money)."""
    counts, total = np.zeros(net.shape[1]), 0.0
    paid = price.astype(np.float32)
    for part in blocks(len(net)):
        worth = net[part] - paid
        worth[net[part] <= 0] = -1.0
        row, option = best(worth, groups, at_most)
        counts += np.bincount(option, minlength=net.shape[1])
        total += float(worth[row, option].sum(dtype=np.float64))
    return Choice(total, counts)


def _one_of_each(worth: npt.NDArray[np.float32], groups: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
    """The best option of each campaign stays, the others are put below 0."""
    kept = worth.copy()
    for group in groups:
        if len(group) > 1:
            part = worth[:, group]
            first = np.arange(len(group)) == part.argmax(axis=1)[:, None]
            kept[:, group] = np.where(first, part, np.float32(-1.0))
    return kept
