"""Flows of campaigns: the format, what is wrong with one, how a participant goes through it, how it would have gone."""

from campaigns.flow.checking import Known, check
from campaigns.flow.choosing import by_expected_cost
from campaigns.flow.facts import (
    ACTIVE,
    DONE,
    STOPPED,
    WAITING,
    Cancel,
    Facts,
    Intent,
    MakeTask,
    MessageFact,
    Participant,
    Register,
    ResponseFact,
    Send,
    Terms,
    Transition,
    Visit,
    Walk,
    message_key,
    parts_of_key,
)
from campaigns.flow.nodes import CHANNELS, KINDS, Edge, Flow, Node, ports
from campaigns.flow.reading import parse
from campaigns.flow.storing import progress, restored
from campaigns.flow.walking import advance, advance_many, enter, stop
from campaigns.flow.writing import dump, fingerprint

__all__ = [
    "ACTIVE", "CHANNELS", "DONE", "KINDS", "STOPPED", "WAITING", "Cancel", "Edge", "Facts", "Flow", "Intent", "Known",
    "MakeTask", "MessageFact", "Node", "Participant", "Register", "ResponseFact", "Send", "Terms", "Transition",
    "Visit", "Walk", "advance", "advance_many", "by_expected_cost", "check", "dump", "enter", "fingerprint",
    "message_key", "parse", "parts_of_key", "ports", "progress", "restored", "stop",
]  # fmt: skip
