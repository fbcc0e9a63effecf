"""Contact policies: the format, one decision for every contact, the same for whole audiences, and for the past."""

from campaigns.policy.checking import check
from campaigns.policy.deciding import (
    ALLOWED,
    Allowed,
    Contact,
    Deferred,
    Refused,
    Request,
    Standing,
    Verdict,
    choose_channel,
    decide,
)
from campaigns.policy.nodes import Cap, Gap, Policy, Quiet, Scope
from campaigns.policy.reading import parse
from campaigns.policy.words import REASONS, reason_in_words, rule_in_words
from campaigns.policy.writing import dump, fingerprint

__all__ = [
    "ALLOWED", "REASONS", "Allowed", "Cap", "Contact", "Deferred", "Gap", "Policy", "Quiet", "Refused", "Request",
    "Scope", "Standing", "Verdict", "check", "choose_channel", "decide", "dump", "fingerprint", "parse",
    "reason_in_words", "rule_in_words",
]  # fmt: skip
