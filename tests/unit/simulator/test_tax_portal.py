"""The tax portal pages, limits and fails as a public service does, and always the same way."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from simulator.tax_server import TOKEN_VARIABLE, URL_VARIABLE, Moods, serving

CALM = Moods(refuse_every=0, fail_every=0, slow_every=0)


@pytest.fixture(scope="module")
def portal(clean_operator: Path) -> Iterator[httpx.Client]:
    """A client of a calm portal."""
    with serving(clean_operator, CALM) as env, client_of(env) as client:
        yield client


def client_of(env: dict[str, str], timeout: float = 5) -> httpx.Client:
    return httpx.Client(
        base_url=env[URL_VARIABLE], headers={"Authorization": f"Bearer {env[TOKEN_VARIABLE]}"}, timeout=timeout
    )


def all_items(client: httpx.Client, resource: str, **params: object) -> list[dict]:
    items, page, pages = [], 1, 1
    while page <= pages:
        body = client.get(f"/api/v1/{resource}", params={**params, "page": page, "page_size": 50}).json()
        items, pages, page = items + body["items"], body["pages"], page + 1
    return items


def test_pages_together_hold_every_change_once_in_order(portal: httpx.Client) -> None:
    for resource, key in (("taxpayers", "inn"), ("einvoices", "einvoice_id")):
        items = all_items(portal, resource)
        assert len(items) > 50 or resource == "taxpayers"
        assert len({(i[key], i["updated_at"]) for i in items}) == len(items) > 20
        assert [i["updated_at"] for i in items] == sorted(i["updated_at"] for i in items)


def test_updated_since_gives_only_what_changed_after_it(portal: httpx.Client) -> None:
    items = all_items(portal, "einvoices")
    since = items[len(items) // 2]["updated_at"]
    assert all_items(portal, "einvoices", updated_since=since) == [i for i in items if i["updated_at"] > since]


def test_an_invoice_is_sent_before_it_is_accepted(portal: httpx.Client) -> None:
    history: dict[str, list[str]] = {}
    for item in all_items(portal, "einvoices"):
        history.setdefault(item["einvoice_id"], []).append(item["status"])
    assert all(statuses[0] == "sent" for statuses in history.values())
    assert sum(statuses[-1] == "accepted" for statuses in history.values()) > 0.6 * len(history)


def test_a_request_without_the_token_is_refused(portal: httpx.Client) -> None:
    assert portal.get("/api/v1/taxpayers", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert portal.get("/api/v1/taxpayers", headers={"Authorization": ""}).status_code == 401


def test_a_page_that_is_no_number_is_a_bad_request(portal: httpx.Client) -> None:
    assert portal.get("/api/v1/taxpayers", params={"page": "first"}).status_code == 400


def test_moods_come_at_the_same_requests_every_time(clean_operator: Path) -> None:
    moods = Moods(refuse_every=4, fail_every=7, slow_every=0, seed=1)

    def answers() -> list[tuple[int, str | None]]:
        with serving(clean_operator, moods) as env, client_of(env) as client:
            got = [client.get("/api/v1/taxpayers") for _ in range(30)]
        return [(r.status_code, r.headers.get("Retry-After")) for r in got]

    first = answers()
    assert first == answers()
    assert {status for status, _ in first} == {200, 429, 503}
    assert all(wait == "1" for status, wait in first if status == 429)


def test_a_slow_answer_outlasts_an_impatient_client(clean_operator: Path) -> None:
    moods = Moods(refuse_every=0, fail_every=0, slow_every=2, slow_seconds=2.0, seed=0)
    with serving(clean_operator, moods) as env, client_of(env, timeout=1.0) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.get("/api/v1/taxpayers")
        assert client.get("/api/v1/taxpayers").status_code == 200
