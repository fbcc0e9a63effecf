"""Many planted campaigns judged one after the other: how often intervals held the truth and alarms were false."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from campaigns.effect import Outcome, measure
from tests.campaign_truth.worlds import Planted, Settings, planted

BOUGHT = Outcome("bought", "share")
REVENUE = Outcome("revenue")
ADJUSTED = Outcome("revenue", "mean", ("before",))


@dataclass(frozen=True)
class Trial:
    """One entry per lift: whether its interval held the truth, whether something was claimed, estimate less truth,
    width of the interval; and whether the shrunk and the plain intervals of segments held theirs."""

    held: np.ndarray
    claimed: np.ndarray
    errors: np.ndarray
    widths: np.ndarray
    segments: np.ndarray
    shrunk: np.ndarray


def trial(settings: Settings, outcome: Outcome, numbers: Iterable[int], *, by_segment: bool = False) -> Trial:
    """Lifts of `outcome` in the campaigns of these numbers, against the planted truth."""
    rows, segments, shrunk = [], [], []
    for number in numbers:
        world = planted(number, settings)
        truths = world.bought if outcome is BOUGHT else world.earned
        found = measure(world.units, [outcome], shares=world.shares, by=["segment"] if by_segment else [])
        for each in found.lifts:
            ends, truth = each.lift.believed, truths[each.lift.variant.arm]
            rows.append((ends.low <= truth <= ends.high, each.verdict in ("better", "worse"), ends.value - truth,
                         ends.high - ends.low))  # fmt: skip
        for group in found.segments:
            for part in group.lifts:
                truth, ends = world.bought_in[(group.variant, part.value)], part.lift.believed
                segments.append(ends.low <= truth <= ends.high)
                if part.shrunk is not None:
                    shrunk.append(part.shrunk.low <= truth <= part.shrunk.high)
    columns = [np.array(column, float) for column in zip(*rows, strict=True)]
    return Trial(*columns, np.array(segments, float), np.array(shrunk, float))


def false_claims(settings: Settings, outcome: Outcome, numbers: Iterable[int]) -> tuple[int, int]:
    """Of A/A campaigns: how many claim anything of any variant, and how many name a winner."""
    claims = winners = 0
    for number in numbers:
        world = planted(number, settings)
        found = measure(world.units, [outcome], shares=world.shares)
        claims += any(each.verdict in ("better", "worse") for each in found.lifts)
        winners += found.winners[0].code == "winner"
    return claims, winners


def faults_found(settings: Settings, lost_pct: float, numbers: Iterable[int], *, told: bool) -> int:
    """Campaigns whose split is called faulty when so many of those who were contacted never came back as rows; `told`
    is whether it is known how many there were at the beginning."""
    found = 0
    for number in numbers:
        world = planted(number, settings)
        kept = without_some(world, lost_pct, number)
        begun = {str(arm): count for arm, count in world.units.group_by("arm").len().rows()} if told else None
        found += measure(kept, [BOUGHT], shares=world.shares, assigned=begun).ratio.is_fault
    return found


def without_some(world: Planted, lost_pct: float, number: int) -> pl.DataFrame:
    """Units without a share of the contacted ones."""
    rng = np.random.default_rng([7, number])
    lost = (world.units["arm"] != "control").to_numpy() & (rng.random(world.units.height) < lost_pct / 100)
    return world.units.filter(~pl.Series(lost))
