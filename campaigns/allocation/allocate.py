"""Who gets which campaign by which channel when they compete: greedy by value, or at the best prices.

The optimum is taken at the prices of `campaigns.allocation.prices`: everybody gets his best contacts at them, and where
many are torn between equals, as customers of one segment are, they choose at slightly different prices in the shares
that use up what there is. Where that is more than there is, the contacts worth least above their price go; what is left
over is filled greedily. The bound that the prices prove tells how much better any allocation could be, so the gap is
known and not hoped for.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from campaigns.allocation.choosing import Rules, blocks, rounds
from campaigns.allocation.greedy import Taken, fill
from campaigns.allocation.prices import Prices, prices
from campaigns.allocation.problem import Demand, Floats, Net, Uses, campaign_numbers, net_of, uses_of

CHOSEN: Final = pa.schema([
    ("customer_id", pa.int64()), ("campaign_key", pa.dictionary(pa.int32(), pa.string())),
    ("channel", pa.dictionary(pa.int32(), pa.string())), ("value", pa.float32()), ("cost", pa.float32()),
])  # fmt: skip
FEW: Final = 200_000
"""Contacts that could be made, up to which several ways of rounding are tried and the best is taken."""
_GOLDEN: Final = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class Resource:
    """`price` is what one more unit would add to the net value (None from the greedy way, which knows no prices)."""

    name: str
    there: float
    used: float
    price: float | None


@dataclass(frozen=True)
class OptionShare:
    """What one option got."""

    campaign_key: str
    channel: str
    contacts: int
    value: float
    cost: float


@dataclass(frozen=True)
class Allocation:
    """`net` is value less cost over all `chosen` contacts (schema `CHOSEN`). `bound` is more than any allocation can
    reach, `gap` the share of it that this one leaves; both None from the greedy way alone."""

    chosen: pa.Table
    contacts: int
    customers: int
    value: float
    cost: float
    net: float
    bound: float | None
    gap: float | None
    resources: tuple[Resource, ...]
    options: tuple[OptionShare, ...]


@dataclass(frozen=True)
class Comparison:
    """Both ways on the same demand; `greedy_gap` is the share of the bound that the greedy way leaves."""

    greedy: Allocation
    optimum: Allocation
    greedy_gap: float


def allocate_greedily(demand: Demand) -> Allocation:
    """Contacts by descending net value, each taken when there is still everything it uses."""
    uses, rules = uses_of(demand), Rules(campaign_numbers(demand.options), demand.at_most)
    return _told(demand, uses, fill(net_of(demand), uses, rules), None)


def allocate(demand: Demand) -> Allocation:
    """The optimum but for the gap that it tells."""
    uses, rules, net = uses_of(demand), Rules(campaign_numbers(demand.options), demand.at_most), net_of(demand)
    found = prices(net, uses, rules)
    paid = found.each @ uses.each
    wanted = _affordable(net, paid, uses, _at_prices(net, found, uses, rules))
    taken = fill(net, uses, rules, wanted, paid)
    if net.size <= FEW:
        others = (fill(net, uses, rules), fill(net, uses, rules, None, paid))
        taken = max((taken, *others), key=lambda each: float(net[each.options, each.rows].sum(dtype=np.float64)))
    return _told(demand, uses, taken, found)


def compare(demand: Demand) -> Comparison:
    """Both, and what the greedy way leaves."""
    greedy, optimum = allocate_greedily(demand), allocate(demand)
    bound = optimum.bound or 0.0
    return Comparison(greedy, optimum, 1 - greedy.net / bound if bound else 0.0)


def _at_prices(net: Net, found: Prices, uses: Uses, rules: Rules) -> Taken:
    """Everybody's choice at one of the prices of the mix, spread evenly by the golden ratio (H. Weyl, Über die
    Gleichverteilung von Zahlen mod. Eins, 1916): any run of like customers is divided in the shares of the mix."""
    rows, options = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    edges = np.cumsum([share for _, share in found.mix])[:-1]
    for part in blocks(net.shape[1]):
        places = np.arange(part.start, part.stop)
        which = np.searchsorted(edges, places * _GOLDEN % 1.0, side="right")
        for number, (price, _) in enumerate(found.mix):
            here = places[which == number]
            own = net[:, part] if len(here) == len(places) else net[:, here]
            for _, option in rounds(own, (price @ uses.each).astype(np.float32), rules):
                who = np.flatnonzero(option >= 0)
                rows.append(here[who])
                options.append(option[who].astype(np.intp))
    return Taken(np.concatenate(rows), np.concatenate(options))


def _affordable(net: Net, paid: Floats, uses: Uses, taken: Taken) -> Taken:
    """Of contacts in the order of their worth above the prices, those whose running use stays within what there is."""
    worth = net[taken.options, taken.rows] - paid[taken.options].astype(np.float32)
    order = np.argsort(-worth, kind="stable")
    rows, options = taken.rows[order], taken.options[order]
    for r in range(len(uses.names)):
        used = np.cumsum(uses.each[r][options])
        kept = (used <= uses.there[r] * (1 + 1e-12)) | (uses.each[r][options] == 0)
        rows, options = rows[kept], options[kept]
    return Taken(rows, options)


def _told(demand: Demand, uses: Uses, taken: Taken, found: Prices | None) -> Allocation:
    # One number a contact: sorting these is several times faster than sorting by two keys.
    width = max(1, len(demand.options))
    rows, options = np.divmod(np.sort(taken.rows * width + taken.options), width)
    value = demand.values[rows, options]
    cost = np.array([each.cost for each in demand.options], np.float32)
    count = len(demand.options)
    sums = np.bincount(options, value, count), np.bincount(options, minlength=count)
    shares = tuple(
        OptionShare(each.campaign_key, each.channel, int(sums[1][j]), float(sums[0][j]), float(sums[1][j] * each.cost))
        for j, each in enumerate(demand.options)
    )
    used = uses.each @ sums[1]
    resources = tuple(
        Resource(name, float(uses.there[r]), float(used[r]), None if found is None else float(found.each[r]))
        for r, name in enumerate(uses.names)
    )
    spent, gained = sum(each.cost for each in shares), sum(each.value for each in shares)
    bound = None if found is None else max(found.bound, gained - spent)
    gap = None if bound is None else (1 - (gained - spent) / bound if bound else 0.0)
    named = [pa.DictionaryArray.from_arrays(pa.array(options, pa.int32()), [getattr(o, name) for o in demand.options])
             for name in ("campaign_key", "channel")]  # fmt: skip
    table = pa.table([demand.customers[rows], *named, value, cost[options]], schema=CHOSEN)
    people = int(np.count_nonzero(np.diff(rows, prepend=-1)))
    return Allocation(table, len(rows), people, gained, spent, gained - spent, bound, gap, resources, shares)
