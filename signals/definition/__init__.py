"""What a rule is: the format of its document, reading and writing, and what can be known without data."""

from signals.definition.looking import audience_definition, due_days, fingerprint, used_measures, used_segments
from signals.definition.nodes import (
    Action,
    Audience,
    Change,
    Check,
    Condition,
    Limits,
    Missing,
    Outcome,
    Owner,
    Rule,
    StateChange,
    Threshold,
)
from signals.definition.reading import parse
from signals.definition.writing import dump, dump_condition

__all__ = [
    "Action",
    "Audience",
    "Change",
    "Check",
    "Condition",
    "Limits",
    "Missing",
    "Outcome",
    "Owner",
    "Rule",
    "StateChange",
    "Threshold",
    "audience_definition",
    "due_days",
    "dump",
    "dump_condition",
    "fingerprint",
    "parse",
    "used_measures",
    "used_segments",
]  # fmt: skip
