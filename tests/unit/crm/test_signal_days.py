"""Days of rules become signals: raised once, closed, raised again when worse, held back, assigned, told of."""

import datetime as dt
import threading
from dataclasses import replace

import pyarrow as pa
from company import employee, load
from company import employees as staff_rows
from crm_people import NOW, SYSTEM, acting, later
from segment_desk import TODAY, once
from signal_company import (
    AUTHOR,
    CUSTOMER,
    FIRST,
    always,
    company,
    document,
    findings,
    keeper,
    live_rule,
    of,
    run,
)
from sqlalchemy import select

from crm.database import Database
from crm.models import SignalEvent, SignalRun, Task
from crm.services import signals, tasks
from crm.services.notices import notices
from crm.services.signals import Filter, RuleStatus, State
from crm.services.stand_ins import add_stand_in

EVERY = Filter(states=tuple(State))


def found(database: Database, wanted: Filter = EVERY) -> list[signals.SignalInfo]:
    with database.read() as session:
        return signals.inbox(session, None, wanted, sort=signals.Sort.OLDEST, limit=1000)[0]


def test_what_is_found_every_day_is_raised_once_and_a_rerun_changes_nothing(database: Database) -> None:
    company(database)
    key = live_rule(database)
    first = run(database, always(1, 3))
    assert (first.days, first.raised, first.closed) == (7, 2, 0)
    assert [(each.customer_id, each.day, each.times) for each in found(database)] == [(1, FIRST, 1), (3, FIRST, 1)]
    assert run(database, always(1, 3)).days == 0
    with database.read() as session:
        assert len(session.scalars(select(SignalRun)).all()) == 7
        assert signals.rule(session, None, key).evaluated_until == TODAY


def test_two_runs_that_looked_at_the_same_days_raise_each_signal_once(database: Database) -> None:
    company(database)
    live_rule(database)
    both = [findings(database, always(1, 2, 3)) for _ in range(2)]
    recorded: list[int] = []
    runs = [threading.Thread(target=lambda f=each: recorded.append(keeper(database).record(f).raised)) for each in both]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert sum(recorded) == len(found(database)) == 3


@once
def test_a_signal_closes_when_its_cause_is_gone_and_comes_back_after_the_cool_down(database: Database) -> None:
    company(database)
    live_rule(database, cool_down_days=3)
    gone = TODAY - dt.timedelta(days=4)
    told = run(database, lambda _rule, day, customer: 50.0 if customer == 1 and day != gone else None)
    assert (told.raised, told.closed) == (2, 1)
    first, second = found(database)
    assert (first.state, first.closed_why, first.day) == (State.CLOSED, "cause_gone", FIRST)
    # Two days after it closed three days have gone since it was raised: it may come again.
    assert (second.state, second.day) == (State.OPEN, FIRST + dt.timedelta(days=3))


@once
def test_a_signal_that_became_worse_is_raised_again_and_stays_one(database: Database) -> None:
    people = company(database)
    live_rule(database)
    run(database, always(1), until=FIRST)
    (raised,) = found(database)
    with database.begin() as session:
        signals.see(session, of(database, people.farmer), [raised.signal_id], acting(people.farmer), NOW)
    assert run(database, always(1, severity=60.0), until=FIRST + dt.timedelta(days=1)).raised_again == 0
    assert run(database, always(1, severity=63.0), until=FIRST + dt.timedelta(days=2)).raised_again == 1
    (again,) = found(database)
    assert (again.signal_id, again.state, again.times, again.severity) == (raised.signal_id, State.OPEN, 2, 63.0)
    assert again.last_day == FIRST + dt.timedelta(days=2)


@once
def test_what_limits_hold_back_is_written_down_and_competes_again(database: Database) -> None:
    company(database)
    live_rule(database, limits={"per_owner_a_day": 1, "a_day": 3})
    told = run(database, always(1, 2, 3), until=FIRST)
    assert (told.raised, told.held_back) == (2, 1)
    # The manager's most valuable customer was kept, the other one comes on the next day.
    assert {each.customer_id for each in found(database)} == {1, 3}
    with database.read() as session:
        held = session.scalars(select(SignalEvent).where(SignalEvent.kind == "held_back")).one()
    assert (held.customer_id, held.reason, held.signal_id) == (2, "owner_limit", None)
    assert run(database, always(1, 2, 3), until=FIRST + dt.timedelta(days=1)).raised == 1


