"""What one can ask of rules; every question is a function of a source of SQL and of what was compiled."""

from signals.questions.effect import Effect, effect
from signals.questions.evidence import Evidence, Point, Series, evidence, series
from signals.questions.found import found
from signals.questions.overlap import Overlap, overlap
from signals.questions.rates import Estimate
from signals.questions.replay import Replay, replay
from signals.questions.why import Explained, Why, why

__all__ = [
    "Effect",
    "Estimate",
    "Evidence",
    "Explained",
    "Overlap",
    "Point",
    "Replay",
    "Series",
    "Why",
    "effect",
    "evidence",
    "found",
    "overlap",
    "replay",
    "series",
    "why",
]
