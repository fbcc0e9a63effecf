"""Whatever happens in whatever order, with senders that die at any point: nothing comes twice, nothing is lost, nobody
who opted out is reached, no cap and no budget is broken."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import Database, open_database
from crm.delivery import charging
from crm.delivery.channels import Accepted, Answer, ChannelDown, Outcome, Received, Rejected, Rendered, Report, Touching
from crm.delivery.recovering import recover
from crm.delivery.sender import Sender
from crm.models import BudgetEntry, Campaign, CampaignBudgetLine, OutboxMessage
from crm.services.actor import system
from crm.services.delivery import opt_outs, outbox, pauses
from crm.services.delivery.values import Charge, ReportState, State
from tests.delivery_desk import DAY, NOW, Clock, TestDesk, address_of, new, options

PRICE, MONEY, CAP, CUSTOMERS = Decimal(10), Decimal(250), 2, 20
ACTOR = system("tests")


class Killed(BaseException):
    """The process is no more."""


@dataclass
class Fuse:
    """Kills at the n-th of all points that it is asked at."""

    left: int | None = None

    def burn(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


class MortalDatabase(Database):
    """Processes die before a transaction, before its commit, and right after it."""

    fuse = Fuse()

    @contextmanager
    def begin(self) -> Iterator[Session]:
        self.fuse.burn()
        with super().begin() as session:
            yield session
            self.fuse.burn()
        self.fuse.burn()


@dataclass
class World:
    """The peer, which never dies: what it took, and what it says."""

    fuse: Fuse
    script: list[str]
    name: str = "sms"
    taken: list[Rendered] = field(default_factory=list)
    ids: dict[str, Rendered] = field(default_factory=dict)
    inbox: list[Received] = field(default_factory=list)
    count: int = 0

    def measure(self, message: Rendered) -> int:
        return 1

    def send(self, messages: Sequence[Rendered], touching: Touching) -> Iterator[Outcome]:
        for message in messages:
            does = self.script.pop() if self.script else "take"
            self.fuse.burn()
            touching(message.message_id)
            self.fuse.burn()
            if does in ("refuse", "throttle", "later"):
                yield Rejected(message.message_id, does, does, does == "refuse", 1.0, is_throttled=does == "throttle")
                continue
            if does == "die":
                raise ChannelDown("before it was taken", 1.0)
            self.count += 1
            self.taken.append(message)
            self.ids[f"p{self.count}"] = message
            self.fuse.burn()
            if does == "vanish":
                raise ChannelDown("after it was taken", 1.0)
            yield Accepted(message.message_id, (f"p{self.count}",))
            self.fuse.burn()

    def poll(self, now: dt.datetime) -> Sequence[Received]:
        return list(self.inbox)

    def settled(self, received: Sequence[Received]) -> None:
        self.fuse.burn()
        self.inbox = [each for each in self.inbox if each not in received]

    def close(self) -> None:
        pass


class Desk(TestDesk):
    """Money out of the real ledger."""

    __test__ = False

    def hold(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> Collection[str]:
        return charging.hold(session, charges, now)

    def book(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
        charging.book(session, charges, now)

    def give_back(self, session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
        charging.give_back(session, charges, now)


class House:
    """Two senders at a time, a clock, and a budget."""

    def __init__(self, place: Path, template: Path) -> None:
        self.place = place
        self.place.mkdir()
        (self.place / "crm.sqlite").write_bytes(template.read_bytes())
        self.fuse = Fuse()
        self.database = open_database(f"sqlite:///{self.place / 'crm.sqlite'}")
        self.mortal = MortalDatabase(self.database._engine)
        self.mortal.fuse = self.fuse
        self.clock, self.world = Clock(), World(self.fuse, [])
        self.desk = Desk(cap=CAP, cost=PRICE)
        self.senders: dict[int, Sender] = {}
        self.put_keys: set[str] = set()
        self.said_to_have_failed: set[str] = set()
        self.kills = 0
        self.refused_at: dict[int, int] = {}
        with self.database.begin() as session:
            _campaigns(session)

    def put(self, customer: int, campaign: str, step: int) -> None:
        key = f"{campaign}:{customer}:n1:{step}:1"
        message = new(customer, campaign=campaign, cluster_id=customer // 2, step=step, key=key)
        with self.database.begin() as session:
            outbox.put(session, [message], self.clock())
        self.put_keys.add(message.key)

    def send(self, which: int, fuse: int | None, script: list[str]) -> None:
        if which not in self.senders:
            setup = options(self.place, batch=4)
            self.senders[which] = Sender(self.mortal, self.world, self.desk, setup, self.clock)
        self.world.script = script
        self.fuse.left = fuse
        try:
            self.senders[which].run_once()
        except Killed:
            self.kills += 1
            self.senders.pop(which).abandon()
        finally:
            self.fuse.left = None

    def settle_what_the_dead_left(self) -> None:
        recover(self.database, self.desk, self.place / "journals", self.clock(), 3)

    def report(self, place: int, state: str, with_id: bool) -> None:
        """Some time or other, again and again, in any order; of those whose sender died by their reference."""
        if not self.world.ids:
            return
        provider_id, message = list(self.world.ids.items())[place % len(self.world.ids)]
        if state == "failed":
            self.said_to_have_failed.add(message.key)
        self.world.inbox.append(
            Report(
                f"{provider_id}:{state}", ReportState(state), self.clock(), provider_id=provider_id,
                address=message.address, reference=message.message_id if with_id else None,
            )
        )  # fmt: skip

    def say_stop(self, customer: int) -> None:
        with self.database.begin() as session:
            opt_outs.opt_out(session, customer, "sms", self.clock(), "tests")
        self.refused_at.setdefault(customer, len(self.world.taken))

    def write_stop(self, customer: int) -> None:
        self.world.inbox.append(
            Answer(f"stop{customer}", "reply", self.clock(), address=address_of("sms", customer), text="STOP")
        )

    def pause_or_resume(self, campaign: str, stops: bool) -> None:
        with self.database.begin() as session:
            (pauses.pause if stops else pauses.resume)(session, campaign, "because", ACTOR, self.clock())

    def cancel(self, customer: int) -> None:
        with self.database.begin() as session:
            outbox.cancel(session, [f"a:{customer}:n1:{step}:1" for step in range(3)], "reached", self.clock())

    def wait(self, minutes: float) -> None:
        self.clock.move(minutes=minutes)

    def nothing_comes_twice_and_nothing_is_lost(self) -> None:
        keys = [message.key for message in self.world.taken]
        assert len(keys) == len(set(keys))
        with self.database.read() as session:
            rows = {row.key: row for row in session.scalars(select(OutboxMessage))}
        assert set(rows) == self.put_keys
        has_it = {State.HANDING, State.UNCERTAIN, State.SENT, State.DELIVERED, State.FAILED}
        assert {rows[key].state for key in keys} <= has_it
        taken = set(keys)
        for key, row in rows.items():
            assert key in taken or row.state not in (State.SENT, State.DELIVERED)

    def nobody_is_reached_who_opted_out(self) -> None:
        for customer, before in self.refused_at.items():
            later = [message for message in self.world.taken[before:] if message.key.split(":")[1] == str(customer)]
            assert later == []

    def the_budget_is_spent_once_for_what_was_taken(self) -> None:
        with self.database.read() as session:
            spent = list(session.scalars(select(BudgetEntry).where(BudgetEntry.kind == "spend")))
            lines = list(session.scalars(select(CampaignBudgetLine)))
        assert all(line.committed + line.spent <= line.reserved for line in lines)
        paid = [str(entry.key).split("#")[0] for entry in spent]
        assert len(paid) == len(set(paid))
        assert set(paid) <= {message.key for message in self.world.taken}

    def the_cap_holds_over_the_household(self) -> None:
        """But for messages that were said to have failed and came after all: the next one had gone by then."""
        with self.database.read() as session:
            rows = session.scalars(select(OutboxMessage).where(OutboxMessage.contacted_at.is_not(None)))
            reached = [(row.cluster_id, row.contacted_at) for row in rows if row.key not in self.said_to_have_failed]
        for cluster in range(CUSTOMERS // 2):
            ats = sorted(at for found, at in reached if found == cluster and at is not None)
            assert all(late - early >= DAY for early, late in zip(ats, ats[CAP:], strict=False))

    def end(self) -> Counter[str]:
        """When all is over: what the peer took is paid for, and nothing that nobody touched is stuck."""
        for sender in self.senders.values():
            sender.close()
        recover(self.database, self.desk, self.place / "journals", self.clock(), 3)
        with self.database.read() as session:
            assert not set(session.scalars(select(OutboxMessage.state))) & {State.HANDING, State.CLAIMED}
            rows = {row.key: row for row in session.scalars(select(OutboxMessage))}
            spent = set(session.scalars(select(BudgetEntry.key).where(BudgetEntry.kind == "spend")))
        sent = {key for key, row in rows.items() if row.state in (State.SENT, State.DELIVERED)}
        assert sent <= {str(key).split("#")[0] for key in spent}
        self.database.close()
        return Counter(row.state for row in rows.values()) + Counter(killed=self.kills, taken=len(self.world.taken))

    def anything(self, chance: random.Random) -> bool:
        """One thing happens, the usual ones more often; whether it was a sender's doing."""
        customer, campaign = chance.randrange(CUSTOMERS), chance.choice("ab")
        roll = chance.random()
        if roll < 0.15:
            for _ in range(4):
                self.put(chance.randrange(CUSTOMERS), campaign, chance.randrange(3))
        elif roll < 0.6:
            script = chance.choices(["take", "refuse", "throttle", "later", "die", "vanish"], (6, 1, 1, 1, 1, 1), k=4)
            self.send(chance.randrange(2), chance.choice([None, chance.randrange(30)]), script)
        elif roll < 0.72:
            self.report(chance.randrange(50), chance.choice(["delivered", "failed", "accepted"]), chance.random() < 0.5)
        elif roll < 0.84:
            self.clock.move(minutes=chance.choice([0.02, 1, 10, 60, 60 * 13]))
        elif roll < 0.9:
            self.settle_what_the_dead_left()
        elif roll < 0.95:
            self.pause_or_resume(campaign, chance.random() < 0.3)
        elif roll < 0.97:
            self.cancel(customer)
        else:
            chance.choice([self.say_stop, self.write_stop])(customer)
        return 0.15 <= roll < 0.6

    def check(self) -> None:
        """All that must hold at any time."""
        self.nothing_comes_twice_and_nothing_is_lost()
        self.nobody_is_reached_who_opted_out()
        self.the_budget_is_spent_once_for_what_was_taken()
        self.the_cap_holds_over_the_household()


