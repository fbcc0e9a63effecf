"""Campaigns carried out: frozen once, walked once, nobody of a control group touched, killed without a trace."""

import datetime as dt
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks import campaign_runs_world as world
from benchmarks.campaign_runs_crash import crash
from crm.database import Database
from crm.delivery.desk import Go, Later, Never
from crm.errors import CrmError
from crm.models import CampaignFreeze, CampaignParticipant, OutboxMessage, Task
from crm.services.campaign_runs import steering, triggers
from crm.services.campaign_runs.desk import RunDesk
from crm.services.campaign_runs.figures import figures
from crm.services.campaign_runs.keeper import CampaignKeeper
from crm.services.delivery.values import Waiting
from segments.errors import DefinitionError, Problem
from vitrina.campaign_runs.plan import Known

MEMBERS = 100
NOW = world.NOW


class Everybody:
    """Marts in which everybody has a number and consents."""

    def known(self, customers: Sequence[int], excluding: Sequence[str]) -> Mapping[int, Known]:
        return {each: Known({"sms": f"+99890{each:07d}"}, "uz", {}, "1726", True) for each in customers}


def test_a_campaign_ends_with_everybody_through_and_only_the_contacted_written_to(database: Database) -> None:
    world.make_ready(database)
    world.all_steps(database, world.audience(MEMBERS))
    with database.read() as session:
        arms = dict(session.execute(select(CampaignParticipant.customer_id, CampaignParticipant.arm)).tuples().all())
        written_to = set(session.scalars(select(OutboxMessage.customer_id)))
        contacted = {customer for customer, arm in arms.items() if arm == "contacted"}
        assert written_to == contacted
        per_message = select(func.count(OutboxMessage.message_id)).group_by(
            OutboxMessage.customer_id, OutboxMessage.step
        )
        assert set(session.scalars(per_message)) == {1}
        even = {customer for customer in contacted if customer % 2 == 0}
        assert set(session.scalars(select(Task.customer_id).where(Task.made_of.is_not(None)))) == even
        found = figures(session, world.KEY, NOW)
    by_node = {each.node_id: each for each in found.nodes}
    assert by_node["offer"].entered == len(contacted)
    assert by_node["offer"].left == {"reached": len(contacted - even), "not_reached": len(even)}
    assert by_node["offer"].delivered == len(contacted - even)
    assert by_node["offer"].failed == 2 * len(even)
    assert by_node["end"].entered == len(contacted)
    assert sum(each.here for each in found.nodes) == 0
    assert found.arms == {"contacted": len(contacted), "control": 20, "universal": 5, "excluded": 10}


def test_a_freeze_is_written_once_and_who_is_in_stays_as_he_is(database: Database) -> None:
    world.make_ready(database)
    first = world.start(database, world.audience(MEMBERS))
    world.tick(database, NOW)
    with database.read() as session:
        before = session.scalar(select(func.count()).select_from(OutboxMessage))
    again = world.start(database, world.audience(MEMBERS + 50))
    assert (again.digest, again.counts) == (first.digest, first.counts)
    more = world.start(database, world.audience(MEMBERS + 50), number=None)
    assert (more.number, more.counts["members"]) == (2, 50)
    world.tick(database, NOW + dt.timedelta(minutes=1))
    with database.read() as session:
        after = session.scalar(select(func.count()).select_from(OutboxMessage))
        assert before is not None
        assert after is not None
        contacted = select(func.count()).where(CampaignParticipant.arm == "contacted")
        assert after == session.scalar(contacted)
        assert before < after


def test_participants_of_an_unfinished_freeze_are_not_there(database: Database) -> None:
    world.make_ready(database)
    world.start(database, world.audience(MEMBERS))
    with database.begin() as session:
        session.get_one(CampaignFreeze, (world.KEY, 1)).state = "writing"
    world.tick(database, NOW)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
        assert figures(session, world.KEY).arms == {}