@once
def test_owners_are_managers_then_heads_then_nobody(database: Database) -> None:
    people = company(database)
    stay = [row for row in staff_rows() if row["employee_id"] not in ("E3", "E4")]
    head = {**employee("E3", "U01-sales"), "position": "head"}
    load(database, people=[*stay, head, employee("E4", "G01-farmers", employed=False)])
    live_rule(database)
    run(database, always(*CUSTOMER), until=FIRST)
    owners = {each.customer_id: each.owner_id for each in found(database)}
    # Who left is followed by the head above him; region 02 has no head.
    assert owners == {1: "E3", 2: "E3", 3: "E5", 4: "E10", 5: None}
    with database.read() as session:
        seen, total = signals.inbox(session, of(database, people.head), Filter(unassigned=True))
    assert total == 0
    assert seen == []


@once
def test_signals_follow_their_customers_and_stay_with_nobody_who_left(database: Database) -> None:
    company(database)
    live_rule(database)
    run(database, always(1, 2, 3), until=FIRST)
    with database.begin() as session:
        two = next(each.signal_id for each in signals.inbox(session, None)[0] if each.customer_id == 2)
        signals.assign(session, None, [two], "E10", SYSTEM, NOW, "knows him")
    # The account manager of customers 1 and 2 is now E5, who then leaves: the head has to act.
    moved = findings(database, always(1, 2, 3), until=FIRST + dt.timedelta(days=1))
    people = moved.customers.to_pylist()
    new = [{**each, "manager_id": "E5"} if each["customer_id"] in (1, 2) else each for each in people]
    keeper(database).record(replace(moved, customers=pa.Table.from_pylist(new, moved.customers.schema)))
    assert {each.customer_id: each.owner_id for each in found(database)} == {1: "E5", 2: "E10", 3: "E5"}
    stay = [row for row in staff_rows() if row["employee_id"] not in ("E3", "E5")]
    head = {**employee("E3", "U01-sales"), "position": "head"}
    load(database, people=[*stay, head, employee("E5", "G01-farmers", employed=False)])
    run(database, always(3), until=FIRST + dt.timedelta(days=2))
    (third,) = (each for each in found(database) if each.customer_id == 3)
    assert (third.owner_id, third.manager_id) == ("E3", "E5")


@once
def test_a_manager_who_was_not_known_yet_gets_his_signals_when_he_is(database: Database) -> None:
    company(database)
    live_rule(database)
    first = findings(database, always(1), until=FIRST)
    unknown = [{**each, "manager_id": "E77"} for each in first.customers.to_pylist()]
    keeper(database).record(replace(first, customers=pa.Table.from_pylist(unknown, first.customers.schema)))
    assert [each.owner_id for each in found(database)] == [None]
    load(database, people=[*staff_rows(), employee("E77", "G01-farmers")])
    second = findings(database, always(1), until=FIRST + dt.timedelta(days=1))
    keeper(database).record(replace(second, customers=pa.Table.from_pylist(unknown, first.customers.schema)))
    assert [each.owner_id for each in found(database)] == ["E77"]


@once
def test_rules_on_trial_tell_nobody_and_what_they_counted_binds_nothing_in_use(database: Database) -> None:
    people = company(database)
    with database.begin() as session:
        key = signals.create_rule(session, "Trial", document(), SYSTEM, NOW, author=AUTHOR).key
        signals.put_in_shadow(session, key, SYSTEM, NOW, "see first")
    told = run(database, always(1, 3), until=FIRST)
    assert (told.raised, told.on_trial) == (0, 2)
    assert found(database) == []
    with database.read() as session:
        assert signals.trial(session, key)[1] == 2
        assert notices(session, people.farmer.user_id) == []
    with database.begin() as session:
        assert signals.put_live(session, key, SYSTEM, NOW, "good").status == RuleStatus.LIVE
    assert run(database, always(1, 3), until=FIRST + dt.timedelta(days=1)).raised == 2


