"""What one can ask of a segment. Every question is one function of a source of SQL, a segment and a day."""

from segments.questions.audience import Audience, Differing, Share, profile
from segments.questions.catalogue import read_catalogue
from segments.questions.counting import Step, Waterfall, base_count, count, waterfall
from segments.questions.difference import Changed, Mover, Side, difference
from segments.questions.distribution import Bin, Distribution, Value, distribution, values
from segments.questions.members import materialise, materialise_query, members, members_query, sample_ids
from segments.questions.overlap import Overlap, overlap
from segments.questions.quality import quality
from segments.questions.replay import Point, replay, replayed, stored_month_ends
from segments.questions.source import Source
from segments.questions.why import Explained, Why, why

__all__ = [
    "Audience",
    "Bin",
    "Changed",
    "Differing",
    "Distribution",
    "Explained",
    "Mover",
    "Overlap",
    "Point",
    "Share",
    "Side",
    "Source",
    "Step",
    "Value",
    "Waterfall",
    "Why",
    "base_count",
    "count",
    "difference",
    "distribution",
    "materialise",
    "materialise_query",
    "members",
    "members_query",
    "overlap",
    "profile",
    "quality",
    "read_catalogue",
    "replay",
    "replayed",
    "sample_ids",
    "stored_month_ends",
    "values",
    "waterfall",
    "why",
]
