"""Managers' figures by HTTP: what the pages show, for whom the right reaches, and nothing else."""

import datetime as dt
from pathlib import Path

import pytest

from apps.api.app import make_api
from crm.services import performance
from crm.services.performance import EMPLOYEE, Period, Subject
from tests.apps.api_client import As, clients_of
from tests.apps.people import EVERYTHING, now
from tests.apps.test_performance_pages import KPIS, changing, forgotten, independent, planned

pytestmark = pytest.mark.usefixtures("use_home")
__all__ = ["forgotten"]


@pytest.fixture
def client(small_home: Path) -> As:
    """A client for a login, with the scopes of his token when there are any."""
    return clients_of(small_home, make_api(), "http://test/v1/performance", raises=True)


@pytest.mark.usefixtures("forgotten")
def test_figures_are_those_of_the_marts_with_plan_and_forecast(client: As, small_home: Path) -> None:
    planned(small_home, Period(dt.date(2026, 11, 1)), {"E2": 700_000})
    told = client(EVERYTHING).get("figures", params={"employee": "E2"}).json()
    wanted = independent(small_home).filter(employee_id="E2", month=dt.date(2026, 11, 1))
    facts = {each["kpi"]: each for each in told["items"]}
    for kpi, value in zip(wanted["kpi"], wanted["value"], strict=True):
        assert facts[kpi]["fact"] == float(value)
    assert facts["revenue"]["plan"] == 700_000
    forecast = facts["payments"]["forecast"]
    assert forecast["low"] <= forecast["expected"] <= forecast["high"]
    assert forecast["confidence"] == 0.8
    assert told["bonus"] is None
    both = client(EVERYTHING).get("figures").json()
    assert both["employees"] == ["E1", "E2"]
    assert {each["kpi"]: each["plan"] for each in both["items"]}["revenue"] == 700_000


def test_a_manager_reads_his_own_figures_and_nobody_else_s(client: As) -> None:
    own = client("farmer").get("figures")
    assert own.status_code == 200
    assert own.json()["employees"] == ["E2"]
    assert client("farmer").get("figures", params={"employee": "E1"}).status_code == 404


def test_who_has_no_right_or_scope_gets_no_figures(client: As) -> None:
    assert client("marketing_specialist").get("figures").status_code == 403
    assert client(EVERYTHING, {"segments"}).get("figures").status_code == 403
    assert client(EVERYTHING).get("figures", params={"employee": "E99"}).status_code == 404
    assert client(EVERYTHING).get("figures", params={"department": "X"}).status_code == 404
    assert client(EVERYTHING).get("figures", params={"period": "2026-11-02"}).status_code == 400


@pytest.mark.usefixtures("forgotten")
def test_plans_are_read_with_their_lines_by_whom_they_are_open_to(client: As, small_home: Path) -> None:
    with changing(small_home, "head_of_b2b") as (session, head):
        made = performance.new_plan(session, Period(dt.date(2026, 11, 1)), "B2B", head, now())
        lines = {(Subject(EMPLOYEE, "E1"), "revenue"): 12_345}
        performance.save_lines(session, made.plan_id, lines, head, now(), base=1, origin={}, kpis=KPIS)
    found = client("head_of_b2b").get(f"plans/{made.plan_id}").json()
    assert {(each["kind"], each["id"]): each["amount"] for each in found["lines"]}["employee", "E1"] == 123.45
    assert found["state"] == "draft"
    assert [each["plan_id"] for each in client("commercial_director").get("plans").json()["items"]] == [made.plan_id]
    assert client("farmer").get("plans").json()["items"] == []
    assert client("farmer").get(f"plans/{made.plan_id}").status_code == 404
    assert client("head_of_b2b").get("plans/999").status_code == 404
