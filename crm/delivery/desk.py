"""What the sender asks of the rest of the product: whom a message is for, what it says, whether it may go, its price.

Everything is handed in, so that there is one way out of the house, and no way past the policy.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy.orm import Session

from crm.services.delivery.values import Charge, Contact, Waiting


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a message goes to: his address in its channel (None: there is none), his language, and values for the
    placeholders of its text."""

    address: str | None
    language: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a template in one language. `version` tells one state of the template from the next."""

    text: str
    subject: str = ""
    html: str = ""
    language: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Go:
    """The message may be handed over now."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not before `until`."""

    until: dt.datetime
    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Never:
    """Not at all."""

    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)


Ruling = Go | Later | Never


class Rulings(Protocol):
    """The policy, made ready for some messages."""

    def ruling(self, message: Waiting, past: Sequence[Contact]) -> Ruling:
        """Whether the message may go. `past`: contacts with its customer and its cluster, this batch's among them."""


class Desk(Protocol):
    """What the sender asks. `people` and `text` are asked outside of any transaction, the others inside of one."""

    def people(self, messages: Sequence[Waiting]) -> Mapping[int, Person]:
        """Whom messages (by `message_id`) go to; one that is left out has nobody."""

    def text(self, message: Waiting, language: str) -> Text | None:
        """What the message says in a language, or in the one that stands in for it."""

    def rulings(self, session: Session, messages: Sequence[Waiting], now: dt.datetime) -> Rulings:
        """The contact policy for these messages: consents, control groups, exclusions, caps, quiet hours."""

    def memory(self) -> dt.timedelta:
        """How far back the policy looks at contacts."""

    def price(self, channel: str, parts: int, now: dt.datetime) -> Decimal:
        """What handing over a message of so many parts costs."""

    def hold(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> Collection[str]:
        """Promise money to messages that are about to go; returns the keys for which there is none."""

    def book(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
        """The peer has taken these: what was promised is spent, once per key."""

    def give_back(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
        """The peer has not taken these: nothing is owed."""