@pytest.fixture(scope="module")
def came_about() -> Iterator[Counter[str]]:
    """What all sequences together came to: a test in which nothing happens holds nothing."""
    found: Counter[str] = Counter()
    yield found
    for state in ("delivered", "sent", "failed", "uncertain", "deferred", "refused", "cancelled", "killed", "taken"):
        assert found[state] >= 2, found


@pytest.mark.parametrize("seed", range(9))
def test_no_sequence_of_events_breaks_sending(
    seed: int, tmp_path: Path, delivery_template: Path, came_about: Counter[str]
) -> None:
    chance, house = random.Random(seed), House(tmp_path / "house", delivery_template)  # noqa: S311
    for _ in range(70):
        if house.anything(chance):
            house.check()
    house.check()
    came_about.update(house.end())


def _campaigns(session: Session) -> None:
    for key in ("a", "b"):
        row = Campaign(
            key=key, name=key, kind="targeted", category="marketing", audience={}, channels=["sms"], pins={},
            stage="running", stage_at=NOW, version=1, revision=1, created_at=NOW, updated_at=NOW, updated_by="tests",
            author_login="tests",
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add(
            CampaignBudgetLine(
                campaign_id=row.campaign_id, channel="sms", month=NOW.date().replace(day=1), need=MONEY, reserved=MONEY,
            )
        )  # fmt: skip
