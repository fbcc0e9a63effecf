"""Where running campaigns, the outbox and the stages meet: nothing is lost, and nobody who is out gets anything."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest
from campaign_desk import DECEMBER, People, agree, approved, flow, people, stage, template
from crm_people import NOW, SYSTEM, acting
from sqlalchemy import select

from campaigns.flow import Terms
from crm.database import Database
from crm.delivery.desk import Go, Never
from crm.errors import CrmError
from crm.models import CampaignParticipant, OutboxMessage, Task
from crm.services.campaign_runs import freezing, steering, walking
from crm.services.campaign_runs.desk import RunDesk
from crm.services.campaign_runs.keeper import CampaignKeeper
from crm.services.campaign_runs.stored import run_of
from crm.services.campaign_runs.values import NewFreeze
from crm.services.campaigns import policies, register, stages, writing
from crm.services.delivery import claiming, landing
from crm.services.delivery.values import Waiting
from vitrina.campaign_runs.plan import MEMBERS, Known

LATER = DECEMBER + dt.timedelta(minutes=5)
PACE = claiming.Pace(1000.0, 1000)


class Everybody:
    """Marts in which everybody has a number and consents."""

    def known(self, customers: Sequence[int], excluding: Sequence[str]) -> Mapping[int, Known]:
        return {
            each: Known({"sms": "+998901234567", "call": "+998901234567"}, "ru", {}, None, True) for each in customers
        }


def test_calls_that_wait_in_the_house_keep_a_campaign_from_ending(database: Database) -> None:
    begun(database, calls())
    keeper = keeper_of(database)
    keeper.walk("bundles", {}, DECEMBER)
    keeper.walk("bundles", {}, LATER)

    assert states(database) == {"queued": 3}
    assert stage(database, "bundles") == "running"


def test_a_campaign_that_is_over_for_everybody_and_has_nothing_in_the_house_ends(database: Database) -> None:
    begun(database, calls())
    keeper = keeper_of(database)
    keeper.walk("bundles", {}, DECEMBER)
    settle(database, "sent")
    keeper.walk("bundles", {}, LATER)

    assert stage(database, "bundles") == "completed"


def test_a_campaign_entered_with_each_run_waits_for_those_who_are_still_to_come(database: Database) -> None:
    begun(database, flow(), enter="each_run")
    keeper = keeper_of(database)
    keeper.walk("bundles", {}, DECEMBER)
    settle(database, "sent")
    keeper.walk("bundles", {}, LATER)

    assert stage(database, "bundles") == "running"


def test_a_campaign_started_again_after_it_was_changed_in_a_pause_sends(database: Database) -> None:
    who = begun(database, flow())
    keeper = keeper_of(database)
    keeper.walk("bundles", {}, DECEMBER)
    changed_in_a_pause(database, who, goal="Still more bundles")

    assert len(claimed(database)) == 3


def test_what_a_changed_flow_does_not_send_any_more_is_called_back(database: Database) -> None:
    who = begun(database, flow())
    keeper_of(database).walk("bundles", {}, DECEMBER)
    other = flow("other")
    template(database, key="other")
    changed_in_a_pause(database, who, flow=other)

    assert states(database) == {"cancelled": 3}


def test_who_was_taken_out_gets_nothing_that_was_queued_behind_it(database: Database) -> None:
    who = begun(database, flow())
    keeper_of(database).walk("bundles", {}, DECEMBER)
    with database.begin() as session:
        steering.take_out(session, "bundles", [2], "asked us to", acting(who.aziza), LATER)
        # As if a tick had been queueing it while he was taken out.
        for each in session.scalars(select(OutboxMessage)):
            each.state = "queued"
    desk, messages = RunDesk(database, Everybody(), lambda: LATER), claimed(database)
    desk.people(messages)
    with database.begin() as session:
        rulings = desk.rulings(session, messages, LATER)
        found = {each.customer_id: rulings.ruling(each, []) for each in messages}

    assert isinstance(found[2], Never)
    assert isinstance(found[1], Go)


def test_news_of_whom_was_held_back_are_looked_at_when_he_is_let_go(database: Database) -> None:
    who = begun(database, flow())
    tick(database, DECEMBER)
    with database.begin() as session:
        steering.hold(session, "bundles", [1], True, "a complaint", acting(who.aziza), DECEMBER)
    settle(database, "sent")
    for minutes in (5, 30):
        tick(database, DECEMBER + dt.timedelta(minutes=minutes))
    with database.begin() as session:
        steering.hold(session, "bundles", [1], False, "settled", acting(who.aziza), DECEMBER + dt.timedelta(minutes=40))
    tick(database, DECEMBER + dt.timedelta(minutes=41))

    with database.read() as session:
        open_ = session.scalars(
            select(CampaignParticipant.customer_id).where(CampaignParticipant.state == "waiting")
        ).all()  # fmt: skip
    assert open_ == []


def test_tasks_of_a_department_are_shared_out_evenly(database: Database) -> None:
    begun(database, tasks("G01-farmers"), members=10)
    tick(database, DECEMBER)

    with database.read() as session:
        assert Counter(session.scalars(select(Task.assignee_id))) == {"E4": 5, "E5": 5}


def test_the_desk_remembers_contacts_as_long_as_the_policy_asks(database: Database) -> None:
    begun(database, flow())
    long = {**policies.DELIVERED, "gaps": [{"minutes": 60 * 24 * 90, "channels": None, "categories": None,
                                            "of": "customer"}]}  # fmt: skip
    with database.begin() as session:
        policies.save_policy(session, long, dt.date(2026, 12, 5), SYSTEM, DECEMBER, "ninety days")
    tick(database, DECEMBER)
    desk = RunDesk(database, Everybody(), lambda: LATER)
    messages = claimed(database)
    desk.people(messages)
    with database.begin() as session:
        desk.rulings(session, messages, LATER)

    assert desk.memory() >= dt.timedelta(days=90)


def test_who_resumes_on_what_he_saw_lets_the_messages_go(database: Database) -> None:
    who = begun(database, flow())
    tick(database, DECEMBER)
    with database.begin() as session:
        steering.lead(session, "bundles", "pause", acting(who.aziza), DECEMBER, "to look")
    with database.begin() as session:
        seen = register.campaign(session, None, "bundles", DECEMBER).revision
        steering.lead(session, "bundles", "resume", acting(who.aziza), DECEMBER, base=seen)

    assert len(claimed(database)) == 3


def test_another_page_behind_the_links_asks_for_approval_again_and_waits_while_it_runs(database: Database) -> None:
    who = people(database)
    template(database)
    approved(database, who, key="bundles", need=0)
    with database.begin() as session:
        landing.save_page(session, "bundles", "ru", "A", "B", "C", "https://x.uz/a", acting(who.aziza), DECEMBER)
    assert stage(database, "bundles") == "design"
    with database.begin() as session:
        stages.submit(session, "bundles", acting(who.aziza), DECEMBER)
    for each in (who.dilnoza, who.farhod):
        if stage(database, "bundles") == "approval":
            agree(database, "bundles", each)
    start(database)

    with database.begin() as session, pytest.raises(CrmError, match="pause it first"):
        landing.save_page(session, "bundles", "ru", "A", "B", "C", "https://evil.uz/a", acting(who.aziza), DECEMBER)


def test_for_an_event_only_contacts_of_its_customers_are_read_as_far_back_as_the_policy_looks(
    database: Database,
) -> None:
    begun(database, flow())
    tick(database, DECEMBER)
    settle(database, "sent")
    keeper = keeper_of(database)

    found = keeper.wanted("bundles", LATER, [2]).contacts
    assert found["customer_id"].to_pylist() == [2]
    assert found["at"].to_pylist() == [dt.datetime(2026, 12, 5, 9, 1)]
    assert keeper.wanted("bundles", LATER).contacts.num_rows == 3
    assert keeper.wanted("bundles", LATER + dt.timedelta(days=50)).contacts.num_rows == 0


def begun(
    database: Database, wanted: dict[str, Any], members: int = 3, enter: str = "once"
) -> People:  # fmt: skip
    """An approved campaign that runs, with so many members."""
    who = people(database)
    template(database)
    audience = {
        "definition": {"combinator": "and",
                       "rules": [{"kind": "attribute", "field": "age_years", "operator": ">", "value": 30}]},
        "enter": enter,
    }  # fmt: skip
    approved(database, who, key="bundles", flow=wanted, audience=audience, need=0, category="service")
    with database.begin() as session:
        policies.install_policy(session, SYSTEM, NOW, dt.date(2026, 10, 1))
    start(database, members)
    return who


def start(database: Database, members: int = 3) -> None:
    """As `vitrina.campaign_runs.run.start` asks the keeper to."""
    with database.begin() as session:
        freezing.begin_run(session, stages.require_runnable(session, "bundles"), SYSTEM, DECEMBER)
    ids = list(range(1, members + 1))
    table = pa.table(
        [ids, ids, ["contacted"] * members, [""] * members, [None] * members, [None] * members, [None] * members],
        schema=MEMBERS,
    )
    new = NewFreeze("bundles", "start", 1, DECEMBER.date(), {}, "0" * 64, 1, 0.0)
    freezing.freeze(database, new, table, None, SYSTEM, DECEMBER, 1)
    keeper_of(database).started("bundles", DECEMBER)


def changed_in_a_pause(database: Database, who: People, **fields: Any) -> None:
    """Paused, changed, approved again, started again."""
    with database.begin() as session:
        steering.lead(session, "bundles", "pause", acting(who.aziza), DECEMBER, "to change it")
        stages.transit(session, "bundles", "redesign", acting(who.aziza), DECEMBER, reason="to change it")
        base = register.campaign(session, None, "bundles", DECEMBER).revision
        writing.save_campaign(session, "bundles", acting(who.aziza), DECEMBER, base=base, **fields)
        stages.submit(session, "bundles", acting(who.aziza), DECEMBER)
    for each in (who.dilnoza, who.farhod):
        if stage(database, "bundles") == "approval":
            agree(database, "bundles", each)
    start(database)


def keeper_of(database: Database) -> CampaignKeeper:
    return CampaignKeeper(database, SYSTEM, ["sms", "call"])


def tick(database: Database, now: dt.datetime) -> None:
    with database.read() as session:
        run = run_of(session, "bundles")
    walking.tick(database, run, now, lambda node, customer: None, Terms())


def claimed(database: Database) -> list[Waiting]:
    with database.begin() as session:
        return claiming.claim(session, "worker", "sms", LATER + dt.timedelta(hours=1), 100, PACE)


def settle(database: Database, state: str) -> None:
    """What senders and peers would do."""
    with database.begin() as session:
        for each in session.scalars(select(OutboxMessage)):
            each.state, each.changed_at = state, DECEMBER + dt.timedelta(minutes=1)
            each.sent_at = each.contacted_at = each.changed_at


def states(database: Database) -> Counter[str]:
    with database.read() as session:
        return Counter(session.scalars(select(OutboxMessage.state)))


def calls() -> dict[str, Any]:
    """Everybody is called."""
    return _through("call_register", {"register": "bundles", "script": "Good day", "attempts": 2})


def tasks(department: str) -> dict[str, Any]:
    """A task for everybody."""
    return _through("task", {"title": "Visit", "description": "", "due_days": 2,
                             "assignee": {"kind": "department", "department_id": department}})  # fmt: skip


def _through(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    made = flow()
    made["nodes"][1] |= {"kind": kind, "data": data}
    return made
