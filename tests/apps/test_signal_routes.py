"""Signals, rules and tasks by HTTP: who may do what, whose he sees, and what is refused with which words."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from apps.api.app import make_api
from crm.services import signals
from crm.services.actor import system
from crm.services.segments import Author
from crm.services.signals import RuleAuthor
from crm.services.signals.keeper import SignalKeeper
from segments.catalogue import Catalogue
from segments.engine import At
from tests.apps.api_client import As, clients_of
from tests.apps.conftest import pointed_at
from tests.apps.people import EVERYTHING, copy_accounts, database, now
from tests.apps.small_operator import AS_OF
from vitrina.signal_options import SignalOptions
from vitrina.signal_runs.plan import CUSTOMERS, FOUND, OUTCOMES, Findings

FALLS = {
    "version": 1, "kind": "rules", "audience": {"kind": "everyone"}, "priority": "high",
    "conditions": {"combinator": "and", "rules": [
        {"kind": "change", "measure": "payments_amount", "direction": "fall", "weeks": 4, "by_pct": 30}]},
    "check": {"every": "day"}, "outcome": {"kind": "churn", "within_days": 60},
}  # fmt: skip
# Customer → account manager: the hunter is E1, the farmer E2, the head E3.
MANAGERS = {4: "E1", 8: "E2", 12: "E2"}


@pytest.fixture(scope="module")
def home(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small operator with a rule in use and three signals of it."""
    made = tmp_path_factory.mktemp("signals")
    shutil.copytree(small_home / "published", made / "published", copy_function=shutil.copy2)
    copy_accounts(small_home, made)
    base = database(made)
    author = RuleAuthor(Author(Catalogue({}, {}, {}), At.current(AS_OF)), lambda _rule, _others: frozenset())
    with base.begin() as session:
        signals.create_rule(session, "Payments fall", FALLS, system("tests"), now(), author=author, key="falls")
        signals.put_live(session, "falls", system("tests"), now(), "tests")
    keeper = SignalKeeper(base, SignalOptions(first_days=1), now)
    row = {"rule_key": "falls", "day": AS_OF, "severity": 50.0, "value": 1.0, "baseline": 2.0, "change_pct": -50.0,
           "details": "[]", "customer_value": 10.0}  # fmt: skip
    found = pa.Table.from_pylist([{**row, "customer_id": each} for each in MANAGERS], FOUND)
    whose = [{"customer_id": each, "manager_id": manager, "region_code": "1726"} for each, manager in MANAGERS.items()]
    people, none = pa.Table.from_pylist(whose, CUSTOMERS), OUTCOMES.empty_table()
    assert keeper.record(Findings(1, AS_OF, keeper.plan(AS_OF), found, people, none)).raised == 3
    base.close()
    return made


@pytest.fixture
def client(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[As]:
    """A client for a login."""
    yield from (clients_of(pointed, make_api()) for pointed in pointed_at(home, monkeypatch))


def inbox(client: TestClient, **params: Any) -> dict[int, int]:
    """Signals by customer."""
    answer = client.get("signals", params=params)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["total"] == len(told["signals"])
    return {each["customer_id"]: each["signal_id"] for each in told["signals"]}


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["title"]


def test_each_sees_the_signals_that_his_right_reaches(client: As) -> None:
    assert inbox(client("hunter")).keys() == {4}
    assert inbox(client("farmer")).keys() == {8, 12}
    assert inbox(client("product_analyst")).keys() == {4, 8, 12}
    assert inbox(client("system_administrator", view_as="farmer")).keys() == {8, 12}
    assert [each["customer_id"] for each in client("hunter").get("customers/8/signals").json()] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "signals"), ("GET", "signals/1"), ("POST", "signals/decide"), ("GET", "signal-rules"), ("GET", "tasks"),
     ("POST", "signal-rules/falls/live"), ("GET", "signal-figures?since=2026-01-01&until=2026-12-31")],
)  # fmt: skip
def test_who_has_not_the_right_or_the_scope_gets_nothing(client: As, method: str, path: str) -> None:
    bodies = {"signals/decide": {"signals": [1], "decision": "reacted", "reason": "called"}}
    body = bodies.get(path, {"reason": "x"}) if method == "POST" else None
    refused = client(EVERYTHING, {"sql"}).request(method, path, json=body)
    assert code(refused) == (403, "scope_missing")
    if path != "tasks":
        refused = client("first_line_operator").request(method, path, json=body)
        assert code(refused) == (403, "right_missing")


def test_a_decision_over_http_and_what_is_refused(client: As) -> None:
    farmer, one = client("farmer"), inbox(client("farmer"))[8]
    body = {"signals": [one], "decision": "reacted", "reason": "called", "comment": "agreed"}
    assert code(client("hunter").post("signals/decide", json=body)) == (404, "signal_unknown")
    assert code(client("product_analyst").post("signals/decide", json=body)) == (403, "right_missing")
    looking = client("system_administrator", view_as="farmer").post("signals/decide", json=body)
    assert code(looking) == (403, "viewing_only")
    assert code(farmer.post("signals/decide", json={**body, "reason": "seasonal"})) == (400, "signal_reason")
    assert farmer.post("signals/decide", json={**body, "colour": 1}).status_code == 422
    (done,) = farmer.post("signals/decide", json=body).json()
    assert (done["state"], done["decided_login"]) == ("decided", "farmer")
    told = farmer.get(f"signals/{one}").json()
    assert [each["kind"] for each in told["history"]] == ["raised", "reacted"]
    assert inbox(farmer, state="decided").keys() == {8}
    until = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=7)).isoformat()
    assert farmer.post("signals/snooze", json={"signals": [one], "until": until}).json()[0]["state"] == "snoozed"
    assert farmer.post("signals/reopen", json={"signals": [one]}).json()[0]["state"] == "seen"
    assert farmer.get("signal-reasons", headers={"accept-language": "uz"}).json()["ignored"]["other"] == "Boshqa"


