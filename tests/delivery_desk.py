"""People, texts, prices and a policy for tests of sending; and a peer in memory that fails where it is told to."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from sqlalchemy.orm import Session

from crm.delivery.channels import Accepted, ChannelDown, Outcome, Received, Rejected, Rendered, Touching
from crm.delivery.desk import Go, Later, Never, Person, Ruling, Text
from crm.delivery.preparing import Style
from crm.delivery.sender import Options
from crm.services.delivery.claiming import Pace
from crm.services.delivery.values import Charge, Contact, NewMessage, Waiting

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
KEY = b"a key of tests"
DAY = dt.timedelta(days=1)


@dataclass
class TestDesk:
    """Everybody has an address and at most `cap` contacts a day; a message costs its price while `money` lasts."""

    __test__ = False
    cap: int = 1000
    money: Decimal = Decimal(10**9)
    cost: Decimal = Decimal(0)
    texts: dict[str, Text] = field(default_factory=dict)
    nobody: set[int] = field(default_factory=set)
    controls: set[int] = field(default_factory=set)
    held: dict[str, Decimal] = field(default_factory=dict)
    spent: dict[str, Decimal] = field(default_factory=dict)

    def people(self, messages: Sequence[Waiting]) -> Mapping[int, Person]:
        return {
            each.message_id: Person(address_of(each.channel, each.customer_id), "uz", {"name": f"N{each.customer_id}"})
            for each in messages if each.customer_id not in self.nobody
        }  # fmt: skip

    def text(self, message: Waiting, language: str) -> Text | None:
        usual = Text("Salom, {{ name }}! {{ page_url }}", subject="Salom", language=language)
        return self.texts.get(message.template, usual) if message.template != "none" else None

    def rulings(self, session: Session, messages: Sequence[Waiting], now: dt.datetime) -> "Capped":
        return Capped(self, now)

    def memory(self) -> dt.timedelta:
        return DAY

    def price(self, channel: str, parts: int, now: dt.datetime) -> Decimal:
        return self.cost * parts

    def hold(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> Collection[str]:
        refused = set()
        for each in charges:
            if sum(self.held.values()) + sum(self.spent.values()) + each.amount > self.money:
                refused.add(each.key)
            else:
                self.held[each.key] = each.amount
        return refused

    def book(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
        for each in charges:
            self.held.pop(each.key, None)
            assert self.spent.setdefault(each.key, each.amount) == each.amount

    def give_back(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
        for each in charges:
            self.held.pop(each.key, None)


@dataclass
class Capped:
    """So many contacts a day, counted over the cluster; nobody of a control group."""

    desk: TestDesk
    now: dt.datetime

    def ruling(self, message: Waiting, past: Sequence[Contact]) -> Ruling:
        if message.customer_id in self.desk.controls:
            return Never("control_group")
        recent = [each for each in past if each.at > self.now - DAY]
        return Later(self.now + DAY, "cap", {"cap": self.desk.cap}) if len(recent) >= self.desk.cap else Go()


@dataclass
class MemoryPeer:
    """Takes messages in memory. `script`: what happens at the n-th hand-over: refuse, throttle, die (before it is
    taken), vanish (after it is taken), block."""

    name: str = "sms"
    script: dict[int, str] = field(default_factory=dict)
    taken: list[Rendered] = field(default_factory=list)
    inbox: list[Received] = field(default_factory=list)
    acknowledged: list[Received] = field(default_factory=list)
    count: int = 0
    delivers_at_once: bool = False

    def measure(self, message: Rendered) -> int:
        return 1

    def send(self, messages: Sequence[Rendered], touching: Touching) -> Iterator[Outcome]:
        for message in messages:
            self.count += 1
            does = self.script.get(self.count, "take")
            touching(message.message_id)
            if does == "die":
                raise ChannelDown("gone before it was taken", 0.0)
            if does in ("refuse", "throttle", "block", "later"):
                yield Rejected(
                    message.message_id, "no", "no", does in ("refuse", "block"), 0.0 if does != "refuse" else None,
                    is_throttled=does == "throttle", is_blocked=does == "block",
                )  # fmt: skip
                continue
            self.taken.append(message)
            if does == "vanish":
                raise ChannelDown("gone after it was taken", 0.0)
            yield Accepted(message.message_id, (f"p{message.message_id}-{self.count}",), self.delivers_at_once)

    def poll(self, now: dt.datetime) -> Sequence[Received]:
        return list(self.inbox)

    def settled(self, received: Sequence[Received]) -> None:
        self.acknowledged += received
        self.inbox = [each for each in self.inbox if each not in received]

    def close(self) -> None:
        pass


@dataclass
class Clock:
    """Time that tests move on."""

    at: dt.datetime = NOW

    def __call__(self) -> dt.datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += dt.timedelta(**by)


def address_of(channel: str, customer_id: int) -> str:
    """The same form that the channel takes."""
    if channel == "email":
        return f"c{customer_id}@people.example"
    if channel == "telegram":
        return str(100_000 + customer_id)
    return f"device-{customer_id}" if channel == "push" else f"+99890{customer_id:07d}"


def new(customer_id: int, channel: str = "sms", campaign: str = "spring", **other: object) -> NewMessage:
    """A message of the first step."""
    made = NewMessage(
        f"{campaign}:{customer_id}:n1:0:1", campaign, "n1", customer_id, customer_id, channel, "hello"
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]


def options(folder: Path, batch: int = 100, per_second: float = 1e6, burst: int = 10**6, tries: int = 3) -> Options:
    """A sender in a hurry."""
    return Options(folder / "journals", Style("https://x.uz/l", KEY), Pace(per_second, burst), batch, tries)
