"""Tasks: whose they are and who may touch them, windows by the calendar, reminders once, what rules planned."""

import datetime as dt
from typing import Any

import pytest
from crm_people import NOW, acting, add_user, later
from segment_desk import once
from signal_company import FIRST, People, always, company, live_rule, of, run
from sqlalchemy import select

from crm.database import Database
from crm.errors import CrmError
from crm.models import AuditRow
from crm.services import signals, tasks
from crm.services.accounts import UserInfo
from crm.services.notices import notices
from crm.services.rights import seen_through
from crm.services.tasks import TaskFilter, TaskInfo, TaskState, Window

# NOW is 13:00 in Tashkent.
TODAY, TOMORROW, GONE = later(hours=3), later(days=1), later(hours=-1)


@pytest.fixture
def people(database: Database) -> People:
    return company(database)


def add(database: Database, user: UserInfo, due: dt.datetime = TODAY, **more: Any) -> TaskInfo:
    with database.begin() as session:
        return tasks.create(session, of(database, user), "Call about the debt", due, acting(user), NOW, **more)


def listed(database: Database, user: UserInfo, window: Window = Window.OPEN, **more: Any) -> list[int]:
    with database.read() as session:
        found, total = tasks.tasks(session, of(database, user), NOW, TaskFilter(window, **more))
    assert total == len(found)
    return [each.task_id for each in found]


def test_a_task_is_its_assignees_and_seen_by_those_above_him(database: Database, people: People) -> None:
    mine = add(database, people.farmer, customer_id=1, manager_id="E4", region_code="01")
    assert mine.assignee_id == "E4"
    given = add(database, people.head, assignee_id="E5")
    assert listed(database, people.farmer) == [mine.task_id]
    assert listed(database, people.colleague) == [given.task_id]
    assert listed(database, people.head) == [mine.task_id, given.task_id]
    assert listed(database, people.head, mine=True) == []
    assert listed(database, people.other) == []
    with database.read() as session:
        assert [each.kind for each in notices(session, people.colleague.user_id)] == ["task_given"]
        assert [each.task_id for each in tasks.tasks_of_customer(session, of(database, people.farmer), 1)] == [1]


@once
def test_nobody_gives_tasks_beyond_his_reach_nor_touches_those_of_others(database: Database, people: People) -> None:
    mine = add(database, people.farmer)
    for user, assignee in ((people.farmer, "E5"), (people.head, "E10"), (people.head, "E99")):
        with pytest.raises(CrmError) as refused:
            add(database, user, assignee_id=assignee)
        assert refused.value.code == "task_assignee"
    looking = seen_through(of(database, people.farmer), of(database, people.head))
    collector = add_user(database, "sardor", "data_engineer")
    for rights, user, code in (
        (of(database, people.other), people.other, "task_unknown"),
        (of(database, collector), collector, "task_unknown"),
        (looking, people.head, "viewing_only"),
    ):
        with pytest.raises(CrmError) as refused, database.begin() as session:
            tasks.complete(session, rights, mine.task_id, "done", acting(user), NOW)
        assert refused.value.code == code
    assert listed(database, people.farmer) == [mine.task_id]


@once
def test_windows_go_by_the_clock_of_the_installation(database: Database, people: People) -> None:
    over, now, late, next_ = (
        add(database, people.farmer, due).task_id for due in (GONE, TODAY, later(hours=10), TOMORROW)
    )
    # Ten hours later it is 23:00 in Tashkent, and still today.
    assert listed(database, people.farmer, Window.OVERDUE) == [over]
    assert listed(database, people.farmer, Window.TODAY) == [now, late]
    assert listed(database, people.farmer, Window.COMING) == [next_]
    with database.read() as session:
        counts = tasks.task_counts(session, of(database, people.farmer), NOW)
        days = tasks.calendar(session, of(database, people.farmer), NOW.date())
    assert [counts[each] for each in Window] == [1, 2, 1, 4, 0, 4]
    assert {each.day.day: len(each.tasks) for each in days if each.tasks} == {23: 3, 24: 1}
    assert len(days) == 30


