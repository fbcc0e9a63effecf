"""What each customer would get at given prices of what is scarce: a matter of him alone, so fast for millions.

Contacts are worth their net value less what they use at the prices; a customer gets his best ones above 0, at most
one of each campaign and at most so many in all. That is the inner problem of the Lagrangian relaxation, and it is
solved whole. Values stand as options × customers, so that every step runs along memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from campaigns.allocation.problem import Floats, Net

BLOCK: Final = 65_536
"""Customers at a time: 20 options of a block are 5 MB and stay in the cache."""


@dataclass(frozen=True)
class Choice:
    """The worth of what was chosen, and how many contacts each option got."""

    worth: float
    counts: Floats


@dataclass(frozen=True)
class Rules:
    """The campaign (a number) of each option, and how many contacts a customer may get."""

    campaign: npt.NDArray[np.int16]
    at_most: int


def blocks(count: int) -> Iterator[slice]:
    """Slices of the customers."""
    for begin in range(0, count, BLOCK):
        yield slice(begin, min(begin + BLOCK, count))


def rounds(
    net: Net, price: npt.NDArray[np.float32], rules: Rules
) -> Iterator[tuple[npt.NDArray[np.float32], npt.NDArray[np.int16]]]:
    """Everybody's best, second best … contact: its worth, and the option or -1 where none is worth anything."""
    had: list[npt.NDArray[np.int16]] = []
    for _ in range(rules.at_most):
        worth, option = np.zeros(net.shape[1], np.float32), np.full(net.shape[1], -1, np.int16)
        for j, row in enumerate(net):
            here = row - price[j]
            better = here > worth
            for earlier in had:
                better &= earlier != rules.campaign[j]
            np.copyto(worth, here, where=better)
            np.copyto(option, np.int16(j), where=better)
        if not (option >= 0).any():
            return
        yield worth, option
        had.append(np.where(option >= 0, rules.campaign[option], np.int16(-1)))


def chosen(net: Net, price: Floats, rules: Rules) -> Choice:
    """Everybody's contacts at prices per option (what one contact by it uses, in money)."""
    counts, total = np.zeros(len(net)), 0.0
    for part in blocks(net.shape[1]):
        for worth, option in rounds(net[:, part], price.astype(np.float32), rules):
            counts += np.bincount(option + 1, minlength=len(net) + 1)[1:]
            total += float(worth.sum(dtype=np.float64))
    return Choice(total, counts)


@dataclass(frozen=True)
class Settled:
    """Who gets the same contacts at all prices of a box: a flag per customer, and the net value and number by option of
    all these contacts."""

    who: npt.NDArray[np.bool_]
    net: float
    counts: Floats


def settled(net: Net, low: Floats, high: Floats, rules: Rules) -> Settled:
    """Customers whose contacts do not depend on where the prices per option lie between `low` and `high`.

    Enough for it, if not needed: at the highest prices each contact that is chosen at the lowest is still worth more
    than every other at the lowest, and than nothing. Who gets nothing at the lowest gets nothing at all.
    """
    flags, counts, total = np.empty(net.shape[1], bool), np.zeros(len(net)), 0.0
    cheap, dear = low.astype(np.float32), high.astype(np.float32)
    for part in blocks(net.shape[1]):
        own = net[:, part]
        taken = np.zeros(own.shape, bool)
        least = np.full(own.shape[1], np.inf, np.float32)
        picks = [option for _, option in rounds(own, cheap, rules)]
        for option in picks:
            who = np.flatnonzero(option >= 0)
            taken[option[who], who] = True
            least[who] = np.minimum(least[who], own[option[who], who] - dear[option[who]])
        most = np.zeros(own.shape[1], np.float32)
        for j, row in enumerate(own):
            np.maximum(most, row - cheap[j], out=most, where=~taken[j])
        flags[part] = (least > most) | (~taken.any(axis=0))
        for option in picks:
            who = np.flatnonzero((option >= 0) & flags[part])
            counts += np.bincount(option[who], minlength=len(net))
            total += float(own[option[who], who].sum(dtype=np.float64))
    return Settled(flags, total, counts)
