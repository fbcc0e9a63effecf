"""What is known of one participant, and what a step of the flow gives: plain values, no clock, no database."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

ACTIVE: Final = "active"
WAITING: Final = "waiting"
DONE: Final = "done"
STOPPED: Final = "stopped"

PENDING: Final = frozenset({"queued", "deferred", "claimed", "handing"})
HANDED_OVER: Final = frozenset({"uncertain", "sent", "delivered", "read"})
ARRIVED: Final = frozenset({"delivered", "read"})
LOST: Final = frozenset({"failed", "expired", "refused", "cancelled"})
"""States of messages as the outbox knows them; ARRIVED is a part of HANDED_OVER. What may have been handed over
(uncertain: the sender died meanwhile) counts as handed over, since the customer may have it."""

Answers = Callable[[str], bool | None]


@dataclass(frozen=True, slots=True)
class Visit:
    """How often a node was entered, and when last."""

    count: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Participant:
    """A customer in a campaign. `wake_at`: when time alone brings him on; None: only facts do.

    `assignments`: the ports that splits and controls gave and the order that a fallback chose, kept for good; `visits`
    of nodes that contact number the attempts of keys; `tried`: steps begun at the node where he stands, the last of
    them under way.
    """

    campaign: str
    customer_id: int
    cluster_id: int
    node_id: str
    state: str = ACTIVE
    entered_at: dt.datetime | None = None
    wake_at: dt.datetime | None = None
    assignments: Mapping[str, str] = field(default_factory=dict)
    visits: Mapping[str, Visit] = field(default_factory=dict)
    tried: tuple[int, ...] = ()

    @property
    def is_over(self) -> bool:
        """Nothing more happens to him."""
        return self.state in (DONE, STOPPED)


@dataclass(frozen=True, slots=True)
class MessageFact:
    """A message of the participant as the outbox has it. `at`: when it came into this state; `sent_at`: when it was
    handed over to its channel, None when it was not."""

    key: str
    node_id: str
    channel: str
    state: str
    at: dt.datetime
    sent_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ResponseFact:
    """A response of type 1, 2 or 3. Without `key` it belongs to every message of its node, without `node_id` to the
    campaign as a whole."""

    type: int
    at: dt.datetime
    node_id: str | None = None
    key: str | None = None


def nobody_knows(_: str) -> bool | None:
    """Answers of a world in which no condition was evaluated yet: participants wait at them."""
    return None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that came of the participant so far. `answers(node_id)`: whether the definition or signal of that
    condition holds for him; None while it was not evaluated."""

    messages: tuple[MessageFact, ...] = ()
    responses: tuple[ResponseFact, ...] = ()
    answers: Answers = nobody_knows


NOTHING: Final = Facts()


@dataclass(frozen=True, slots=True)
class Terms:
    """Where the campaign is at home, and what `expected_cost` reckons with: the price of a message by channel and the
    chance of a success by (channel, success), from the past."""

    timezone: str = "Asia/Tashkent"
    prices: Mapping[str, float] = field(default_factory=dict)
    chances: Mapping[tuple[str, str], float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Send:
    """Hand this message to the outbox. `step` is the place of the step in its fallback, 0 for a message."""

    key: str
    node_id: str
    step: int
    channel: str
    template: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Do not send this message any more, if it is not gone yet."""

    key: str


@dataclass(frozen=True, slots=True)
class MakeTask:
    """Give the customer's manager (`department_id` None) or a department a task."""

    key: str
    node_id: str
    title: str
    description: str
    due_days: int
    department_id: str | None


@dataclass(frozen=True, slots=True)
class Register:
    """Put the customer on the register of calls."""

    key: str
    node_id: str
    register: str
    script: str
    attempts: int


Intent = Send | Cancel | MakeTask | Register


@dataclass(frozen=True, slots=True)
class Transition:
    """He left `node_id` by `port` at `at`; `target` None: nothing follows, and he is done."""

    node_id: str
    port: str
    target: str | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Walk:
    """The participant after a step, what is to be done for it, and which way he took."""

    participant: Participant
    intents: tuple[Intent, ...] = ()
    transitions: tuple[Transition, ...] = ()


def message_key(campaign: str, customer_id: int, node_id: str, step: int, attempt: int) -> str:
    """The name under which one contact happens at most once: `attempt` is the number of the visit of the node."""
    return f"{campaign}:{customer_id}:{node_id}:{step}:{attempt}"


def parts_of_key(key: str) -> tuple[str, int, str, int, int]:
    """(campaign, customer_id, node_id, step, attempt) of a key. Raises `ValueError`."""
    campaign, customer, node, step, attempt = key.rsplit(":", 4)
    return campaign, int(customer), node, int(step), int(attempt)
