"""Campaigns by HTTP: from the concept to the start by two people, files of agencies, and who may not."""

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from apps.api.app import make_api
from crm.services.campaigns import routes
from tests.apps.api_client import As, clients_of
from tests.apps.people import EVERYTHING, database, now

pytestmark = pytest.mark.usefixtures("use_home")
WRITER, HEAD, DIRECTOR = "marketing_specialist", "head_of_marketing", "commercial_director"
TODAY = dt.date.today()
MONTH = TODAY.replace(day=1).isoformat()
# The ledger and the log are append-only: the tables are emptied by taking the triggers' right to object.
APPEND_ONLY = ("budget_entries", "campaign_events", "campaign_comments", "campaign_conclusions", "channel_costs",
               "contact_policies")  # fmt: skip
TABLES = (
    "agency_report_rows", "agency_reports", "media_plan_lines", "budget_entries", "campaign_budget_lines",
    "budget_limits", "channel_costs", "contact_policies", "message_template_versions", "message_templates",
    "campaign_approvals", "campaign_approval_routes", "campaign_conclusions", "campaign_kpis", "campaign_comments",
    "campaign_events", "campaign_versions", "campaigns",
)  # fmt: skip


@pytest.fixture
def client(small_home: Path) -> Iterator[As]:
    """A client for a login; what it leaves is taken away."""
    base = database(small_home)
    with base.begin() as session:
        from crm.services.actor import system

        routes.install_routes(session, system("tests"), now())
    yield clients_of(small_home, make_api(), raises=True)
    with base.begin() as session:
        guards = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _ in guards:
            session.execute(text(f"DROP TRIGGER {name}"))
        for table in TABLES:
            session.execute(text(f"DELETE FROM {table}"))
        for _, sql in guards:
            session.execute(text(sql))
    base.close()


def flow(template: str) -> dict[str, Any]:
    """One message to everybody."""
    return {
        "version": 1,
        "nodes": [
            {"id": "a", "kind": "audience", "data": {}},
            {"id": "m", "kind": "message", "data": {"channel": "sms", "template": template}},
            {"id": "e", "kind": "end", "data": {"reason": "done"}},
        ],
        "edges": [{"source": "a", "port": "next", "target": "m"}, {"source": "m", "port": "next", "target": "e"}],
    }


def document(**more: Any) -> dict[str, Any]:
    """A campaign as a file has it."""
    return {
        "version": 1, "name": "Bundles", "kind": "targeted", "goal": "More bundles", "customer_type": "person",
        "audience": {"definition": {"combinator": "and", "rules": []}, "enter": "once"}, "flow": flow("hello"),
        "starts_on": TODAY.isoformat(), "ends_on": (TODAY + dt.timedelta(20)).isoformat(),
        "responsible_login": WRITER, "budget": [{"channel": "sms", "month": MONTH, "need": "1000"}],
        "kpis": [{"code": "reach", "name": "Reach", "unit": "customers", "target": 100, "direction": "at_least"}],
        **more,
    }  # fmt: skip


def test_a_campaign_is_written_approved_by_another_and_started(client: As) -> None:
    writer, head = client(WRITER), client(HEAD)
    texts = {language: {"text": "Hi {{ first_name | default_text('') }}"} for language in ("ru", "uz")}
    made = writer.post("message-templates", json={"name": "Hello", "key": "hello", "channel": "sms", "variants": texts})
    assert made.status_code == 201
    assert writer.post("message-templates/hello/publish", json={"reason": "first"}).json()["published"] == 1
    limit = {"period_kind": "month", "period_start": MONTH, "amount": 5000, "reason": "plan"}
    assert head.put("campaign-limits", json=limit).status_code == 200
    assert writer.put("campaigns/bundles/document", json=document()).json()["stage"] == "concept"
    assert writer.post("campaigns/bundles/stage/design", json={}).json()["stage"] == "design"
    waiting = writer.post("campaigns/bundles/submit", json={}).json()
    assert waiting["stage"] == "approval"
    own = writer.post("campaigns/bundles/approve", json={"seen": waiting["fingerprint"]})
    assert own.status_code == 403
    assert [each["campaign_id"] for each in head.get("campaign-approvals").json()] == [waiting["campaign_id"]]
    assert head.post("campaigns/bundles/approve", json={"seen": "0" * 64}).status_code == 409
    agreed = head.post("campaigns/bundles/approve", json={"seen": waiting["fingerprint"], "comment": "fine"})
    assert agreed.json()["stage"] == "ready"
    assert writer.get("campaigns/bundles/budget").json()["lines"][0]["reserved"] == 1000
    one = writer.get("campaigns/bundles").json()
    assert set(one["next"]) == {"redesign", "approval_dropped", "start", "stop"}
    assert writer.post("campaigns/bundles/stage/start", json={}).json()["stage"] == "running"
    told = writer.get("campaigns/bundles/history").json()
    assert [each["what"] for each in told["events"]][:2] == ["start", "approved"]
    assert writer.get("campaigns", params={"stage": "running"}).json()["stages"]["running"] == 1


