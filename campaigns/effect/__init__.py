"""What a campaign really added: lifts against control with intervals and verdicts, money, funnels, all campaigns."""

from campaigns.effect.funnel import STAGES, Funnel, PlanFact, Step, Target, funnel, plan_fact
from campaigns.effect.intervals import Estimate, fieller, newcombe, wilson
from campaigns.effect.lift import Lift, Side
from campaigns.effect.measure import measure, ratio_of
from campaigns.effect.money import Returns, returns
from campaigns.effect.shrinkage import Shrunk, shrink
from campaigns.effect.testing import SampleRatio, holm, sample_ratio
from campaigns.effect.together import (
    Cannibal,
    Fatigue,
    Overlap,
    Saturation,
    cannibalisation,
    fatigue,
    overlap,
)
from campaigns.effect.verdicts import (
    VERDICTS,
    WINNERS,
    Effect,
    Judged,
    Outcome,
    SegmentLift,
    Segments,
    Winner,
)

__all__ = [
    "STAGES", "VERDICTS", "WINNERS", "Cannibal", "Effect", "Estimate", "Fatigue", "Funnel", "Judged", "Lift", "Outcome",
    "Overlap", "PlanFact", "Returns", "SampleRatio", "Saturation", "SegmentLift", "Segments", "Shrunk", "Side", "Step",
    "Target", "Winner", "cannibalisation", "fatigue", "fieller", "funnel", "holm", "measure", "newcombe", "overlap",
    "plan_fact", "ratio_of", "returns", "sample_ratio", "shrink", "wilson",
]  # fmt: skip
