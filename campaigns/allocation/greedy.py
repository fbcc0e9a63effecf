"""Contacts by descending worth, each taken when its customer has room and there is everything that it uses.

The same answer as going through all contacts one by one, in whole arrays: contacts are taken in bands of worth;
within a band a customer's best come first; where something runs out in the midst of a band, the band is cut there,
the options that need it are closed, and the rest of the band is looked at again. There are at most as many cuts as
options.

Source of the way: G. B. Dantzig's ratio-free greedy for the knapsack, as in H. Kellerer, U. Pferschy, D. Pisinger,
Knapsack Problems, 2004, chapter 2.1.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from campaigns.allocation.choosing import Rules
from campaigns.allocation.problem import Floats, Net, Uses

_BANDS: Final = 24
_SLACK: Final = 1e-9


@dataclass(frozen=True)
class Taken:
    """Contacts: places of customers and of options."""

    rows: npt.NDArray[np.intp]
    options: npt.NDArray[np.intp]


class _State:
    def __init__(self, rows: int, uses: Uses, rules: Rules, begun: Taken) -> None:
        self.uses, self.count = uses, uses.each.shape[1]
        self.campaign = rules.campaign.astype(np.int64)
        self.groups = int(self.campaign.max(initial=-1)) + 1
        self.room = np.full(rows, rules.at_most, np.int16)
        self.has = np.zeros((rows, self.groups), bool)
        self.left = uses.there.astype(float).copy()
        self.open = np.ones(self.count, bool)
        self.rows, self.options = [begun.rows], [begun.options]
        self._enter(begun.rows, begun.options)
        self._close()

    def _enter(self, rows: npt.NDArray[np.intp], options: npt.NDArray[np.intp]) -> None:
        if len(rows) > len(self.room) // 20:
            self.room -= np.bincount(rows, minlength=len(self.room)).astype(np.int16)
        else:
            np.subtract.at(self.room, rows, 1)
        self.has[rows, self.campaign[options]] = True
        self.left -= self.uses.each @ np.bincount(options, minlength=self.count)

    def _close(self) -> None:
        short = self.uses.each > (self.left + _SLACK * np.maximum(self.uses.there, 1.0))[:, None]
        self.open &= ~short.any(axis=0)

    def possible(self, rows: npt.NDArray[np.intp], options: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """Which contacts could still be made, each by itself."""
        return self.open[options] & (self.room[rows] > 0) & ~self.has[rows, self.campaign[options]]

    def take(self, rows: npt.NDArray[np.intp], options: npt.NDArray[np.intp]) -> None:
        """Go through contacts that lie in the order of their worth."""
        while len(rows):
            able = self.possible(rows, options)
            rows, options = rows[able], options[able]
            if not len(rows):
                return
            wanted = np.flatnonzero(self._within_customer(rows, options))
            end = self._first_short(options[wanted])
            self._enter(rows[wanted[:end]], options[wanted[:end]])
            self.rows.append(rows[wanted[:end]])
            self.options.append(options[wanted[:end]])
            self._close()
            if end == len(wanted):
                return
            rows, options = rows[wanted[end] :], options[wanted[end] :]

    def _within_customer(self, rows: npt.NDArray[np.intp], options: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """The first of each campaign, and of these as many as the customer has room for."""
        order = np.argsort(rows, kind="stable")
        who, campaign = rows[order], self.campaign[options[order]]
        first = np.zeros(len(rows), bool)
        first[np.unique(who * self.groups + campaign, return_index=True)[1]] = True
        running = np.cumsum(first)
        begins = np.flatnonzero(np.diff(who, prepend=-1))
        before = np.repeat(running[begins] - first[begins], np.diff(np.append(begins, len(who))))
        kept = np.empty(len(rows), bool)
        kept[order] = first & (running - before <= self.room[who])
        return kept

    def _first_short(self, options: npt.NDArray[np.intp]) -> int:
        """How many can be made before something runs out."""
        end = len(options)
        for r, each in enumerate(self.uses.each):
            if each.any():
                over = np.cumsum(each[options]) > self.left[r] + _SLACK * max(self.uses.there[r], 1.0)
                over &= each[options] > 0
                end = min(end, int(over.argmax()) if over.any() else end)
        return end


def fill(net: Net, uses: Uses, rules: Rules, begun: Taken | None = None, paid: Floats | None = None) -> Taken:
    """Fill up what `begun` leaves, in the order of net value, or of what is left of it above `paid` per option."""
    empty = np.empty(0, np.intp)
    state = _State(net.shape[1], uses, rules, begun or Taken(empty, empty))
    price = np.zeros(len(net), np.float32) if paid is None else paid.astype(np.float32)
    for high, low in _bands(net, price):
        if not state.open.any():
            break
        rows, options, worth = _between(net, price, state, high, low)
        order = np.argsort(-worth, kind="stable")
        state.take(rows[order], options[order])
    return Taken(np.concatenate(state.rows), np.concatenate(state.options))


def _bands(net: Net, price: npt.NDArray[np.float32]) -> list[tuple[float, float]]:
    """Bands of worth with about as many contacts each, from a sample; together they hold everything above 0 net."""
    if not net.size:
        return []
    sample = net[:, :: max(1, net.shape[1] // 20_000)]
    worth = (sample - price[:, None])[sample > 0]
    if not worth.size:
        return [(np.inf, -np.inf)]
    bands = _BANDS if net.size > 1_000_000 else 1
    edges = np.unique(np.quantile(worth, np.linspace(0, 1, bands + 1)[1:-1]))[::-1]
    return list(zip([np.inf, *edges], [*edges, -np.inf], strict=True))


def _between(
    net: Net, price: npt.NDArray[np.float32], state: _State, high: float, low: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Contacts that can be made and are worth more than `low` and at most `high`: customers, options, worth."""
    rows, options, kept = [np.empty(0, np.intp)], [np.empty(0, np.intp)], [np.empty(0, np.float32)]
    free = state.room > 0
    for j in np.flatnonzero(state.open):
        worth = net[j] - price[j]
        who = np.flatnonzero((worth > low) & (worth <= high) & (net[j] > 0) & free)
        rows.append(who)
        options.append(np.full(len(who), j))
        kept.append(worth[who])
    return np.concatenate(rows), np.concatenate(options), np.concatenate(kept)
