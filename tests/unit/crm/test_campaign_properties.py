"""Whatever people do in whatever order: nobody approves his own, nothing runs but what was approved, no budget breaks.

Every step is an operation by somebody, allowed or refused; after each the tables are looked at without the services.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from campaign_desk import DECEMBER, MONTH, designed, flow, limit, people, template
from crm_people import NOW, acting
from sqlalchemy import select

from crm.database import Database, open_database
from crm.errors import CrmError
from crm.models import (
    BudgetEntry,
    BudgetLimit,
    Campaign,
    CampaignApproval,
    CampaignBudgetLine,
    CampaignEvent,
    CampaignVersion,
    User,
)
from crm.services.accounts import UserInfo
from crm.services.campaigns import approvals, budgets, content, register, stages, writing
from crm.services.campaigns.budgets import BudgetNeed
from crm.services.campaigns.values import Stage
from segments.errors import DefinitionError

KEYS = ("first", "second")
LIMIT = 250
Step = Callable[[Database, random.Random, list[UserInfo]], None]


@pytest.fixture(scope="module")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[UserInfo]]:
    """A database with people and two campaigns in design, to be copied; its people."""
    path = tmp_path_factory.mktemp("campaigns") / "crm.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{path}")
    who = people(database)
    template(database)
    template(database, key="bye")
    limit(database, LIMIT)
    for key, writer in zip(KEYS, (who.aziza, who.bobur), strict=True):
        designed(database, writer, need=100, key=key)
    database.close()
    return path.read_bytes(), [who.aziza, who.bobur, who.dilnoza, who.farhod]


def edit(database: Database, chance: random.Random, who: list[UserInfo]) -> None:
    """Somebody changes content, or only the name."""
    key, change = chance.choice(KEYS), chance.choice(
        [{"flow": flow("bye")}, {"flow": flow()}, {"goal": f"Goal {chance.random()}"}, {"name": "Other"},
         {"ends_on": dt.date(2026, 12, chance.randint(20, 31))}]
    )  # fmt: skip
    with database.begin() as session:
        base = register.campaign(session, None, key).revision
        writing.save_campaign(session, key, acting(chance.choice(who)), NOW, base=base, **change)


def plan(database: Database, chance: random.Random, who: list[UserInfo]) -> None:
    """Somebody plans another need."""
    key = chance.choice(KEYS)
    with database.begin() as session:
        base = register.campaign(session, None, key).revision
        needs = [BudgetNeed("sms", MONTH, Decimal(chance.randint(0, 400)))]
        budgets.set_budget(session, key, needs, acting(chance.choice(who)), NOW, base=base)


def submit(database: Database, chance: random.Random, who: list[UserInfo]) -> None:
    """Somebody asks for approval."""
    with database.begin() as session:
        stages.submit(session, chance.choice(KEYS), acting(chance.choice(who)), NOW)


def approve(database: Database, chance: random.Random, who: list[UserInfo]) -> None:
    """Everybody tries to agree until one may, now and then with what he saw before a change."""
    key = chance.choice(KEYS)
    for each in chance.sample(who, len(who)):
        with suppress(CrmError), database.begin() as session:
            seen = chance.choice(register.versions(session, key)[:2]).fingerprint
            approvals.approve(session, key, acting(each), NOW, seen=seen)


def send_back(database: Database, chance: random.Random, who: list[UserInfo]) -> None:
    """Somebody returns a campaign, or takes it back, seldom."""
    key = chance.choice(KEYS)
    if chance.random() < 0.3:
        with database.begin() as session:
            approvals.withdraw(session, key, acting(chance.choice(who)), NOW, "not yet")
    for each in chance.sample(who, len(who)):
        with suppress(CrmError), database.begin() as session:
            approvals.return_campaign(session, key, acting(each), NOW, "not yet", to=Stage.DESIGN)


def move(database: Database, chance: random.Random, who: list[UserInfo]) -> None:
    """Somebody leads a campaign on, mostly forwards."""
    name = chance.choice(["design", "design", "rethink", "redesign", *["start"] * 6, "pause", "resume", "resume"])
    with database.begin() as session:
        stages.transit(session, chance.choice(KEYS), name, acting(chance.choice(who)), DECEMBER, reason="so")


def end(database: Database, chance: random.Random, who: list[UserInfo]) -> None:
    """Somebody ends a campaign, seldom."""
    if chance.random() < 0.1:
        with database.begin() as session:
            name = chance.choice(["complete", "stop"])
            stages.transit(session, chance.choice(KEYS), name, acting(chance.choice(who)), DECEMBER, reason="so")


def pay(database: Database, chance: random.Random, who: list[UserInfo]) -> None:
    """A sender promises, spends, or takes back; keys come again."""
    key, charge = chance.choice(KEYS), f"m{chance.randint(1, 12)}"
    amount = Decimal(10 * (1 + int(charge[1:]) % 4))
    with database.begin() as session:
        match chance.randint(1, 3):
            case 1:
                budgets.commit(session, key, "sms", {charge: amount}, at=DECEMBER)
            case 2:
                budgets.spend(session, key, "sms", charge, amount, at=DECEMBER)
            case _:
                budgets.uncommit(session, key, "sms", [charge], at=DECEMBER)


def bound(database: Database, chance: random.Random, who: list[UserInfo]) -> None:
    """The limit of the month is changed."""
    with database.begin() as session:
        budgets.set_limit(session, "month", MONTH, chance.randint(50, LIMIT), acting(who[3]), NOW, "test")


STEPS: tuple[Step, ...] = (
    edit, plan, *[submit] * 6, *[approve] * 4, *[send_back] * 2, *[move] * 6, end, *[pay] * 8, bound
)  # fmt: skip


def require_sound(database: Database) -> None:
    """Look at the tables alone."""
    with database.read() as session:
        logins = {user.user_id: user.login for user in session.scalars(select(User))}
        for row in session.scalars(select(Campaign)):
            if row.stage not in ("ready", "running"):
                continue
            version = session.get_one(CampaignVersion, (row.campaign_id, row.version))
            agreed = [
                each for each in session.scalars(select(CampaignApproval).where(
                    CampaignApproval.campaign_id == row.campaign_id, CampaignApproval.version == row.version,
                    CampaignApproval.state == "approved",
                ))
                if each.fingerprint == content.fingerprint(content.document_of(session, row))
            ]  # fmt: skip
            assert agreed, "it runs, and nobody approved what it is"
            by = [logins[each.decided_by] for each in agreed if each.decided_by is not None]
            rounds = {(each.round, each.decided_by) for each in agreed}
            assert len(rounds) == len(agreed) == len(by), "one person approved two steps"
            assert not {*by} & {*version.editors, row.author_login, version.submitted_by}, "his own work"
        lines = list(session.scalars(select(CampaignBudgetLine)))
        for line in lines:
            sums = dict.fromkeys(("reserve", "release", "commit", "uncommit", "spend"), Decimal(0))
            for entry in session.scalars(select(BudgetEntry).where(BudgetEntry.line_id == line.line_id)):
                sums[entry.kind] += entry.amount
            assert line.reserved == sums["reserve"] - sums["release"] >= line.committed + line.spent
            assert (line.committed, line.spent) == (sums["commit"] - sums["uncommit"], sums["spend"])
        allowed = session.scalars(select(BudgetLimit.amount)).one()
        assert sum(line.reserved for line in lines) <= allowed, "more is set aside than there is"


@pytest.fixture
def fresh(furnished: tuple[bytes, list[UserInfo]], tmp_path: Path) -> Iterator[Callable[[int], Database]]:
    """Copies of the furnished database."""
    opened: list[Database] = []

    def copy(number: int) -> Database:
        path = tmp_path / f"{number}.sqlite"
        path.write_bytes(furnished[0])
        opened.append(open_database(f"sqlite:///{path}"))
        return opened[-1]

    yield copy
    for each in opened:
        each.close()


def test_no_order_of_operations_breaks_approval_or_budget(
    furnished: tuple[bytes, list[UserInfo]], fresh: Callable[[int], Database]
) -> None:
    who, seen = furnished[1], set[str]()
    for number in range(4):
        # The same walks every time: a failure can be looked at again.
        database, chance = fresh(number), random.Random(number)  # noqa: S311
        for _ in range(70):
            with suppress(CrmError, DefinitionError):
                chance.choice(STEPS)(database, chance, who)
                require_sound(database)
        with database.read() as session:
            seen |= set(session.scalars(select(CampaignEvent.what)))
            seen |= {entry.kind for entry in session.scalars(select(BudgetEntry))}
    # It is of no use unless campaigns were approved and ran, lost their approval, and money was spent.
    assert {"approved", "start", "approval_dropped", "return_to_design", "spend", "uncommit", "release"} <= seen
