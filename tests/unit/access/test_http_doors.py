"""For every role, table and column: what the HTTP API answers and the file it gives out are what they ought to be."""

import io
import re
from collections import Counter
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from pydantic_core import to_jsonable_python
from starlette.testclient import TestClient

from apps.api import access
from apps.api.access import Client
from apps.api.app import make_api
from tests.unit.access import expected
from tests.unit.access.conftest import Snapshot
from tests.unit.access.contract_operator import contracts
from tests.unit.access.people import everywhere, roles, with_role
from vitrina.access.gate import Gate
from vitrina.access.rights import Mask, Rights, Scope

ADDRESS = "10.0.0.7"
AMOUNT = re.compile(r"-?\d+(\.\d+)?(E[+-]?\d+)?")


@pytest.fixture(scope="module")
def api() -> FastAPI:
    """The application as it is mounted, behind whose wall the tests stand."""
    return make_api()


@pytest.fixture
def calls(api: FastAPI, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gives a client of the API for somebody with these rights and a token of all scopes."""
    keeper = SimpleNamespace(gate=lambda version: gate, current_version=lambda: gate.version)
    monkeypatch.setattr(access, "gatekeeper", lambda: keeper)

    def client(rights: Rights) -> TestClient:
        caller = SimpleNamespace(user_id=rights.user_id, login=rights.login, scopes=None, language="en")
        known = Client(caller, rights, rights, ADDRESS, "api test", SimpleNamespace())  # type: ignore[arg-type]
        api.dependency_overrides[access._client] = lambda: known
        return TestClient(api)

    yield client
    api.dependency_overrides.clear()


def told(rows: list[tuple]) -> Counter:
    """Rows as JSON writes their values; amounts are written with all digits of their column, 1 or 1.00 alike here."""
    plain = ([value.normalize() if isinstance(value, Decimal) else value for value in row] for row in rows)
    return Counter(repr([_amount(value) for value in to_jsonable_python(row)]) for row in plain)


def _amount(value: Any) -> Any:
    return str(Decimal(value).normalize()) if isinstance(value, str) and AMOUNT.fullmatch(value) else value


def answers_are_right(client: TestClient, snapshot: Snapshot, rights: Rights) -> int:
    """Every table by its address; how many were open. One that is closed and one that is not there are the same."""
    opened = 0
    for table in contracts():
        answer = client.get(f"/v1/tables/{table}", params={"limit": 1000})
        if not rights.allows("api", "query") or expected.scope_of(table, rights, "view") is None:
            assert answer.status_code in (403, 404), (rights.login, table, answer.text)
            continue
        assert answer.status_code == 200, (rights.login, table, answer.text)
        found = answer.json()
        right = told(expected.rows(table, snapshot.raw[table], rights))
        assert told([tuple(row.values()) for row in found["items"]]) == right, (rights.login, table)
        opened += 1
    return opened


def files_are_right(client: TestClient, snapshot: Snapshot, rights: Rights) -> int:
    """Every table as a file; how many were given out."""
    given = 0
    for table in contracts():
        answer = client.get(f"/v1/tables/{table}/export", params={"format": "parquet"})
        if not rights.allows("exports", "export") or expected.scope_of(table, rights, "export") is None:
            assert answer.status_code in (403, 404), (rights.login, table, answer.text)
            continue
        rows = pq.read_table(io.BytesIO(answer.content)).to_pylist()
        right = expected.rows(table, snapshot.raw[table], rights, "export")
        assert Counter(tuple(row.values()) for row in rows) == Counter(right), (rights.login, table)
        given += 1
    return given


@pytest.mark.parametrize("role", roles())
def test_the_api_tells_a_delivered_role_what_it_ought_to(calls: Any, snapshot: Snapshot, role: str) -> None:
    rights = with_role(role)
    opened = answers_are_right(calls(rights), snapshot, rights)
    assert bool(opened) == rights.allows("api", "query")


@pytest.mark.parametrize("role", roles())
def test_the_api_gives_a_delivered_role_the_files_that_it_may_take(calls: Any, snapshot: Snapshot, role: str) -> None:
    rights = with_role(role)
    given = files_are_right(calls(rights), snapshot, rights)
    assert bool(given) <= rights.allows("exports", "export")


# Every mixture of the two is what the reader's own test holds; the API adds a way of writing, not a rule.
@pytest.mark.parametrize(
    ("scope", "mask"),
    [*((scope, Mask.PARTIAL) for scope in Scope), *((Scope.GROUP, mask) for mask in Mask if mask is not Mask.PARTIAL)],
)
def test_every_scope_and_every_mask_over_http(calls: Any, snapshot: Snapshot, scope: Scope, mask: Mask) -> None:
    rights = everywhere(scope, mask)
    assert answers_are_right(calls(rights), snapshot, rights) > 0
