"""Personal pages: public, without cookies, naming nobody; opening, pressing and opting out are noted once."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from apps.api import landing as pages
from crm.database import Database
from crm.errors import CrmError
from crm.models import CampaignResponse, OptOut, OutboxMessage
from crm.services.actor import system
from crm.services.delivery import landing, outbox
from tests.delivery_desk import NOW, new

ACTOR = system("tests")


@pytest.fixture
def token(database: Database) -> str:
    """Of a message that was sent."""
    with database.begin() as session:
        outbox.put(session, [new(1, "push"), new(1, "sms", "later")], NOW)
        landing.save_page(
            session, "spring", "uz", "Yangi <tarif>", "Birinchi\nIkkinchi", "Ulash", "https://x.uz/a?b=1", ACTOR, NOW
        )
        sent = {"state": "sent", "contacted_at": NOW, "sent_at": NOW, "language": "uz"}
        session.execute(update(OutboxMessage).where(OutboxMessage.key == new(1).key).values(sent))
        return session.scalars(select(OutboxMessage.token).where(OutboxMessage.key == new(1).key)).one()


@pytest.fixture
def client(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TestClient]:
    """A visitor."""
    monkeypatch.setattr(pages, "services", lambda: SimpleNamespace(database=database, now=lambda: NOW))
    with TestClient(Starlette(routes=[Mount("/l", pages.landing_pages())]), follow_redirects=False) as visitor:
        yield visitor


def kinds(database: Database) -> list[tuple[int, str]]:
    with database.read() as session:
        return sorted((row.type, row.kind) for row in session.scalars(select(CampaignResponse)))


def test_a_page_shows_what_the_campaign_says_and_nothing_of_the_customer(
    client: TestClient, token: str, database: Database
) -> None:
    for _ in range(2):
        answer = client.get(f"/l/{token}")
    assert answer.status_code == 200
    assert "Yangi &lt;tarif&gt;" in answer.text
    assert "<p>Ikkinchi</p>" in answer.text
    assert f'href="/l/{token}/go"' in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert "N1" not in answer.text
    assert kinds(database) == [(2, "open")]
    assert client.head(f"/l/{token}").status_code == 200
    assert client.get("/l/style.css").headers["content-type"].startswith("text/css")


def test_the_button_leads_where_the_page_says_and_nowhere_else(
    client: TestClient, token: str, database: Database
) -> None:
    answer = client.get(f"/l/{token}/go?to=https://evil.example&target=//evil.example")
    assert (answer.status_code, answer.headers["location"]) == (303, "https://x.uz/a?b=1")
    assert kinds(database) == [(2, "click")]


def test_unknown_tokens_are_told_nothing(client: TestClient, token: str, database: Database) -> None:
    for other in ("AAAAAAAAAAAAAAAAAAAAAA", token[:-1], token + "x", "..%2f..", "%00" * 20):
        assert client.get(f"/l/{other}").status_code == 404
        assert client.get(f"/l/{other}/go").status_code == 404
        assert client.post(f"/l/{other}/stop").status_code == 404
        assert client.post(f"/l/{other}/app", json={"event": "delivered"}).status_code == 404
    assert client.get("/l/AAAAAAAAAAAAAAAAAAAAAA/o.gif").content == client.get(f"/l/{token}/o.gif").content
    assert kinds(database) == [(2, "open")]


def test_looking_at_the_way_out_takes_nobody_out_and_one_press_does(
    client: TestClient, token: str, database: Database
) -> None:
    asked = client.get(f"/l/{token}/stop")
    assert f'action="/l/{token}/stop"' in asked.text
    with database.read() as session:
        assert list(session.scalars(select(OptOut))) == []
    done = client.post(f"/l/{token}/stop", data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    with database.read() as session:
        assert [(row.customer_id, row.channel) for row in session.scalars(select(OptOut))] == [(1, "push")]
    client.post(f"/l/{token}/stop", data={"everything": "1"})
    with database.read() as session:
        assert [row.channel for row in session.scalars(select(OptOut))] == ["push", "all"]
        assert session.scalars(select(OutboxMessage.state).where(OutboxMessage.campaign == "later")).one() == "refused"


def test_the_app_tells_that_a_push_came_and_was_opened(client: TestClient, token: str, database: Database) -> None:
    for event in ("opened", "delivered", "opened"):
        assert client.post(f"/l/{token}/app", json={"event": event}).status_code == 204
    for nonsense in (b"", b"[]", b'{"event": "paid"}', b'{"event": []}', b"x" * 5000):
        assert client.post(f"/l/{token}/app", content=nonsense).status_code == 400
    with database.read() as session:
        row = session.scalars(select(OutboxMessage).where(OutboxMessage.token == token)).one()
        assert (row.state, row.read_at) == ("delivered", NOW)
    assert kinds(database) == [(1, "delivered"), (2, "read")]


CROOKED = (
    "http://x.uz", "javascript:alert(1)", "https://", "//x.uz", "https://u:p@x.uz", "https://x.uz/ a",
    "https://x.uz/\nSet-Cookie: a",
)  # fmt: skip


@pytest.mark.parametrize("target", CROOKED)
def test_a_page_leads_to_https_alone(database: Database, target: str) -> None:
    with database.begin() as session, pytest.raises(CrmError):
        landing.save_page(session, "spring", "ru", "a", "b", "c", target, ACTOR, NOW)


def test_a_page_stands_in_for_a_language_it_does_not_have(database: Database, token: str) -> None:
    with database.begin() as session:
        landing.save_page(session, "spring", "ru", "Тариф", "Текст", "Да", "https://x.uz", ACTOR, NOW)
        page = landing.page_of(session, token)
        assert page is not None
        assert page.language == "uz"
        session.execute(update(OutboxMessage).where(OutboxMessage.token == token).values(language="en"))
    with database.read() as session:
        page = landing.page_of(session, token)
        assert page is not None
        assert page.title == "Тариф"
