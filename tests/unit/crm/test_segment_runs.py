"""The size alarm: a segment that jumps or empties is held back, its owner is told once, and somebody has to look."""

import datetime as dt

import pytest
from crm_people import NOW, SYSTEM, add_user
from segment_desk import draft, once, publish, rule, save

from crm.database import Database
from crm.errors import CrmError
from crm.services import segments
from crm.services.accounts import UserInfo
from crm.services.notices import notices
from crm.services.segments import Alarm, RunState
from vitrina.segment_options import SegmentOptions

OPTIONS = SegmentOptions(max_change_pct=50, min_share_pct=1, alarm_from=20)


@pytest.fixture
def owner(database: Database) -> UserInfo:
    """Owner of a published segment."""
    user = add_user(database, "aziza")
    draft(database, "Debtors", rule(), by=user)
    publish(database, "debtors")
    return user


def run(database: Database, members: int | None, version: int = 1, state: str = "done", base: int = 1000) -> RunState:
    with database.begin() as session:
        done = segments.record_run(
            session, "debtors", version, 1, dt.date(2026, 11, 22), members, 1, 2, state, "", NOW, base=base,
            options=OPTIONS,
        )  # fmt: skip
    return done.state


def held(database: Database) -> str:
    with database.read() as session:
        info = segments.info(session, "debtors")
    return info.held.kind if info.held else ""


@once
@pytest.mark.parametrize(
    ("sizes", "kind"),
    [
        ([100, 150], ""),
        ([100, 151], "jumped"),
        ([100, 49], "jumped"),
        ([100, 50], ""),
        ([19, 0], "emptied"),
        ([12, 19], ""),
        ([19, 60], ""),
        ([9], "small"),
        ([10], ""),
        ([0], "small"),
    ],
)
def test_jumps_emptiness_and_a_small_share_are_held_back(
    database: Database, owner: UserInfo, sizes: list[int], kind: str
) -> None:
    states = [run(database, size) for size in sizes]
    assert held(database) == kind
    assert states[-1] == (RunState.HELD if kind else RunState.DONE)


def test_the_owner_is_told_once_and_without_figures(database: Database, owner: UserInfo) -> None:
    for size in (100, 300, 310, 0):
        run(database, size)
    with database.read() as session:
        told = notices(session, owner.user_id)
    assert [(each.kind, each.values) for each in told] == [("segment_jumped", {"segment": "Debtors", "limit": "50"})]
    assert held(database) == "emptied"


def test_a_held_segment_stays_so_until_somebody_looked_even_when_it_looks_right_again(
    database: Database, owner: UserInfo
) -> None:
    run(database, 100)
    run(database, 0)
    assert run(database, 101) == RunState.HELD
    with database.begin() as session:
        assert segments.release(session, "debtors", SYSTEM, NOW, "the source was late").held is None
        states = [each.state for each in segments.runs(session, "debtors")]
        assert states == [RunState.RELEASED, RunState.HELD, RunState.DONE]
    with pytest.raises(CrmError) as refused, database.begin() as session:
        segments.release(session, "debtors", SYSTEM, NOW, "again")
    assert refused.value.code == "segment_not_held"


@once
def test_a_released_size_is_what_the_next_is_compared_with(database: Database, owner: UserInfo) -> None:
    for size in (100, 300):
        run(database, size)
    with database.begin() as session:
        segments.release(session, "debtors", SYSTEM, NOW, "a new region")
    assert run(database, 310) == RunState.DONE
    assert run(database, 100) == RunState.HELD


@once
def test_a_new_version_may_be_of_another_size_but_not_empty(database: Database, owner: UserInfo) -> None:
    run(database, 100)
    with database.read() as session:
        info = segments.info(session, "debtors")
    save(database, info, rule(value=1))
    publish(database, "debtors")
    assert run(database, 900, version=2) == RunState.DONE
    assert run(database, 0, version=2) == RunState.HELD


def test_limits_of_a_segment_s_own_go_before_those_of_all(database: Database, owner: UserInfo) -> None:
    with database.begin() as session:
        segments.set_alarm(session, "debtors", Alarm(min_share_pct=0, max_change_pct=300), SYSTEM, NOW)
    for size in (3, 100, 390):
        assert run(database, size) == RunState.DONE
    for wrong in (Alarm(-1.0), Alarm(101), Alarm(None, 0), Alarm(float("nan"))):
        with pytest.raises(CrmError), database.begin() as session:
            segments.set_alarm(session, "debtors", wrong, SYSTEM, NOW)


@once
def test_a_run_that_failed_is_told_and_compared_with_nothing(database: Database, owner: UserInfo) -> None:
    run(database, 100)
    assert run(database, None, state="failed") == RunState.FAILED
    assert run(database, 110) == RunState.DONE
    with database.read() as session:
        assert [each.kind for each in notices(session, owner.user_id)] == ["segment_failed"]


def test_a_segment_remembers_its_latest_runs_alone(database: Database, owner: UserInfo) -> None:
    options = SegmentOptions(runs_kept=3)
    for number in range(1, 6):
        with database.begin() as session:
            segments.record_run(
                session, "debtors", 1, number, dt.date(2026, 11, 22), 100 + number, 1, 0, "done", "", NOW, base=1000,
                options=options,
            )  # fmt: skip
    with database.read() as session:
        assert [each.members for each in segments.runs(session, "debtors")] == [105, 104, 103]
