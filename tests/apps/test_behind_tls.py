"""The workspace behind a TLS terminator: cookies that never travel in the open, addresses that nobody can invent."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from crm.services import audit_log
from crm.services.audit import AuditKind
from crm.services.audit_log import AuditFilter
from tests.apps.browser import ARGUMENTS, chromium, served
from tests.apps.openid_server import free_port
from tests.apps.people import PASSWORD, database, open_session
from tests.apps.tls_terminator import terminator

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def inner(small_home: Path) -> Iterator[tuple[int, int]]:
    """The port that people will use, and the one on which the workspace listens: one server for both terminators."""
    port = free_port()
    told = {"VITRINA_WEB__PUBLIC_URL": f"https://127.0.0.1:{port}", "FORWARDED_ALLOW_IPS": "127.0.0.1"}
    with served(small_home, **told) as address:
        yield port, int(address.rsplit(":", 1)[1])


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def public(
    request: pytest.FixtureRequest, inner: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with terminator(request.param, tmp_path_factory.mktemp("tls"), *inner) as address:
        yield address


def sign_in(client: httpx.Client, login: str, password: str, origin: str, **headers: str) -> httpx.Response:
    """Through the form, as its page does it."""
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token
    fields = {"login": login, "password": password, "form_token": token[1], "next": "/"}
    return client.post("/sign-in", data=fields, headers={"Origin": origin, **headers})


def test_over_tls_every_cookie_is_secure_and_browsers_are_told_to_stay(public: str) -> None:
    with httpx.Client(base_url=public, verify=False) as client:  # noqa: S501
        answer = sign_in(client, "supervisor", PASSWORD, public)
        assert answer.status_code == 303
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        cookies = answer.headers.get_list("set-cookie")
        assert any(line.startswith("__Host-vitrina_session=") for line in cookies)
        assert all("secure" in line.lower() for line in cookies)
        assert client.get("/session").status_code == 204


def test_over_tls_a_session_cookie_of_the_open_site_is_not_taken(public: str, small_home: Path) -> None:
    token, _ = open_session(small_home, "supervisor")
    with httpx.Client(base_url=public, verify=False) as client:  # noqa: S501
        assert client.get("/session", cookies={"vitrina_session": token}).status_code == 401
        assert client.get("/session", cookies={"__Host-vitrina_session": token}).status_code == 204


def test_the_log_has_the_address_that_the_proxy_saw_and_not_the_one_the_client_wrote(
    public: str, small_home: Path
) -> None:
    with httpx.Client(base_url=public, verify=False) as client:  # noqa: S501
        sign_in(client, "hunter", PASSWORD, public, **{"X-Forwarded-For": "203.0.113.77"})
    base = database(small_home)
    with base.read() as session:
        found = audit_log.search(session, AuditFilter(AuditKind.SIGN_IN, "hunter"))
    base.close()
    assert found[0].address == "127.0.0.1"


def test_without_a_trusted_proxy_forwarded_headers_are_worth_nothing(small_home: Path) -> None:
    forged = {"X-Forwarded-For": "203.0.113.78", "X-Forwarded-Proto": "https"}
    with served(small_home) as address, httpx.Client(base_url=address) as client:
        answer = sign_in(client, "farmer", PASSWORD, address, **forged)
        assert answer.status_code == 303
        assert "strict-transport-security" not in answer.headers
    base = database(small_home)
    with base.read() as session:
        found = audit_log.search(session, AuditFilter(AuditKind.SIGN_IN, "farmer"))
    base.close()
    assert found[0].address == "127.0.0.1"


def test_a_browser_signs_in_and_works_through_the_proxy(public: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        arguments = [*ARGUMENTS, "--ignore-certificate-errors"]
        browser = play.chromium.launch(executable_path=chromium(), args=arguments)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{public}/customers")
        page.fill("#login", "supervisor")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.get_by_role("heading", name="Поиск клиентов", exact=True).first.wait_for(timeout=30_000)
        browser.close()
