"""Segments by HTTP: who may do what, whose customers he sees, and what is refused with which words."""

import asyncio
import hashlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from apps.api.app import make_api
from apps.api.cancelling import answered
from apps.gatekeeper import gatekeeper
from crm.services import accounts, user_roles
from crm.services.actor import system
from crm.services.matrix import matrix, save_matrix
from crm.services.matrix_changes import GrantChange, RoleAdded
from tests.apps.api_client import As, clients_of
from tests.apps.conftest import pointed_at
from tests.apps.people import EVERYTHING, copy_accounts, database, now
from tests.apps.small_operator import AS_OF
from vitrina.access.errors import Stopped
from vitrina.access.looks import Purpose
from vitrina.access.rights import Rights, Scope

BUILDER, ANALYST = "own_builder", "product_analyst"
PROBLEM = "application/problem+json"
DEBTORS = {"kind": "attribute", "field": "debt_amount", "operator": ">", "value": 0}
# The organisations of the small operator: every fourth of sixty.
ORGANISATIONS = list(range(4, 61, 4))


@pytest.fixture(scope="module")
def home(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small operator with accounts of its own: the hunter, who is the employee E1, builds from his customers."""
    made = tmp_path_factory.mktemp("segments")
    shutil.copytree(small_home / "published", made / "published", copy_function=shutil.copy2)
    copy_accounts(small_home, made)
    base = database(made)
    grants = [("segments", "view", Scope.ALL), ("segments", "edit", Scope.OWN), ("api", "query", Scope.ALL),
              ("customers", "view", Scope.OWN), ("finance", "view", Scope.OWN)]  # fmt: skip
    with base.begin() as session:
        role = RoleAdded(BUILDER, {"ru": "Строит", "uz": "Quradi", "en": "Builds"})
        changes = [role, *(GrantChange(BUILDER, *grant) for grant in grants)]
        save_matrix(session, changes, matrix(session).version, system("tests"), now(), "tests")
        hunter = accounts.user_by_login(session, "hunter").user_id
        user_roles.set_roles(session, hunter, [BUILDER], system("tests"), now(), "tests")
    base.close()
    return made


@pytest.fixture(scope="module")
def api() -> FastAPI:
    """All routes."""
    return make_api()


@pytest.fixture
def client(home: Path, api: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[As]:
    """A client for a login."""
    yield from (clients_of(pointed, api) for pointed in pointed_at(home, monkeypatch))


def rules(*each: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": list(each)}}


def create(client: TestClient, name: str, *each: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("segments", json={"name": name, "definition": rules(*each)})
    assert answer.status_code == 201, answer.text
    return answer.json()


def inside(key: str) -> dict[str, Any]:
    return {"kind": "segment", "segment": key, "operator": "in"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "segments"), ("POST", "segments"), ("GET", "segments/x"), ("POST", "segment-questions/count"),
     ("GET", "segment-catalogue"), ("POST", "segments/x/publish"), ("GET", "segment-exports")],
)  # fmt: skip
def test_who_has_not_the_right_or_the_scope_gets_nothing(client: As, method: str, path: str) -> None:
    body = {"name": "x", "definition": rules()} if path == "segments" else {"segment": "x"}
    body = {"reason": "x"} if path.endswith("publish") else body
    for one, code in ((client("first_line_operator"), "right_missing"), (client(EVERYTHING, {"sql"}), "scope_missing")):
        answer = one.request(method, path, json=body if method == "POST" else None)
        assert (answer.status_code, answer.headers["content-type"]) == (403, PROBLEM)
        assert answer.json()["title"] == code


def test_a_segment_lives_from_its_draft_to_the_archive(client: As) -> None:
    me = client(EVERYTHING, {"segments"})
    made = create(me, "Должники", DEBTORS)
    key = made["key"]
    assert (key, made["status"], made["revision"]) == ("dolzhniki", "draft", 1)
    counted = me.post("segment-questions/count", json={"segment": key}).json()
    assert (counted["count"], counted["base"], counted["at"]["date"]) == (15, 60, AS_OF.isoformat())
    fixtures = [{"customer_id": 4, "expected_in": True}, {"customer_id": 5, "expected_in": True}]
    assert me.put(f"segments/{key}/fixtures", json={"fixtures": fixtures}).status_code == 200
    tried = me.post(f"segments/{key}/fixtures/run").json()
    assert [each["is_in"] for each in tried["fixtures"]] == [True, False]
    refused = me.post(f"segments/{key}/publish", json={"reason": "ready"})
    assert (refused.status_code, refused.json()["title"]) == (409, "segment_fixtures")
    me.put(f"segments/{key}/fixtures", json={"fixtures": fixtures[:1]})
    assert me.post(f"segments/{key}/publish", json={"reason": "ready"}).json()["published"] == 1
    changed = me.patch(
        f"segments/{key}", json={"base": 2, "definition": rules({**DEBTORS, "value": 90000}), "folder": "b2b"}
    ).json()
    assert (changed["open_version"], changed["folder"]) == (2, "b2b")
    tried = me.post(f"segments/{key}/fixtures/run").json()
    assert tried["difference"] == {"before": 15, "after": 0, "entered": 0, "left": 15, "kept": 0}
    told = [(each["number"], each["state"]) for each in me.get(f"segments/{key}/versions").json()]
    assert told == [(2, "draft"), (1, "published")]
    restored = me.post(f"segments/{key}/versions/1/restore", json={"base": changed["revision"]}).json()
    assert restored["open_version"] == 3
    assert me.get(f"segments/{key}").json()["definition"] == rules(DEBTORS)
    wanted = {"mode": "cron", "cron": "0 6 * * *"}
    assert me.put(f"segments/{key}/schedule", json=wanted).json()["schedule"]["cron"] == "0 6 * * *"
    assert me.post(f"segments/{key}/archive", json={"reason": "old"}).status_code == 409
    me.put(f"segments/{key}/schedule", json={"mode": "manual"})
    assert me.post(f"segments/{key}/archive", json={"reason": "old"}).json()["status"] == "archived"
    assert [each["key"] for each in me.get("segments", params={"archived": True}).json()] == [key]


def test_who_sees_a_part_of_the_customers_is_told_of_that_part_alone(client: As) -> None:
    hunter, everything = client("hunter"), client(EVERYTHING)
    asked = {"definition": rules(DEBTORS), "columns": ["debt_amount", "full_name"], "limit": 100}
    whole = everything.post("segment-questions/sample", json=asked).json()
    assert [row["customer_id"] for row in whole["items"]] == ORGANISATIONS
    own = hunter.post("segment-questions/sample", json=asked).json()
    assert [row["customer_id"] for row in own["items"]] == list(range(8, 61, 8))
    assert own["total"] == hunter.post("segment-questions/count", json={"definition": rules(DEBTORS)}).json()["count"]
    page = hunter.post("segment-questions/sample", json={**asked, "limit": 2, "offset": 2}).json()
    assert [row["customer_id"] for row in page["items"]] == [24, 32]
    # Another's customer is no customer to him, whether he would be in the segment or not.
    for customer in (4, 5, 99):
        answer = hunter.post("segment-questions/why", json={"definition": rules(DEBTORS), "customer_id": customer})
        assert (answer.status_code, answer.json()["title"]) == (404, "customer_unknown")
    assert hunter.post("segment-questions/why", json={"definition": rules(DEBTORS), "customer_id": 8}).json()["holds"]


def test_figures_of_the_whole_company_are_for_who_sees_all_of_it(client: As, home: Path) -> None:
    from crm.services import segments

    key = create(client(EVERYTHING), "Company", DEBTORS)["key"]
    client(EVERYTHING).put(f"segments/{key}/sharing", json={"sharing": "all"})
    base = database(home)
    with base.begin() as session:
        segments.record_run(session, key, 1, 1, AS_OF, 15, 2, 1, "done", "", now(), base=60)
    base.close()
    sees, hunter = client(EVERYTHING).get(f"segments/{key}/runs").json(), client("hunter").get(f"segments/{key}/runs")
    assert [sees[0][name] for name in ("members", "base", "entered", "left")] == [15, 60, 2, 1]
    assert [hunter.json()[0][name] for name in ("members", "base", "entered", "left")] == [None] * 4
    assert client("hunter").get(f"segments/{key}").json()["last_run"]["members"] is None


def test_what_a_caller_sees_covered_is_no_condition_of_his_and_stands_at_its_place(client: As) -> None:
    phone = {"kind": "attribute", "field": "main_msisdn", "operator": "beginsWith", "value": "+99890"}
    body = {"name": "Phones", "definition": rules(DEBTORS, phone)}
    for path, sent in (("segments", body), ("segment-questions/count", {"definition": body["definition"]})):
        answer = client(ANALYST).post(path, json=sent, headers={"Accept-Language": "ru"})
        assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
        assert answer.json()["problems"] == [{
            "path": ["root", "rules", 1, "field"], "mend": "Выберите другой атрибут.",
            "message": "Поле «main_msisdn» вам не открыто полностью, поэтому условием быть не может.",
        }]  # fmt: skip
    assert "main_msisdn" not in client(ANALYST).get("segment-catalogue").json()["attributes"]
    # Nor does another's segment count for him what he cannot see.
    key = create(client(EVERYTHING), "Phones", phone)["key"]
    client(EVERYTHING).put(f"segments/{key}/sharing", json={"sharing": "all"})
    text = "select customer_id from customer_profiles where main_msisdn like '+99890%'"
    sql = {"name": "By SQL", "definition": {"version": 1, "kind": "sql", "sql": text}}
    written = client(EVERYTHING).post("segments", json=sql).json()["key"]
    client(EVERYTHING).put(f"segments/{written}/sharing", json={"sharing": "all"})
    assert client(EVERYTHING).post("segment-questions/count", json={"segment": written}).json()["count"] == 60
    for asked in ({"segment": key}, {"definition": rules(inside(key))}, {"segment": written}):
        assert client(ANALYST).post("segment-questions/count", json=asked).status_code == 422
    assert client(EVERYTHING).post("segment-questions/count", json={"segment": key}).json()["count"] == 60


def test_circles_and_dead_references_are_refused(client: As) -> None:
    me = client(EVERYTHING)
    first = create(me, "First", DEBTORS)
    second = create(me, "Second", inside(first["key"]))
    answer = me.patch(f"segments/{first['key']}", json={"base": 1, "definition": rules(inside(second["key"]))})
    assert answer.status_code == 422
    assert "first" in answer.json()["problems"][0]["message"]
    answer = me.post("segments", json={"name": "Third", "definition": rules(inside("nowhere"))})
    assert answer.json()["problems"][0]["path"] == ["root", "rules", 0, "segment"]
    refused = me.post(f"segments/{first['key']}/archive", json={"reason": "old"})
    assert (refused.status_code, refused.json()["title"]) == (409, "segment_used")


def test_of_two_who_change_one_segment_the_second_is_told(client: As) -> None:
    me = client(EVERYTHING)
    key = create(me, "Shared work", DEBTORS)["key"]
    assert me.patch(f"segments/{key}", json={"base": 1, "name": "Mine"}).json()["revision"] == 2
    answer = me.patch(f"segments/{key}", json={"base": 1, "name": "Theirs"}, headers={"Accept-Language": "uz"})
    assert (answer.status_code, answer.json()["title"]) == (409, "segment_changed")
    assert EVERYTHING in answer.json()["detail"]
    assert me.get(f"segments/{key}").json()["name"] == "Mine"


def test_another_s_private_segment_is_not_there_and_a_shared_one_is_not_changed(client: As) -> None:
    key = create(client(EVERYTHING), "Secret", DEBTORS)["key"]
    hunter = client("hunter")
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/archive"), ("GET", "/runs"), ("GET", "/versions")):
        sent = {"base": 1} if method == "PATCH" else {"reason": "x"} if method == "POST" else None
        assert hunter.request(method, f"segments/{key}{path}", json=sent).status_code == 404
    assert hunter.post("segment-questions/count", json={"segment": key}).status_code == 404
    client(EVERYTHING).put(f"segments/{key}/sharing", json={"sharing": "roles", "roles": [BUILDER]})
    assert hunter.get(f"segments/{key}").json()["may_edit"] is False
    assert hunter.patch(f"segments/{key}", json={"base": 1, "name": "Mine"}).status_code == 403


def test_an_author_is_told_of_his_review_in_his_language(client: As) -> None:
    me, other = client(EVERYTHING), client(ANALYST)
    key = create(me, "Reviewed", DEBTORS)["key"]
    assert me.post(f"segments/{key}/review", json={"reviewer": ANALYST}).json()["state"] == "in_review"
    assert me.post(f"segments/{key}/approve", json={}).json()["title"] == "segment_own_review"
    asked = other.get("notices", params={"unread": True}, headers={"Accept-Language": "en"}).json()
    assert asked[0]["text"] == f"{EVERYTHING} asks for a review of the segment “Reviewed”."
    assert other.post("notices/read", json={"notices": [asked[0]["notice_id"]]}).json() == {"read": 1}
    assert other.get("notices", params={"unread": True}).json() == []
    assert me.post(f"segments/{key}/return", json={"comment": "x"}).json()["state"] == "returned"


def test_who_looks_through_another_s_eyes_changes_nothing(client: As, home: Path) -> None:
    base = database(home)
    with base.begin() as session:
        root = accounts.user_by_login(session, "system_administrator").user_id
        user_roles.set_roles(session, root, ["system_administrator", EVERYTHING], system("tests"), now(), "tests")
    base.close()
    looking = client("system_administrator", view_as=EVERYTHING)
    assert looking.get("segments").status_code == 200
    answer = looking.post("segments", json={"name": "x", "definition": rules()})
    assert (answer.status_code, answer.json()["title"]) == (403, "viewing_only")


def test_every_question_has_an_answer(client: As) -> None:
    me, asked = client(EVERYTHING), {"definition": rules(DEBTORS, {**DEBTORS, "value": 50})}
    steps = me.post("segment-questions/waterfall", json=asked).json()
    assert [(step["alone"], step["after"], step["without"]) for step in steps["steps"]] == [(15, 15, 15)] * 2
    curve = me.post("segment-questions/replay", json=asked).json()
    assert [(point["count"], point["base"]) for point in curve] == [(15, 60)] * 14
    past = me.post("segment-questions/count", json={**asked, "date": "2026-01-15"}).json()
    assert past["at"] == {"date": "2026-01-15", "month_end": "2025-12-31"}
    assert me.post("segment-questions/count", json={**asked, "date": "2027-01-15"}).status_code == 422
    findings = me.post("segment-questions/quality", json=asked).json()["findings"]
    assert [each["path"] for each in findings][:2] == [["root", "rules", 0], ["root", "rules", 1]]
    one = create(me, "Debtors here", DEBTORS)["key"]
    found = me.post("segment-questions/overlap", json={"segments": [one]}).json()
    assert (found["sizes"], found["in_several"]) == ([15], [45, 15])
    told = {"old": {"segment": one}, "new": {"definition": rules()}, "value_column": "arpu_3m"}
    difference = me.post("segment-questions/difference", json=told).json()
    assert (difference["entered"]["customers"], difference["left"]["customers"]) == (45, 0)
    apart = me.post("segment-questions/profile", json={**asked, "fields": ["customer_type"]}).json()
    assert (apart["members"], apart["differing"][0]["field"]) == (15, "customer_type")
    kinds = me.get("segment-catalogue/values", params={"field": "customer_type"}).json()
    assert {each["value"]: each["rows"] for each in kinds} == {"person": 45, "organisation": 15}


def test_a_definition_is_said_in_the_language_that_is_asked_for(client: As) -> None:
    me, kind = client(EVERYTHING), {"kind": "attribute", "field": "rfm_group", "operator": "=", "value": "lost"}
    key = create(me, "Свои должники", DEBTORS)["key"]
    asked = {"definition": rules(kind, inside(key))}
    told = [
        me.post("segment-questions/sentence", json=asked, headers={"Accept-Language": language}).json()["sentence"]
        for language in ("ru", "uz", "en")
    ]
    assert all("Свои должники" in each for each in told)
    assert len(set(told)) == 3
    assert told[0].startswith("Клиенты")
    assert "lost" not in told[0]
    assert me.get("segment-schema").json()["$schema"].startswith("https://json-schema.org/draft/2020-12")


def test_templates_say_whether_one_may_use_them(client: As) -> None:
    for login in (EVERYTHING, "hunter"):
        offered = client(login).get("segment-templates", headers={"Accept-Language": "uz"}).json()
        assert len(offered) > 10
        for each in offered:
            answer = client(login).post("segment-questions/sentence", json={"definition": each["definition"]})
            assert (answer.status_code == 200) is each["usable"], (login, each["key"], answer.text)
    assert {each["usable"] for each in offered} == {True, False}


def test_rules_of_other_systems_come_in_and_ours_go_out(client: As) -> None:
    me, logic = (
        client(EVERYTHING),
        {"and": [{">": [{"var": "debt_amount"}, 0]}, {"==": [{"var": "region_code"}, "1703"]}]},
    )
    taken = me.post("segment-definitions/from-jsonlogic", json={"logic": logic}).json()
    given = me.post("segment-definitions/to-jsonlogic", json={"definition": taken["definition"]}).json()
    again = me.post("segment-definitions/from-jsonlogic", json=given).json()
    assert again["fingerprint"] == taken["fingerprint"]
    refused = me.post("segment-definitions/from-jsonlogic", json={"logic": {"+": [1, 2]}})
    assert (refused.status_code, refused.json()["title"]) == (422, "definition")
    covered = client(ANALYST).post("segment-definitions/from-jsonlogic", json={"logic": {"!": {"var": "main_msisdn"}}})
    assert covered.status_code == 422


@pytest.mark.parametrize(
    "sent", [{}, {"segment": "x", "definition": rules()}, {"definition": rules(), "columns": ["passport; drop"]}]
)
def test_a_question_that_is_not_understood_is_told(client: As, sent: dict[str, Any]) -> None:
    path = "sample" if "columns" in sent else "count"
    answer = client(EVERYTHING).post(f"segment-questions/{path}", json=sent)
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == PROBLEM


def test_members_are_taken_out_as_a_file_with_a_receipt_that_holds(client: As) -> None:
    me = client(EVERYTHING)
    key = create(me, "To call", DEBTORS)["key"]
    ordered = me.post("segment-files", json={"segment": key, "columns": ["debt_amount"], "format": "csv"})
    assert ordered.status_code == 202
    token = ordered.json()["token"]
    for _attempt in range(200):
        told = me.get(f"segment-files/{token}/progress").json()
        if told["state"] != "under_way":
            break
        time.sleep(0.05)
    assert (told["state"], told["written"], told["receipt"]["taken"]["version"]) == ("made", 15, 1)
    content = me.get(f"segment-files/{token}").content
    assert content.decode("utf-8-sig").splitlines()[0].replace('"', "") == "customer_id;debt_amount"
    receipt = told["receipt"]["receipt_id"]
    sha256 = hashlib.sha256(content).hexdigest()
    proved = me.get(f"segment-exports/{receipt}/verify", params={"sha256": sha256}).json()
    assert (proved["holds"], proved["is_same_file"]) == (True, True)
    assert [each["receipt_id"] for each in me.get("segment-exports", params={"segment": key}).json()] == [receipt]
    # His role may not take anything out, and another's file is nobody's business.
    assert client("hunter").post("segment-files", json={"definition": rules(DEBTORS)}).status_code == 403
    assert client(ANALYST).get(f"segment-files/{token}").status_code == 404
    assert client(ANALYST).get(f"segment-exports/{receipt}/verify").status_code == 404


def test_a_query_stops_when_the_caller_goes_away(client: As) -> None:
    client(EVERYTHING)

    class Gone:
        async def is_disconnected(self) -> bool:
            return True

    everything = Rights(1, "tests", "Tests", grants={(each, action): Scope.ALL for each, action in (
        ("customers", "view"), ("api", "query"))})  # fmt: skip
    keeper = gatekeeper()
    reader = keeper.gate(keeper.current_version()).reader(everything, Purpose.API, "127.0.0.1")
    # More pairs than any machine counts in a test: only a stop ends it.
    endless = "select count(*) from " + ", ".join(
        f"customer_profiles_history as h{number}" for number in range(4)
    ) + " where h0.debt_amount + h1.debt_amount + h2.debt_amount > h3.debt_amount"  # fmt: skip
    with pytest.raises(Stopped) as stopped:
        asyncio.run(answered(Gone(), reader, lambda source: source.query(endless)))
    assert stopped.value.code == "cancelled"


def test_the_description_tells_of_every_route_and_its_body(client: As) -> None:
    described = client(EVERYTHING).get("../openapi.json").json()
    ours = {path: each for path, each in described["paths"].items() if "segment" in path}
    assert len(ours) > 30
    for path, methods in ours.items():
        for method, each in methods.items():
            assert each.get("description"), (method, path)
            assert (
                method not in ("post", "put", "patch") or "requestBody" in each or path.endswith(("/run", "/runs"))
            ), path


def test_a_list_is_uploaded_and_a_segment_on_it_is_computed_when_somebody_asks(client: As) -> None:
    me = client(EVERYTHING)
    body = "Телефон\n+998901000004\n+998901000008\n+998901000008\nабв\n".encode("cp1251")
    sent = me.post("customer-lists", params={"name": "Called in May", "file_name": "may.csv"}, content=body)
    assert sent.status_code == 201, sent.text
    told = sent.json()
    assert (told["facts"]["rows"], told["facts"]["members"], told["duplicates"]) == (4, 2, 1)
    assert (told["facts"]["matched"], told["facts"]["unmatched"]) == ({"phone": 3}, {"malformed": 1})
    listed = {"kind": "list", "list": told["key"], "operator": "in"}
    key = me.post("segments", json={"name": "Called", "definition": rules(listed)}).json()["key"]
    assert me.post(f"segments/{key}/runs").status_code == 409
    assert me.post(f"segments/{key}/publish", json={"reason": "test"}).status_code == 200
    ran = me.post(f"segments/{key}/runs")
    assert (ran.status_code, ran.json()["members"], ran.json()["state"]) == (201, 2, "done")
    members = (
        gatekeeper()
        .gate(gatekeeper().current_version())
        ._reader.query(f"select customer_id from segment_memberships where segment_key = '{key}' order by 1")
    )
    assert members.column(0).to_pylist() == [4, 8]


@pytest.mark.parametrize(
    ("params", "content", "status"),
    [
        ({"name": "x"}, b"", 422),
        ({"name": "x"}, b"\x89PNG\x00\x00\x00", 422),
        ({"name": "x", "column": "0=passport"}, b"901000004", 422),
        ({}, b"901000004", 422),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_by_http(
    client: As, params: dict[str, str], content: bytes, status: int
) -> None:
    answer = client(EVERYTHING).post("customer-lists", params=params, content=content)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert client("first_line_operator").post("customer-lists", params={"name": "x"}, content=b"1").status_code == 403
