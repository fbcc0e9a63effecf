"""When segments run: what is a schedule at all, and what is due at a moment."""

import datetime as dt

import pytest
from crm_people import NOW, SYSTEM, later
from segment_desk import draft, once, publish, rule

from crm.database import Database
from crm.errors import CrmError
from crm.services import segments
from crm.services.segments import Mode, Schedule
from vitrina.segment_options import SegmentOptions

# 13:00 in Tashkent on a Monday.
TODAY = NOW.date()


def day(offset: int) -> dt.date:
    return TODAY + dt.timedelta(days=offset)


@pytest.mark.parametrize(
    ("schedule", "code"),
    [
        (Schedule("weekly"), "segment_schedule_mode"),  # type: ignore[arg-type]
        (Schedule(Mode.CRON, "61 * * * *"), "segment_cron"),
        (Schedule(Mode.CRON, "0 6 31 2 *"), "segment_cron"),
        (Schedule(Mode.CRON, "* * * * * *"), "segment_cron"),
        (Schedule(Mode.CRON, ""), "segment_cron"),
        (Schedule(Mode.CRON, "*/5 * * * *"), "segment_cron_often"),
        (Schedule(Mode.CALENDAR), "segment_calendar"),
        (Schedule(Mode.CALENDAR, days=(day(-1), day(0)), time="12:59"), "segment_calendar"),
        (Schedule(Mode.CALENDAR, days=(day(1),), time="25:00"), "segment_calendar"),
        (Schedule(Mode.CRON, "0 6 * * *", timezone="Asia/Atlantis"), "segment_timezone"),
        (Schedule(Mode.CRON, "0 6 * * *", timezone="../etc"), "segment_timezone"),
        (Schedule(Mode.CRON, "0 6 * * *", timezone=""), "segment_timezone"),
    ],
)
def test_a_schedule_that_never_comes_or_too_often_is_refused(schedule: Schedule, code: str) -> None:
    with pytest.raises(CrmError) as refused:
        segments.checked_schedule(schedule, NOW)
    assert refused.value.code == code


def test_cron_and_calendar_go_by_the_clock_of_tashkent() -> None:
    morning = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
    assert segments.next_time(Schedule(Mode.CRON, "0 6 * * *"), NOW) == morning
    assert segments.next_time(Schedule(Mode.CALENDAR, days=(day(1),), time="06:00"), NOW) == morning
    assert segments.next_time(Schedule(Mode.CALENDAR, days=(day(1),), time="06:00"), morning) is None
    assert segments.next_time(Schedule(Mode.CRON, "0 6 L * *"), NOW) == dt.datetime(2026, 11, 30, 1, tzinfo=dt.UTC)
    assert segments.next_time(Schedule(), NOW) is None


def schedule(database: Database, schedule: Schedule) -> None:
    """One published segment on a schedule."""
    draft(database, "Debtors", rule())
    publish(database, "debtors")
    with database.begin() as session:
        segments.set_schedule(session, "debtors", schedule, SYSTEM, NOW)


def is_due(database: Database, moment: dt.datetime, snapshot: int | None = 1) -> bool:
    with database.read() as session:
        return bool(segments.due(session, moment, snapshot, SegmentOptions(attempts_per_snapshot=2)))


def ran(database: Database, moment: dt.datetime, snapshot: int = 1, state: str = "done", version: int = 1) -> None:
    with database.begin() as session:
        segments.record_run(session, "debtors", version, snapshot, TODAY, 5, 0, 0, state, "", moment)


@pytest.mark.parametrize(
    "wanted",
    [
        Schedule(Mode.CRON, "0 6 * * *"),
        Schedule(Mode.CALENDAR, days=(day(-3), day(1), day(2), day(3)), time="06:00"),
    ],
)
def test_a_time_that_came_is_due_until_it_ran_and_what_was_missed_runs_once(
    database: Database, wanted: Schedule
) -> None:
    schedule(database, wanted)
    morning = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
    assert not is_due(database, NOW), "what lies before the schedule was set is not made up for"
    assert not is_due(database, morning - dt.timedelta(seconds=1))
    assert is_due(database, morning)
    ran(database, morning + dt.timedelta(minutes=2))
    assert not is_due(database, morning + dt.timedelta(hours=1))
    after_two = morning + dt.timedelta(days=2, hours=1)
    assert is_due(database, after_two)
    ran(database, after_two, state="failed")
    assert not is_due(database, after_two + dt.timedelta(minutes=1))


def test_a_new_snapshot_makes_due_and_so_does_a_new_version(database: Database) -> None:
    schedule(database, Schedule())
    assert not is_due(database, NOW, None)
    assert is_due(database, NOW)
    ran(database, NOW)
    assert not is_due(database, later(days=9))
    assert is_due(database, NOW, 2)
    with database.begin() as session:
        info = segments.info(session, "debtors")
        assert info.last_run is not None
        assert info.last_run.snapshot_version == 1


@once
def test_a_run_that_fails_is_tried_again_on_its_snapshot_a_few_times(database: Database) -> None:
    schedule(database, Schedule())
    for _ in range(2):
        assert is_due(database, NOW)
        ran(database, NOW, state="failed")
    assert not is_due(database, NOW)
    assert is_due(database, NOW, 2)


@once
def test_drafts_archived_and_manual_segments_are_never_due(database: Database) -> None:
    draft(database, "Draft", rule())
    schedule(database, Schedule(Mode.MANUAL))
    draft(database, "Old", rule())
    publish(database, "old")
    with database.begin() as session:
        segments.archive(session, "old", SYSTEM, NOW, "test")
        assert segments.due(session, later(days=40), 9) == []
