"""What the delivery services take and give."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any


class Medium(StrEnum):
    """How a customer can be reached."""

    SMS = "sms"
    EMAIL = "email"
    TELEGRAM = "telegram"
    PUSH = "push"
    CALL = "call"


class State(StrEnum):
    """Where a message stands. `HANDING`: a worker is about to touch, or touches, the peer's socket. `UNCERTAIN`: it was
    handed over, or not, and nobody knows: it is not sent again, and waits for the peer's word."""

    QUEUED = "queued"
    DEFERRED = "deferred"
    CLAIMED = "claimed"
    HANDING = "handing"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUSED = "refused"


WAITING = (State.QUEUED, State.DEFERRED)
# Nothing has left the house yet: these can still be called back.
RECALLABLE = (*WAITING, State.CLAIMED)
# The peer has it, or may have it.
GONE = (State.HANDING, State.UNCERTAIN, State.SENT, State.DELIVERED)


class Kind(IntEnum):
    """The three types of responses."""

    DELIVERY = 1
    INTEREST = 2
    CONVERSION = 3


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to put into the outbox. `key` is its idempotency key; without `due_at` it is due at once."""

    key: str
    campaign: str
    node_id: str
    customer_id: int
    cluster_id: int
    channel: str
    template: str
    category: str = "marketing"
    step: int = 0
    priority: int = 50
    due_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that a worker has claimed, with all that rendering and the policy ask for."""

    message_id: int
    key: str
    token: str
    campaign: str
    node_id: str
    step: int
    customer_id: int
    cluster_id: int
    channel: str
    category: str
    template: str
    priority: int
    tries: int
    handovers: int
    due_at: dt.datetime
    expires_at: dt.datetime | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contact:
    """A past contact as the policy counts it."""

    contact_id: int
    customer_id: int
    cluster_id: int
    channel: str
    category: str
    campaign_key: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Charge:
    """What one hand-over costs; `key` is another at every hand-over of the same message."""

    campaign: str
    channel: str
    key: str
    amount: Decimal


def charge_key(key: str, handovers: int) -> str:
    """The key under which the `handovers`-th hand-over of a message is charged."""
    return f"{key}#{handovers}"


@dataclass(frozen=True, slots=True)
class Handing:
    """What is written down about a message before the peer's socket is touched."""

    message_id: int
    parts: int
    language: str
    content_hash: str
    address_digest: str
    charge: Decimal


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a message at the hand-over: a state, why, until when it waits, and the ids the peer gave it."""

    message_id: int
    state: State
    reason: str = ""
    values: Mapping[str, Any] | None = None
    due_at: dt.datetime | None = None
    provider_ids: tuple[str, ...] = ()


class ReportState(StrEnum):
    """What a peer says about a message that it was given."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report as it came in. It names its message by the peer's id, by our token, or, when only the address and our
    16-bit reference are known, by those."""

    channel: str
    report_key: str
    state: ReportState
    at: dt.datetime
    provider_id: str | None = None
    token: str | None = None
    address_digest: str | None = None
    reference: int | None = None
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class NewResponse:
    """A response as it came in; (`source`, `external_id`) make it once. What names its message: key, token, the peer's
    id of the message that was answered, or the address it came from; what names its customer: `customer_id`."""

    source: str
    external_id: str
    type: int
    kind: str
    at: dt.datetime
    channel: str = ""
    key: str | None = None
    token: str | None = None
    provider_id: str | None = None
    address_digest: str | None = None
    customer_id: int | None = None
    campaign: str | None = None
    value: Decimal | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class MessageFact:
    """What a flow has to know about a message of one of its participants."""

    customer_id: int
    key: str
    node_id: str
    step: int
    channel: str
    state: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class ResponseFact:
    """What a flow has to know about a response of one of its participants."""

    customer_id: int
    type: int
    kind: str
    node_id: str | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class ResponseInfo:
    """A response as pages and marts show it."""

    response_id: int
    type: int
    kind: str
    channel: str
    source: str
    at: dt.datetime
    state: str
    is_planned: bool
    is_counted: bool
    campaign: str | None
    node_id: str | None
    customer_id: int | None
    message_id: int | None
    value: Decimal | None
    text: str
