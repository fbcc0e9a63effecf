"""What one more of each scarce thing is worth: the prices at which demand meets what there is.

For any prices, what customers would take at them plus what there is at these prices is an upper bound of what any
allocation can be worth; the lowest such bound is the optimum of the linear programme, because the choice of a single
customer is whole by itself (A. M. Geoffrion, Lagrangean relaxation for integer programming, Mathematical Programming
Study 2, 1974). The bound is convex in the prices. It is lowered by cutting planes (J. E. Kelley, The cutting-plane
method for solving convex programs, SIAM Journal 8, 1960), each a pass over the customers; the master programme over
the cuts, the Dantzig-Wolfe form of the same, goes to HiGHS (Q. Huangfu, J. A. J. Hall, Mathematical Programming
Computation 10, 2018) through scipy. Prices are first found on a sample, then mended on everybody in a box around them,
where only those customers are asked whose choice the box leaves open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import linprog

from campaigns.allocation.choosing import Choice, Rules, chosen, settled
from campaigns.allocation.problem import Floats, Net, Uses

SAMPLE: Final = 100_000
_PASSES: Final = 150
_NEAR: Final = 1e-6
"""Relative distance of the bound from its lowest at which the search ends."""
_NOTHING: Final = 1e-6
_BOX: Final = 0.02
_BOXES: Final = 4


@dataclass(frozen=True)
class Prices:
    """Per resource, with the upper bound that they prove. `mix` are prices near them and the share of customers who are
    to choose at each: together they use what there is, also where many are torn between equals."""

    each: Floats
    bound: float
    mix: tuple[tuple[Floats, float], ...]


@dataclass(frozen=True)
class _Box:
    low: Floats
    high: Floats


def prices(net: Net, uses: Uses, rules: Rules) -> Prices:
    """Prices of the limited resources for these customers (options × customers)."""
    if not len(uses.names) or not net.shape[1]:
        free = chosen(net, np.zeros(len(net)), rules)
        nothing = np.zeros(len(uses.names))
        return Prices(nothing, free.worth, ((nothing, 1.0),))
    top = _highest(net, uses)
    step = max(1, net.shape[1] // SAMPLE)
    sample = np.ascontiguousarray(net[:, ::step])
    box = _Box(np.zeros(len(top)), top)
    there = uses.there * sample.shape[1] / net.shape[1]
    found = _lowest(lambda p: chosen(sample, p, rules), uses.each, there, np.zeros(len(top)), box)
    width, usual = _BOX, found.bound / np.maximum(there, 1e-9)
    for _ in range(_BOXES if step > 1 else 0):
        margin = width * np.maximum(found.each, 0.1 * usual)
        box = _Box(np.maximum(0.0, found.each - margin), np.minimum(top, found.each + margin))
        found = _lowest(_partly(net, uses, rules, box), uses.each, uses.there, found.each, box)
        edge = (found.each <= box.low) & (box.low > 0) | (found.each >= box.high) & (box.high < top)
        if not edge.any():
            break
        width *= 2
    return found


def _partly(net: Net, uses: Uses, rules: Rules, box: _Box) -> Callable[[Floats], Choice]:
    """`chosen` for prices within the box: who is settled there is summed up once."""
    still = settled(net, box.low @ uses.each, box.high @ uses.each, rules)
    rest = np.ascontiguousarray(net[:, ~still.who])

    def choose(price: Floats) -> Choice:
        found = chosen(rest, price, rules)
        return Choice(found.worth + still.net - float(still.counts @ price), found.counts + still.counts)

    return choose


def _lowest(choose: Callable[[Floats], Choice], uses: Floats, there: Floats, start: Floats, box: _Box) -> Prices:
    """Prices within the box; `choose` takes prices per option, `uses` is resources × options."""
    cuts: list[tuple[float, Floats]] = []
    asked, weights = [], np.ones(1)
    at, best, bound = start, start, np.inf
    for count in range(1, _PASSES + 1):
        found = choose(at @ uses)
        value = found.worth + float(at @ there)
        slope = there - uses @ found.counts
        cuts.append((value - float(slope @ at), slope))
        asked.append(at)
        if value < bound:
            best, bound = at, value
        under, following, weights = _master(cuts, box)
        if bound - under <= _NEAR * max(abs(bound), 1e-12):
            break
        # Half-way to the best so far: pure cutting planes jump from corner to corner (the in-out rule of W. Ben-Ameur,
        # J. Neto, Acceleration of cutting-plane and column generation algorithms, Networks 49, 2007).
        at = 0.5 * following + 0.5 * best if count % 4 else following
    mix = [(price, float(share)) for price, share in zip(asked, weights, strict=True) if share > _NOTHING]
    total = sum(share for _, share in mix)
    return Prices(best, float(bound), tuple((price, share / total) for price, share in mix))


def _master(cuts: list[tuple[float, Floats]], box: _Box) -> tuple[float, Floats, Floats]:
    """The lowest point of the cuts within the box, and the shares in which the cuts meet there."""
    slopes = np.array([slope for _, slope in cuts])
    base = np.array([level for level, _ in cuts])
    scale = np.maximum(box.high, 1e-12)
    size = max(float(np.abs(base).max()), 1.0)
    table = np.hstack([slopes * scale / size, -np.ones((len(cuts), 1))])
    aim = np.append(np.zeros(len(scale)), 1.0)
    bounds = [*((low / top, 1.0) for low, top in zip(box.low, scale, strict=True)), (None, None)]
    found = linprog(aim, A_ub=table, b_ub=-base / size, bounds=bounds, method="highs")
    if found.x is None:
        return -np.inf, (box.low + box.high) / 2, np.eye(len(cuts))[-1]
    return float(found.fun) * size, found.x[:-1] * scale, -found.ineqlin.marginals


def _highest(net: Net, uses: Uses) -> Floats:
    """Above what a unit of a resource can be worth to anybody."""
    most = np.maximum(net.max(axis=1, initial=0.0), 0.0).astype(float)
    per_unit = np.divide(most, uses.each, out=np.zeros_like(uses.each), where=uses.each > 0)
    return per_unit.max(axis=1, initial=0.0)