def test_two_ticks_at_once_share_the_work(database: Database) -> None:
    world.make_ready(database)
    world.start(database, world.audience(MEMBERS))
    threads = [threading.Thread(target=world.tick, args=(database, NOW, world.KEY, 10)) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with database.read() as session:
        left = {each.node_id: each.left for each in figures(session, world.KEY).nodes}
        contacted = session.scalar(select(func.count()).where(CampaignParticipant.arm == "contacted"))
        assert left["start"] == {"next": MEMBERS - 15}
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == contacted


@pytest.mark.parametrize("seed", [3])
def test_killed_anywhere_it_ends_where_an_undisturbed_run_does(
    sqlite_template: Path, tmp_path: Path, seed: int
) -> None:  # fmt: skip
    files = [tmp_path / name for name in ("a.sqlite", "b.sqlite")]
    for file in files:
        file.write_bytes(sqlite_template.read_bytes())
    found = crash((f"sqlite:///{files[0]}", f"sqlite:///{files[1]}"), 300, 5, seed)
    assert found.kills >= 2
    assert found.disturbed == found.undisturbed


def test_no_message_passes_the_desk_to_who_is_not_contacted(database: Database) -> None:
    world.make_ready(database)
    world.start(database, world.audience(MEMBERS))
    rulings = _rulings(database, [1, 3, 5, 7, 1000])
    assert isinstance(rulings[1], Go)
    assert [rulings[each] for each in (3, 5, 7)] == [Never("control_group", {"group": world.KEY})] * 3
    assert rulings[1000] == Never("not_in_campaign")


def test_a_paused_campaign_and_who_is_held_back_wait_and_a_stopped_one_is_over(database: Database) -> None:
    world.make_ready(database)
    world.start(database, world.audience(MEMBERS))
    world.tick(database, NOW)
    with database.begin() as session:
        assert steering.hold(session, world.KEY, [1], True, "a complaint", world.ROBOT, NOW) == 1
    held = _rulings(database, [1, 9])
    assert isinstance(held[1], Later)
    assert isinstance(held[9], Go)
    with database.begin() as session:
        steering.lead(session, world.KEY, "pause", world.ROBOT, NOW, "look first")
    assert isinstance(_rulings(database, [9])[9], Later)
    world.tick(database, NOW + dt.timedelta(minutes=5))
    with database.begin() as session:
        steering.lead(session, world.KEY, "stop", world.ROBOT, NOW, "not wanted")
    assert _rulings(database, [9])[9] == Never("campaign_stopped")
    with database.read() as session:
        assert set(session.scalars(select(OutboxMessage.state))) == {"cancelled"}
        assert figures(session, world.KEY).states.keys() == {"stopped", "done", "outside"}


def test_who_is_taken_out_gets_nothing_more(database: Database) -> None:
    world.make_ready(database)
    world.start(database, world.audience(MEMBERS))
    world.tick(database, NOW)
    with database.begin() as session:
        steering.take_out(session, world.KEY, [1, 9], "staff", world.ROBOT, NOW)
    world.peers(database, NOW)
    world.tick(database, NOW + dt.timedelta(minutes=1))
    with database.read() as session:
        gone = select(OutboxMessage.state).where(OutboxMessage.customer_id.in_([1, 9]))
        assert set(session.scalars(gone)) == {"cancelled"}
        states = select(CampaignParticipant.state).where(CampaignParticipant.customer_id.in_([1, 9]))
        assert set(session.scalars(states)) == {"stopped"}


def test_an_event_is_taken_once_and_only_by_a_running_trigger_campaign(database: Database) -> None:
    world.make_ready(database, kind="trigger")
    with database.begin() as session, pytest.raises(CrmError):
        triggers.receive(session, world.KEY, "shop", "1", 500, NOW, NOW)
    world.start(database, world.audience(MEMBERS))
    with database.begin() as session:
        assert triggers.receive(session, world.KEY, "shop", "1", 500, NOW, NOW)
        assert not triggers.receive(session, world.KEY, "shop", "1", 500, NOW, NOW)
    keeper = CampaignKeeper(database, world.ROBOT, ["sms"])
    assert [customer for _, customer in keeper.events()[world.KEY]] == [500]
    assert keeper.entering(2) == [world.KEY]
    assert keeper.entering(1) == []


def test_what_is_not_ready_is_told_at_once_and_bad_data_is_overruled_with_a_reason(database: Database) -> None:
    world.make_ready(database)
    stale = [Problem(("data", "billing"), "late")]
    with pytest.raises(DefinitionError) as refused:
        CampaignKeeper(database, world.ROBOT, []).begin(world.KEY, NOW, stale, "")
    assert {each.path for each in refused.value.problems} == {("channels", "sms"), ("data", "billing")}
    keeper = CampaignKeeper(database, world.ROBOT, ["sms"])
    with pytest.raises(DefinitionError):
        keeper.begin(world.KEY, NOW, stale, " ")
    keeper.begin(world.KEY, NOW, stale, "the billing file is known to be late")


def _rulings(database: Database, customers: Sequence[int]) -> dict[int, object]:
    desk = RunDesk(database, Everybody())
    waiting = [
        Waiting(each, f"k{each}", "t", world.KEY, "offer", 0, each, each, "sms", "service", "hello", 50, 0, 0, NOW,
                None, {})
        for each in customers
    ]  # fmt: skip
    desk.people(waiting)
    with database.begin() as session:
        made = desk.rulings(session, waiting, NOW)
        return {each.customer_id: made.ruling(each, []) for each in waiting}
