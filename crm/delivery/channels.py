"""The interface of all channels: messages go out, reports and answers come in.

A channel tells, right before the first byte of a message goes to its peer, that it touches it (`touching`), and yields
an outcome for every message whose fate is sure. What was touched and got no outcome is uncertain; what was not touched
is still ours.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from crm.services.delivery.values import ReportState
from vitrina.errors import UserError

Touching = Callable[[int], None]


class ChannelDown(UserError):
    """The peer does not answer, or wants to be left alone for so many seconds."""

    def __init__(self, text: str, seconds: float = 30.0) -> None:
        self.seconds = seconds
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as it goes out. `token` names it towards the outside; `page` and `stop` are its personal links;
    `details` are what its step says beside the text."""

    message_id: int
    key: str
    token: str
    channel: str
    category: str
    address: str
    language: str
    text: str
    subject: str = ""
    html: str = ""
    page: str = ""
    stop: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The peer has taken the message; the ids it gave to it, one for every part. `is_delivered`: with that the customer
    has it, and no report will come."""

    message_id: int
    provider_ids: tuple[str, ...]
    is_delivered: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """The peer surely has not taken the message. `permanent`: nor will it. `seconds`: when it may be asked again;
    `is_throttled`: it only wants a slower pace; `is_blocked`: the customer himself has shut the channel."""

    message_id: int
    code: str
    text: str
    permanent: bool
    seconds: float | None = None
    is_throttled: bool = False
    is_blocked: bool = False


Outcome = Accepted | Rejected


@dataclass(frozen=True, slots=True)
class Report:
    """What the peer says about a message it has taken. `reference` are 16 bits of our number, where the protocol brings
    them back; `report_key` makes the report once."""

    report_key: str
    state: ReportState
    at: dt.datetime
    provider_id: str | None = None
    token: str | None = None
    address: str | None = None
    reference: int | None = None
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a customer did. `kind`: reply, click, yes, no, stop, blocked or what a dialler calls it; `type` is the
    response's, 0 for what is none. What names its message: token, the peer's id, else the address."""

    external_id: str
    kind: str
    at: dt.datetime
    type: int = 2
    token: str | None = None
    provider_id: str | None = None
    address: str | None = None
    text: str = ""


Received = Report | Answer


class Channel(Protocol):
    """One way to reach people. Not shared between threads."""

    name: str

    def measure(self, message: Rendered) -> int:
        """How many parts are charged. Raises `ValueError` when the channel cannot carry the message."""

    def send(self, messages: Sequence[Rendered], touching: Touching) -> Iterator[Outcome]:
        """Hand messages over. Raises `ChannelDown` when the peer is gone."""

    def poll(self, now: dt.datetime) -> Sequence[Received]:
        """What came in and was not `settled` yet; never waits long. Raises `ChannelDown`."""

    def settled(self, received: Sequence[Received]) -> None:
        """These are written down: the peer may forget them."""

    def close(self) -> None:
        """Leave the peer."""