def test_what_is_missing_is_told_at_its_place_in_the_callers_language(client: As) -> None:
    writer = client(WRITER)
    writer.put("campaigns/bundles/document", json=document(flow=None))
    writer.post("campaigns/bundles/stage/design", json={})
    refused = writer.post("campaigns/bundles/submit", json={}, headers={"Accept-Language": "ru"})
    assert refused.status_code == 422
    assert refused.json()["problems"][0] == {"path": ["flow"], "message": "Нет сценария.", "mend": ""}


def test_two_who_write_at_once_are_told_and_a_file_overwrites_nobody(client: As) -> None:
    writer = client(WRITER)
    made = writer.put("campaigns/bundles/document", json=document()).json()
    kept = writer.get("campaigns/bundles/document").json()
    changed = writer.patch("campaigns/bundles", json={"base": made["revision"], "goal": "Fewer who leave"})
    assert changed.status_code == 200
    late = writer.patch("campaigns/bundles", json={"base": made["revision"], "goal": "Late"})
    assert (late.status_code, late.json()["title"]) == (409, "campaign_changed")
    assert writer.put("campaigns/bundles/document", json={**kept, "goal": "File"}).status_code == 409
    assert writer.get("campaigns/bundles").json()["goal"] == "Fewer who leave"


def test_the_brief_goes_to_the_agency_and_comes_back_as_the_plan_and_the_report(client: As) -> None:
    writer = client(WRITER)
    made = writer.put("campaigns/brand/document", json=document(kind="mass", flow=None, audience={}, budget=[])).json()
    line = {
        "code": "TV-1",
        "channel": "tv",
        "starts_on": TODAY.isoformat(),
        "ends_on": TODAY.isoformat(),
        "cost": "600",
    }
    plan = writer.put("campaigns/brand/media-plan", json={"base": made["revision"], "lines": [line]})
    assert plan.status_code == 200
    brief = writer.get("campaigns/brand/brief", headers={"Accept-Language": "uz"}).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(brief)).get_sheet_by_index(0).to_python()
    assert rows[0][:2] == ["Kampaniya", "Bundles"]
    base = writer.get("campaigns/brand").json()["revision"]
    back = writer.post("campaigns/brand/media-plan/file", params={"base": base}, content=brief).json()
    assert [(each["code"], each["cost"]) for each in back["lines"]] == [("TV-1", 600)]
    report = f"code;date;reach\nTV-1;{TODAY};4000\nTV-2;{TODAY};1\n".encode()
    told = writer.post("campaigns/brand/agency-reports", params={"file_name": "r.csv"}, content=report).json()
    assert (told["received"], told["accepted"], told["quarantined"]) == (2, 1, 1)
    assert {name: told["refused"][0][name] for name in ("file", "row", "field")} == {
        "file": "r.csv", "row": 3, "field": "code"
    }  # fmt: skip
    assert writer.get("campaigns/brand/media-plan").json()[0]["reach"] == 4000
    withdrawn = f"campaigns/brand/agency-reports/{told['report_id']}/withdraw"
    writer.put("campaigns/other/document", json=document())
    elsewhere = withdrawn.replace("brand", "other")
    assert writer.post(elsewhere, json={"reason": "not mine"}).status_code == 404
    assert writer.post(withdrawn, json={"reason": "wrong"}).json()["withdrawn_reason"] == "wrong"


@pytest.mark.parametrize("path", ["campaigns", "campaign-routes", "campaign-limits", "message-templates",
                                  "contact-policies", "channel-costs", "campaign-approvals"])  # fmt: skip
def test_without_the_right_or_the_scope_nothing_is_shown(client: As, path: str) -> None:
    assert client("collections").get(path).status_code == 403
    assert client(HEAD, {"segments"}).get(path).status_code == 403
    assert client(HEAD, {"campaigns"}).get(path).status_code == 200


def test_money_routes_and_policies_are_for_those_who_administer(client: As) -> None:
    writer, director = client(WRITER), client(DIRECTOR)
    cost = {"channel": "sms", "price": "85.5", "valid_from": MONTH, "reason": "agreement"}
    policy = {"document": {"version": 1, "caps": [], "gaps": []}, "valid_from": TODAY.isoformat(), "reason": "none"}
    route = {"name": "X", "condition": {"all": []}, "steps": [{"role": HEAD}], "reason": "test"}
    for method, path, body in (
        ("POST", "channel-costs", cost), ("POST", "contact-policies", policy), ("PUT", "campaign-routes/x", route)
    ):  # fmt: skip
        assert writer.request(method, path, json=body).status_code == 403
        assert director.request(method, path, json=body).status_code in (200, 201)
    assert director.get("channel-costs").json()[0]["price"] == 85.5
    viewing = client(EVERYTHING, view_as=DIRECTOR)
    assert viewing.post("channel-costs", json=cost).status_code == 403
    # The director sees, and approves, but does not write.
    assert director.post("campaigns", json={"name": "X", "kind": "mass"}).status_code == 403
