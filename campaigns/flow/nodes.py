"""What a flow is made of: one frozen class a kind of node, and the ports through which a participant leaves it.

A draft may lack what is not chosen yet (an empty text); `check` tells of it before launch.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from segments.definition import Group

VERSION: Final = 1
CHANNELS: Final = ("sms", "email", "telegram", "push")
SUCCESSES: Final = ("delivered", "read", "interest")
RESPONSES: Final = (1, 2, 3)
STATUSES: Final = ("delivered", "failed", "sent")
ORDERS: Final = ("given", "expected_cost")
NEXT: Final = "next"


@dataclass(frozen=True)
class Audience:
    """Where everybody enters; the campaign says who."""


@dataclass(frozen=True)
class Message:
    """One message; the participant goes on once it was handed over or can no more be."""

    channel: str
    template: str


@dataclass(frozen=True)
class Step:
    """One try of a fallback. `wait_minutes` counts from the handing over; then the next step begins."""

    channel: str
    template: str
    success: str = "delivered"
    wait_minutes: int = 60


@dataclass(frozen=True)
class Fallback:
    """Tries one after another until one succeeds; `expected_cost` puts the cheapest way to a success first."""

    steps: tuple[Step, ...]
    order: str = "given"


@dataclass(frozen=True)
class Wait:
    """`for` some minutes, `until_date` (date and time where the campaign is at home), or `until_event`: a response of
    this type or a stronger one to node `of` (None: to any), at most so many minutes."""

    mode: str
    minutes: int = 0
    date: dt.date | None = None
    time: dt.time = dt.time(10)
    response: int = 2
    of: str | None = None
    at_most_minutes: int = 0


@dataclass(frozen=True)
class Condition:
    """`kind` response (type or stronger, to node `of`), status (of node `of`), definition (`root`) or signal (`rule`).

    Definitions and signals are answered from outside, by `Facts.answers`.
    """

    kind: str
    response: int = 2
    of: str | None = None
    status: str = "delivered"
    root: Group | None = None
    rule: str = ""


@dataclass(frozen=True)
class Branch:
    """A part of a split: `key` is its port, `share` in percent."""

    key: str
    name: str
    share: float


@dataclass(frozen=True)
class Split:
    """A/B/n by the hash of the cluster, so that a household or a company gets one variant."""

    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Control:
    """Leaves `share_pct` of the clusters untouched by the rest of the campaign."""

    share_pct: float


@dataclass(frozen=True)
class Task:
    """A task for the customer's manager (`assignee` None) or for a department."""

    title: str
    description: str = ""
    due_days: int = 3
    department_id: str | None = None


@dataclass(frozen=True)
class CallRegister:
    """A row for the dialler; what the customer says comes back as responses."""

    register: str
    script: str = ""
    attempts: int = 3


@dataclass(frozen=True)
class End:
    """The participant is done."""

    reason: str = ""


Data = Audience | Message | Fallback | Wait | Condition | Split | Control | Task | CallRegister | End
KINDS: Final[Mapping[str, type]] = {
    "audience": Audience, "message": Message, "fallback": Fallback, "wait": Wait, "condition": Condition,
    "split": Split, "control": Control, "task": Task, "call_register": CallRegister, "end": End,
}  # fmt: skip
KIND_OF: Final[Mapping[type, str]] = {made: kind for kind, made in KINDS.items()}
SENDING: Final = (Message, Fallback)
CONTACTING: Final = (Message, Fallback, Task, CallRegister)
"""Kinds that touch a customer or have somebody touch him: none of them for a control group."""


@dataclass(frozen=True)
class Node:
    """A node of the flow; its position is for the screen alone."""

    id: str
    data: Data
    x: float = 0.0
    y: float = 0.0

    @property
    def kind(self) -> str:
        """The word of the document for the class of `data`."""
        return KIND_OF[type(self.data)]


@dataclass(frozen=True)
class Edge:
    """Who leaves `source` through `port` comes to `target`."""

    source: str
    port: str
    target: str


@dataclass(frozen=True)
class Flow:
    """Nodes and what joins them. Not every flow can run: see `check`."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = field(default=())

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        """Nodes by their ids."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def targets(self) -> Mapping[tuple[str, str], str]:
        """(node, port) → the node behind it."""
        return {(edge.source, edge.port): edge.target for edge in self.edges}

    @cached_property
    def start(self) -> str:
        """The id of the audience node. Raises `ValueError` for a flow without one."""
        for node in self.nodes:
            if isinstance(node.data, Audience):
                return node.id
        raise ValueError("the flow has no audience node")


def ports(data: Data) -> tuple[str, ...]:
    """Through which ports a participant can leave a node."""
    match data:
        case Fallback():
            return ("reached", "not_reached")
        case Wait(mode="until_event"):
            return ("happened", "timed_out")
        case Condition():
            return ("yes", "no")
        case Split():
            return tuple(branch.key for branch in data.branches)
        case Control():
            return ("contacted", "control")
        case End():
            return ()
    return (NEXT,)


def may_stay_open(data: Data, port: str) -> bool:
    """Whether a port may lead nowhere: the control group's, which is left alone."""
    return isinstance(data, Control) and port == "control"
