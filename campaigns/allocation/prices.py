"""What one more of each scarce thing is worth: the prices at which demand meets what there is.

For any prices, what customers would take at them plus what there is at these prices is an upper bound of what any
allocation can be worth; the lowest such bound is the optimum of the linear programme, because the choice of a single
customer is whole by itself (A. M. Geoffrion, Lagrangean relaxation for integer programming, Mathematical Programming
Study 2, 1974). The bound is convex in the prices. It is lowered by cutting planes (J. E. Kelley, The cutting-plane
method for solving convex programs, SIAM Journal 8, 1960), each a pass over the customers; the master programme over
the cuts, the Dantzig-Wolfe form of the same, goes to HiGHS (Q. Huangfu, J. A. J. Hall, Mathematical Programming
Computation 10, 2018) through scipy. Prices are first found on a sample, then mended on everybody within a narrow box
around them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from campaigns.allocation.choosing import Choice

Floats = npt.NDArray[np.float64]
_NEAR: Final = 1e-5
"""Relative distance of the bound from its lowest at which the search ends."""


@dataclass(frozen=True)
class Prices:
    """Per resource, with the upper bound that they prove and how many passes over the customers they took."""

    each: Floats
    bound: float
    passes: int


def lowest(
    choose: Callable[[Floats], Choice], uses: Floats, there: Floats, start: Floats, top: Floats,
    passes: int, near: float = _NEAR,
) -> Prices:  # fmt: skip
    """Prices from `start` up to `top`; `choose` takes prices per option, `uses` is resources × options."""
    cuts: list[tuple[float, Floats]] = []
    at, best, bound = start, start, np.inf
    box = (np.zeros(len(start)), top)
    count = 0
    while count < passes:
        found = choose(at @ uses)
        count += 1
        value = found.worth + float(at @ there)
        slope = there - uses @ found.counts
        cuts.append((value - float(slope @ at), slope))
        if value < bound:
            best, bound = at, value
        under, following = _master(cuts, box)
        if bound - under <= near * max(abs(bound), 1e-12):
            break
        # Half-way to the best so far: pure cutting planes jump from corner to corner (the in-out rule of W. Ben-Ameur,
        # J. Neto, Acceleration of cutting-plane and column generation algorithms, Networks 49, 2007).
        at = 0.5 * following + 0.5 * best if count % 4 else following
    return Prices(best, float(bound), count)


def _master(cuts: list[tuple[float, Floats]], box: tuple[Floats, Floats]) -> tuple[float, Floats]:
    """The lowest point of the cuts within the box."""
    slopes = np.array([slope for _, slope in cuts])
    base = np.array([level for level, _ in cuts])
    scale = np.maximum(box[1], 1e-12)
    size = max(float(np.abs(base).max()), 1.0)
    table = np.hstack([slopes * scale / size, -np.ones((len(cuts), 1))])
    aim = np.append(np.zeros(len(scale)), 1.0)
    bounds = [*((low / top, 1.0) for low, top in zip(box[0], scale, strict=True)), (None, None)]
    found = linprog(aim, A_ub=table, b_ub=-base / size, bounds=bounds, method="highs")
    if found.x is None:
        return -np.inf, (box[0] + box[1]) / 2
    return float(found.fun) * size, found.x[:-1] * scale