@once
def test_changes_are_kept_and_a_second_writer_is_told(database: Database, people: People) -> None:
    made, rights, actor = add(database, people.farmer), of(database, people.farmer), acting(people.farmer)
    with database.begin() as session:
        moved = tasks.change(session, rights, made.task_id, actor, NOW, base=1, due_at=TOMORROW, priority="high")
    assert (moved.due_at, moved.priority, moved.revision) == (TOMORROW, "high", 2)
    with pytest.raises(CrmError) as refused, database.begin() as session:
        tasks.change(session, of(database, people.head), made.task_id, acting(people.head), NOW, base=1, title="Other")
    assert refused.value.code == "task_changed"
    with database.begin() as session:
        done = tasks.complete(session, rights, made.task_id, "They will pay on Friday", actor, later(hours=1))
    assert (done.state, done.result) == (TaskState.DONE, "They will pay on Friday")
    with pytest.raises(CrmError) as refused, database.begin() as session:
        tasks.cancel(session, rights, made.task_id, "twice", actor, NOW)
    assert refused.value.code == "task_state"
    with database.begin() as session:
        assert tasks.reopen(session, rights, made.task_id, actor, NOW).state == TaskState.OPEN
        kinds = [each.kind for each in tasks.task_history(session, rights, made.task_id)]
    assert kinds == ["created", "changed", "done", "reopened"]
    with database.read() as session:
        audited = session.scalars(select(AuditRow.details).where(AuditRow.object == "tasks").order_by(AuditRow.seq))
        assert [each["what"] for each in audited] == ["task_created", "task_changed", "task_done", "task_reopened"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": "party"}, "task_kind"),
        ({"priority": "urgent"}, "task_priority"),
        ({"remind_at": TOMORROW}, "task_reminder"),
        ({"signal_id": 4}, "signal_unknown"),
    ],
)
@once
def test_what_is_no_task_is_refused(database: Database, people: People, more: dict[str, Any], code: str) -> None:
    with pytest.raises(CrmError) as refused:
        add(database, people.farmer, **more)
    assert refused.value.code == code


def test_each_task_is_told_of_once_before_its_time_and_once_when_it_is_over(database: Database, people: People) -> None:
    add(database, people.farmer, TODAY, remind_at=later(hours=2))
    told = []
    for hours in (1, 2, 2.5, 3, 4):
        with database.begin() as session:
            told.append(tasks.remind(session, later(hours=hours)))
    assert told == [0, 1, 0, 1, 0]
    with database.read() as session:
        kinds = [each.kind for each in notices(session, people.farmer.user_id)]
    assert kinds == ["task_overdue", "task_reminder"]


@once
def test_what_a_rule_planned_ends_with_the_decision_on_its_signal_or_with_its_cause(
    database: Database, people: People
) -> None:
    live_rule(database, action={"kind": "task", "title": "Call", "due_days": 2})
    run(database, always(1, 2, 3), until=FIRST)
    rights, actor = of(database, people.farmer), acting(people.farmer)
    assert len(listed(database, people.farmer)) == 2
    with database.begin() as session:
        (one,) = (each.signal_id for each in signals.inbox(session, rights)[0] if each.customer_id == 1)
        signals.decide(session, rights, [one], "reacted", "called", actor, NOW, "agreed")
    run(database, always(3), until=FIRST + dt.timedelta(days=1))
    assert listed(database, people.farmer) == []
    with database.read() as session:
        ended = tasks.tasks(session, rights, NOW, TaskFilter(Window.DONE))[0]
    assert {each.customer_id: (each.state, each.result) for each in ended} == {
        1: (TaskState.DONE, "agreed"), 2: (TaskState.CANCELLED, "cause_gone"),
    }  # fmt: skip


@once
def test_what_people_write_about_customers_stays_in_their_tasks_and_signals(database: Database, people: People) -> None:
    """Titles, details, results and comments are full of names and numbers: the audit log says that they changed."""
    rights, actor, words = of(database, people.farmer), acting(people.farmer), "Карим Алимов, +998 90 123 45 67"
    live_rule(database)
    run(database, always(1), until=FIRST)
    with database.begin() as session:
        made = tasks.create(session, rights, words, TODAY, actor, NOW, description=words, customer_id=1)
        tasks.change(
            session, rights, made.task_id, actor, NOW, base=1, title=f"Again: {words}", description=f"2 {words}"
        )
        tasks.complete(session, rights, made.task_id, words, actor, NOW)
        found = signals.inbox(session, rights)[0]
        signals.decide(session, rights, [found[0].signal_id], "ignored", "other", actor, NOW, words)
    with database.read() as session:
        audited = [f"{row.subject} {row.reason} {row.details}" for row in session.scalars(select(AuditRow))]
    assert len(audited) > 4
    assert [each for each in audited if "Карим" in each or "123" in each] == []