@once
def test_people_are_told_once_for_a_rule_until_they_read_it_and_stand_ins_too(database: Database) -> None:
    people = company(database)
    with database.begin() as session:
        add_stand_in(session, "E4", "E5", NOW.date(), NOW.date(), SYSTEM, NOW, "leave")
    live_rule(database)
    run(database, always(1), until=FIRST)
    run(database, always(1, 2), until=FIRST + dt.timedelta(days=1))
    with database.read() as session:
        for user in (people.farmer, people.colleague):
            (told,) = notices(session, user.user_id)
            assert (told.kind, told.values["count"], told.priority) == ("signals_raised", 2, "high")
        assert notices(session, people.other.user_id) == []


@once
def test_a_rule_may_plan_a_task_for_each_signal(database: Database) -> None:
    people = company(database)
    live_rule(database, action={"kind": "task", "title": "Call about payments", "due_days": 2})
    run(database, always(1))
    with database.read() as session:
        rows, total = tasks.tasks(session, of(database, people.farmer), NOW)
        assert session.scalars(select(Task.made_of)).one() == f"signal {found(database)[0].signal_id}"
    assert (total, rows[0].title, rows[0].customer_id) == (1, "Call about payments", 1)
    assert rows[0].due_at.date() == NOW.date() + dt.timedelta(days=2)


@once
def test_outcomes_are_measured_when_their_time_is_over_and_once(database: Database) -> None:
    company(database)
    live_rule(database, outcome={"kind": "churn", "within_days": 5})
    run(database, always(1, 3), until=FIRST)
    assert keeper(database).plan(FIRST + dt.timedelta(days=4)).outcomes == ()
    wanted = keeper(database).plan(TODAY).outcomes
    assert {(each.customer_id, each.kind, each.within_days) for each in wanted} == {(1, "churn", 5), (3, "churn", 5)}
    known = {each.signal_id: each.customer_id == 1 for each in wanted}
    assert run(database, always(1, 3), outcomes=known).outcomes == 2
    assert run(database, always(1, 3), outcomes={key: True for key in known}).outcomes == 0
    assert {each.customer_id: each.outcome for each in found(database)} == {1: True, 3: False}


@once
def test_a_rule_that_fails_costs_nobody_but_itself_and_is_told_of_once(database: Database) -> None:
    people = company(database)
    good = live_rule(database)
    with database.begin() as session:
        bad = signals.create_rule(
            session, "Broken", document(), SYSTEM, NOW, author=AUTHOR, owner_id=people.head.user_id
        ).key
        signals.put_live(session, bad, SYSTEM, NOW, "test")
    for _ in range(2):
        run(database, always(1), failed={bad: "no such measure"})
    with database.read() as session:
        assert [each.kind for each in notices(session, people.head.user_id)] == ["rule_failed"]
        kept = {each.key: (each.last_error, each.evaluated_until) for each in signals.rules(session, None)}
    assert kept == {bad: ("no such measure", None), good: ("", TODAY)}


@once
def test_a_rule_changed_while_its_days_were_computed_is_left_for_the_next_run(database: Database) -> None:
    company(database)
    key = live_rule(database)
    old = findings(database, always(1))
    with database.begin() as session:
        base = signals.rule(session, None, key).revision
        signals.save_rule(
            session, key, SYSTEM, NOW, base=base, author=AUTHOR, document=document(cool_down_days=14), reason="shorter"
        )
        signals.put_live(session, key, SYSTEM, NOW, "shorter")
    assert keeper(database).record(old).raised == 0
    assert run(database, always(1)).raised == 1


@once
def test_a_rule_that_rested_begins_with_the_days_of_the_setting_and_not_all_it_missed(database: Database) -> None:
    company(database)
    key = live_rule(database)
    run(database, always(1), until=FIRST)
    with database.begin() as session:
        signals.pause(session, key, SYSTEM, NOW, "holidays")
    assert keeper(database).plan(TODAY).rules == {}
    with database.begin() as session:
        signals.put_live(session, key, SYSTEM, later(days=30), "back")
    assert len(keeper(database).plan(TODAY + dt.timedelta(days=30)).rules[key].days) == 7
