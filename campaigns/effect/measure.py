"""Everything that a campaign's groups tell, with a verdict in codes: no winner without evidence.

The order of the verdicts is the order of the questions. Is the split what was planned (sample_ratio_fault)? Is there
enough to judge (too_few)? Does the variant differ from control when all variants are asked at once, by Holm (better,
worse, no_evidence)? A winner is better than control and than every other variant, among all these comparisons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import polars as pl

from campaigns.effect.arms import Sums, Units
from campaigns.effect.intervals import Estimate
from campaigns.effect.lift import Lift, lift
from campaigns.effect.shrinkage import shrink
from campaigns.effect.testing import SampleRatio, holm, sample_ratio
from campaigns.effect.verdicts import Effect, Judged, Outcome, SegmentLift, Segments, Winner
from campaigns.tables import Table, frame, need
from segments.errors import DefinitionError, Problem

NO_CONTROL: Final = "Nobody is in the group {control}, so there is nothing to compare with."
BAD_KIND: Final = "An outcome is a share or a mean, not {kind}."


@dataclass(frozen=True)
class _Question:
    units: Units
    control: str
    ratio: SampleRatio
    alpha: float
    level: float
    variants: tuple[str, ...]


def measure(
    units: Table,
    outcomes: Sequence[Outcome],
    *,
    shares: Mapping[str, float],
    control: str = "control",
    by: Sequence[str] = (),
    alpha: float = 0.05,
    assigned: Mapping[str, int] | None = None,
) -> Effect:
    """Judge a campaign. `units`: a row per customer with cluster_id, arm (text) and the columns named; `shares` are the
    planned shares of the arms, `assigned` how many were in each at the beginning, if known; intervals are at 1 - alpha.
    Raises `DefinitionError`."""
    rows = frame(units)
    need(rows, ["cluster_id", "arm", *by, *(c for each in outcomes for c in (each.column, *each.before))], "units")
    for each in outcomes:
        if each.kind not in ("share", "mean"):
            raise DefinitionError([Problem(("outcomes", each.column), BAD_KIND, {"kind": each.kind})])
    ratio = ratio_of(rows, shares, assigned)
    if not ratio.found.get(control):
        raise DefinitionError([Problem(("control",), NO_CONTROL, {"control": control})])
    variants = tuple(each for each in shares if each != control)
    asked = _Question(Units(rows), control, ratio, alpha, 1 - alpha, variants)
    lifts, winners, segments = [], [], []
    for outcome in outcomes:
        sums = asked.units.sums(outcome.column, outcome.before)
        judged = _judged(asked, outcome, sums)
        lifts += judged
        winners.append(_winner(asked, outcome, sums, judged))
        segments += [_segments(asked, outcome, name, arm) for name in by for arm in variants]
    return Effect(ratio, tuple(lifts), tuple(segments), tuple(winners), alpha)


def ratio_of(units: Table, shares: Mapping[str, float], assigned: Mapping[str, int] | None = None) -> SampleRatio:
    """Sample-ratio check of units with arm and cluster_id."""
    rows = frame(units)
    found = {str(arm): count for arm, count in rows.group_by("arm").len().rows()}
    sizes = rows.group_by("cluster_id").len()["len"].cast(pl.Float64).to_numpy()
    spread = float((sizes**2).sum() / sizes.sum()) if len(sizes) else 1.0
    return sample_ratio(found, shares, spread, assigned=assigned)


def _judged(asked: _Question, outcome: Outcome, sums: Mapping[str, Sums]) -> list[Judged]:
    present = [arm for arm in asked.variants if arm in sums]
    found = [_against(asked, outcome, sums, arm, asked.control) for arm in present]
    adjusted = _family(found)
    return [
        Judged(each, p, _verdict(asked, outcome, each, p)) for each, p in zip(found, adjusted, strict=True)
    ]  # fmt: skip


def _against(asked: _Question, outcome: Outcome, sums: Mapping[str, Sums], arm: str, base: str) -> Lift:
    others = [each for key, each in sums.items() if key not in (arm, base)]
    return lift(outcome.column, outcome.kind, (arm, sums[arm]), (base, sums[base]), asked.level, others)


def _family(found: Sequence[Lift]) -> list[float]:
    """Holm over those that can be judged; the others count as 1 and are asked no question."""
    able = [place for place, each in enumerate(found) if each.is_enough]
    adjusted = [1.0] * len(found)
    for place, p in zip(able, holm([found[place].p_value for place in able]), strict=True):
        adjusted[place] = p
    return adjusted


def _verdict(asked: _Question, outcome: Outcome, each: Lift, p_holm: float) -> str:
    if asked.ratio.is_fault:
        return "sample_ratio_fault"
    if not each.is_enough:
        return "too_few"
    if p_holm >= asked.alpha:
        return "no_evidence"
    return "better" if ((each.believed.value or 0.0) > 0) == outcome.more_is_better else "worse"


def _winner(asked: _Question, outcome: Outcome, sums: Mapping[str, Sums], judged: Sequence[Judged]) -> Winner:
    verdicts = {each.verdict for each in judged}
    for code in ("sample_ratio_fault", "too_few"):
        if verdicts and verdicts <= {code}:
            return Winner(outcome.column, code, None)
    good = [each for each in judged if each.verdict == "better"]
    if not good:
        return Winner(outcome.column, "no_evidence", None)
    side = 1 if outcome.more_is_better else -1
    best = max(good, key=lambda each: side * (each.lift.believed.value or 0.0)).lift.variant.arm
    present = [arm for arm in asked.variants if arm in sums]
    pairs = list(combinations(present, 2))
    asked_too = [_against(asked, outcome, sums, *pair) for pair in pairs]
    family = holm([each.p_value for each in [*(j.lift for j in judged), *asked_too]])[len(judged) :]
    beaten = all(
        p < asked.alpha and (((found.believed.value or 0.0) * side > 0) == (pair[0] == best))
        for pair, found, p in zip(pairs, asked_too, family, strict=True)
        if best in pair
    )
    return Winner(outcome.column, "winner" if beaten else "tied", best)


def _segments(asked: _Question, outcome: Outcome, by: str, arm: str) -> Segments:
    codes, levels = asked.units.codes(by)
    values, found = [], []
    for code, value in enumerate(levels):
        sums = asked.units.sums(outcome.column, outcome.before, among=codes == code)
        if arm in sums and asked.control in sums:
            values.append(value)
            found.append(_against(asked, outcome, sums, arm, asked.control))
    adjusted = _family(found)
    usable = [place for place, each in enumerate(found) if each.is_enough and each.error > 0]
    shrunk: dict[int, Estimate] = {}
    differs = 1.0
    if usable:
        gaps = [found[place].believed.value or 0.0 for place in usable]
        together = shrink(gaps, [found[place].error for place in usable], asked.level)
        shrunk, differs = dict(zip(usable, together.estimates, strict=True)), together.differs
    return Segments(outcome.column, arm, by, differs, tuple(
        SegmentLift(by, value, each, p, _verdict(asked, outcome, each, p), shrunk.get(place))
        for place, (value, each, p) in enumerate(zip(values, found, adjusted, strict=True))
    ))  # fmt: skip