def test_rules_are_written_within_ones_reach_and_released_by_who_may(client: As) -> None:
    analyst, head = client("product_analyst"), client("head_of_marketing")
    made = analyst.post("signal-rules", json={"name": "Less data", "rule": FALLS})
    assert made.status_code == 201, made.text
    key = made.json()["key"]
    assert code(analyst.post(f"signal-rules/{key}/live", json={"reason": "now"})) == (403, "right_missing")
    assert code(client("farmer").patch(f"signal-rules/{key}", json={"base": 1, "name": "Mine"})) == (
        403, "rule_out_of_reach",
    )  # fmt: skip
    wrong = {**FALLS, "conditions": {"combinator": "and", "rules": [{"kind": "change", "measure": "happiness"}]}}
    told = analyst.patch(f"signal-rules/{key}", json={"base": 1, "rule": wrong})
    assert code(told) == (422, "definition")
    assert told.json()["problems"][0]["path"][:2] == ["conditions", "rules"]
    saved = analyst.patch(f"signal-rules/{key}", json={"base": 1, "rule": {**FALLS, "priority": "low"}})
    assert saved.json()["revision"] == 2
    assert code(analyst.patch(f"signal-rules/{key}", json={"base": 1, "name": "Late"})) == (409, "rule_changed")
    assert head.post(f"signal-rules/{key}/trial", json={"reason": "see"}).json()["status"] == "shadow"
    assert head.post(f"signal-rules/{key}/archive", json={"reason": "enough"}).json()["status"] == "archived"


def test_sql_is_for_those_who_may_and_over_what_they_see_uncovered(client: As) -> None:
    text = "select customer_id, 1 as value, 1 as severity from dim_customers where created_date <= $day"
    sql = {name: each for name, each in FALLS.items() if name != "conditions"} | {"kind": "sql", "sql": text}
    analyst = client("product_analyst")
    covered = analyst.post("signal-rules", json={"name": "x", "rule": {**sql, "sql": f"{text} and pinfl is not null"}})
    assert code(covered) == (422, "definition")
    assert [each["path"] for each in covered.json()["problems"]] == [["sql"]]
    closed = analyst.post(
        "signal-rules", json={"name": "x", "rule": {**sql, "sql": text.replace("dim_customers", "users")}}
    )
    assert code(closed) == (404, "table_closed")
    assert analyst.post("signal-rules", json={"name": "Newcomers", "rule": sql}).status_code == 201
    # Who may not ask the gate by HTTP writes no rules by HTTP.
    assert code(client("farmer").post("signal-rules", json={"name": "x", "rule": FALLS})) == (403, "purpose_closed")


def test_tasks_and_what_one_is_told(client: As) -> None:
    farmer, due = client("farmer"), (now() + dt.timedelta(days=1)).isoformat()
    before = farmer.get("tasks", params={"window": "coming"}).json()["total"]
    made = farmer.post("tasks", json={"title": "Call", "due_at": due, "kind": "call"})
    assert made.status_code == 201, made.text
    number = made.json()["task_id"]
    assert client("hunter").get(f"tasks/{number}").status_code == 404
    about = client(EVERYTHING).post("tasks", json={"title": "Call", "due_at": due, "customer": 999, "assignee": "E2"})
    assert code(about) == (404, "customer_unknown")
    assert code(farmer.post("tasks", json={"title": "Call", "due_at": due, "assignee": "E1"})) == (403, "task_assignee")
    moved = farmer.patch(f"tasks/{number}", json={"base": 1, "title": "Call again", "remind_at": due})
    assert (moved.json()["title"], moved.json()["revision"]) == ("Call again", 2)
    listed = farmer.get("tasks", params={"window": "coming"}).json()
    assert (listed["total"], listed["counts"]["coming"]) == (before + 1, before + 1)
    days = farmer.get("task-calendar", params={"month": made.json()["due_at"][:10]}).json()
    assert number in [task["task_id"] for each in days for task in each["tasks"]]
    assert farmer.post(f"tasks/{number}/complete", json={"text": "Paid"}).json()["state"] == "done"
    assert code(farmer.post(f"tasks/{number}/cancel", json={"text": "late"})) == (409, "task_state")
    assert farmer.put("notice-settings", json={"digest": "weekly", "weekday": 5}).json()["digest"] == "weekly"
    assert farmer.get("notice-settings").json()["weekday"] == 5
    looking = client("system_administrator", view_as="farmer").put("notice-settings", json={"digest": "off"})
    assert code(looking) == (403, "viewing_only")
