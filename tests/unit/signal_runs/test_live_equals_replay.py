"""What a run raises day by day is what a replay of the same days tells, event by event."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from sqlalchemy import select

from crm.database import Database
from crm.models import Signal, SignalEvent, SignalRun
from crm.services import signals
from segments.catalogue import Catalogue
from signals.questions import replay
from tests.signal_reference.world import LAST
from tests.unit.signal_runs.operator import NOW, SYSTEM, Operator, company, desk, document, manager_of, parsed
from vitrina.signal_runs.evaluate import evaluate
from vitrina.signal_runs.plan import Findings, Plan, WantedRule

FIRST = LAST - dt.timedelta(days=13)
Told = Counter[tuple[str, str, int, dt.date]]


def told(database: Database) -> Told:
    """Events of signals as the desk has them, and what limits held back."""
    kinds = ("raised", "raised_again", "closed", "held_back")
    with database.read() as session:
        rows = session.scalars(select(SignalEvent).where(SignalEvent.kind.in_(kinds)))
        return Counter((row.kind, row.rule_key, row.customer_id, row.day) for row in rows)


def replayed(database: Database) -> Told:
    """The same by the engine's own replay."""
    staff, rules = company(database), parsed()
    found = replay(
        Operator(), rules, Catalogue({}, {}, {}), FIRST, LAST,
        lambda key, customer: staff.owner(rules[key].owner, *manager_of(customer)),
    )  # fmt: skip
    passed_over = ("open", "cooling", "snoozed")
    events = found.events.to_pylist()
    return Counter(
        (each["kind"], each["rule_key"], each["customer_id"], each["day"])
        for each in events
        if not (each["kind"] == "held_back" and each["reason"] in passed_over)
    )


@pytest.mark.parametrize("step", [1, 14])
def test_live_runs_raise_what_a_replay_tells(database: Database, step: int) -> None:
    keeper, operator = desk(database, FIRST), Operator()
    for number in range(step - 1, 14, step):
        day = FIRST + dt.timedelta(days=number)
        # On some days with nothing of what came after them, so that no run can have known more than it could.
        rows = Operator(day) if number in (0, 6) else operator
        keeper.record(evaluate(keeper.plan(day), rows, 1, day))
    expected = replayed(database)
    assert {kind for kind, *_ in expected} == {"raised", "raised_again", "closed", "held_back"}
    assert len(expected) > 100
    assert told(database) == expected


def test_owners_are_those_of_the_rule_and_nothing_is_raised_twice(database: Database) -> None:
    keeper, operator = desk(database), Operator()
    first = keeper.record(evaluate(keeper.plan(LAST), operator, 1, LAST))
    assert first.raised > 50
    assert keeper.plan(LAST).rules == {}
    with database.read() as session:
        rows = session.execute(select(Signal.customer_id, Signal.owner_id).distinct()).tuples().all()
        runs = session.scalars(select(SignalRun)).all()
    # E3 left: the head above him has to act; persons have nobody.
    expected = {None: None, "E1": "E1", "E2": "E2", "E3": "E9"}
    assert {owner for _, owner in rows} == set(expected.values())
    assert all(owner == expected[manager_of(customer)[0]] for customer, owner in rows)
    assert len({run.day for run in runs}) == len(runs) == 28


def test_outcomes_come_from_the_engine_when_facts_can_tell(database: Database) -> None:
    keeper, operator = desk(database), Operator()
    keeper.record(evaluate(keeper.plan(LAST), operator, 1, LAST))
    wanted = keeper.plan(LAST).outcomes
    assert {LAST - dt.date.fromisoformat(each.day) >= dt.timedelta(days=20) for each in wanted} == {True}
    assert keeper.record(evaluate(keeper.plan(LAST), operator, 1, LAST)).outcomes == len(wanted) > 10
    with database.read() as session:
        known = Counter(session.scalars(select(Signal.outcome).where(Signal.outcome.is_not(None))))
    assert set(known) == {True, False}


def test_a_rule_that_cannot_run_leaves_the_others_alone(database: Database) -> None:
    keeper, operator = desk(database), Operator()
    operator.connection.execute("DROP TABLE fct_invoices")
    operator.tables -= {"fct_invoices"}
    done = keeper.record(evaluate(keeper.plan(LAST), operator, 1, LAST))
    assert (done.failed, done.raised > 50) == (1, True)
    with database.read() as session:
        failed = {each.key: each.last_error for each in signals.rules(session, None) if each.last_error}
    assert list(failed) == ["debt"]
    assert "fct_invoices" in failed["debt"]


def test_sql_that_names_more_than_the_marts_never_runs(database: Database) -> None:
    operator = Operator()
    text = "select customer_id, 1 as value, 1 as severity from secrets where day <= $day"
    wanted = {**document({}), "kind": "sql", "sql": text}
    wanted.pop("conditions")
    operator.connection.execute("CREATE TABLE secrets AS SELECT 1 AS customer_id, DATE '2025-01-01' AS day")
    found = evaluate(Plan({"sly": WantedRule(1, wanted, False, (LAST.isoformat(),))}), operator, 1, LAST)
    assert list(found.failed) == ["sly"]
    assert found.found.num_rows == 0


def test_findings_and_plans_travel_between_processes_unchanged(database: Database, tmp_path: Path) -> None:
    keeper = desk(database)
    plan = keeper.plan(LAST)
    assert Plan.from_json(plan.to_json()) == plan
    found = evaluate(plan, Operator(), 7, LAST)
    found.write(tmp_path)
    again = Findings.read(tmp_path)
    assert (again.plan, again.snapshot, again.as_of) == (plan, 7, LAST)
    assert again.found.equals(found.found)
    assert again.customers.equals(found.customers)


def test_the_mart_holds_every_signal_with_its_decision(database: Database, tmp_path: Path) -> None:
    keeper = desk(database)
    raised = keeper.record(evaluate(keeper.plan(LAST), Operator(), 1, LAST)).raised
    with database.begin() as session:
        (one, *_), _ = signals.inbox(session, None)
        signals.decide(session, None, [one.signal_id], "ignored", "known", SYSTEM, NOW + dt.timedelta(hours=6))
    again = keeper.history(tmp_path / "history.parquet")
    rows = {row["signal_id"]: row for row in parquet.read_table(tmp_path / "history.parquet").to_pylist()}
    assert again == len(rows) >= raised
    told_of = rows[one.signal_id]
    assert (told_of["decision"], told_of["decision_reason"], told_of["hours_to_decision"]) == ("ignored", "known", 6.0)
    assert sum(row["decision"] is None for row in rows.values()) == len(rows) - 1
