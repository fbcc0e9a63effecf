"""Questions to a campaign and the answers to them, with the codes of their verdicts."""

from dataclasses import dataclass
from typing import Final

from campaigns.effect.intervals import Estimate
from campaigns.effect.lift import Lift
from campaigns.effect.testing import SampleRatio

VERDICTS: Final = ("sample_ratio_fault", "too_few", "better", "worse", "no_evidence")
WINNERS: Final = ("sample_ratio_fault", "too_few", "winner", "tied", "no_evidence")


@dataclass(frozen=True)
class Outcome:
    """A column of the units: `kind` share (true or false, 0 or 1) or mean (an amount). `before` are columns with what
    was known before the campaign, for CUPED. `more_is_better` turns the verdicts over where it is false."""

    column: str
    kind: str = "mean"
    before: tuple[str, ...] = ()
    more_is_better: bool = True


@dataclass(frozen=True)
class Judged:
    """A lift with its p-value over the family it was asked in, and the verdict (one of `VERDICTS`)."""

    lift: Lift
    p_holm: float
    verdict: str


@dataclass(frozen=True)
class SegmentLift:
    """Lift of a variant among members whose column `by` has `value` (None: unknown). The family of `p_holm` is all
    values of `by`; `shrunk` is drawn to the mean of all of them and None where the segment was not judged."""

    by: str
    value: str | None
    lift: Lift
    p_holm: float
    verdict: str
    shrunk: Estimate | None


@dataclass(frozen=True)
class Segments:
    """Lifts of one outcome and variant along one column. `differs` is the p-value that segments differ at all."""

    outcome: str
    variant: str
    by: str
    differs: float
    lifts: tuple[SegmentLift, ...]


@dataclass(frozen=True)
class Winner:
    """`code` is one of `WINNERS`; `variant` names the winner, or of tied ones that with the highest mean."""

    outcome: str
    code: str
    variant: str | None


@dataclass(frozen=True)
class Effect:
    """`lifts` stand for every outcome and variant, `segments` for every column of `by`, `winners` for every outcome."""

    ratio: SampleRatio
    lifts: tuple[Judged, ...]
    segments: tuple[Segments, ...]
    winners: tuple[Winner, ...]
    alpha: float
