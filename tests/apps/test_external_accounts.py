"""People of a directory sign in to the running server: a real slapd by the form, an OpenID provider in a browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from crm.services import accounts, audit_log, user_roles
from crm.services.audit import AuditKind
from crm.services.audit_log import AuditFilter
from tests.apps.browser import ARGUMENTS, chromium, served
from tests.apps.directory_server import BASE, MARKETING, PASSWORDS, SERVICE_DN, SERVICE_PASSWORD, directory
from tests.apps.openid_server import CLIENT_ID, CLIENT_SECRET, free_port, openid_server
from tests.apps.people import PASSWORD, copy_accounts, database, now, system
from tests.apps.test_wall import form

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def home(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose table of groups gives roles to one group of each directory."""
    copy = tmp_path_factory.mktemp("external") / "home"
    shutil.copytree(small_home, copy, ignore=shutil.ignore_patterns("state", "logs"))
    copy_accounts(small_home, copy)
    base = database(copy)
    with base.begin() as session:
        for provider, group, role in (("ldap", MARKETING.upper(), "marketing_specialist"),
                                      ("oidc", "crm-supervisors", "supervisor")):  # fmt: skip
            user_roles.set_group_roles(session, provider, group, [role], system("tests"), now(), "tests")
    base.close()
    return copy


@pytest.fixture(scope="module")
def by_ldap(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server with a directory."""
    with directory(tmp_path_factory.mktemp("ldap")) as url:
        told = {"URL": url, "BIND_DN": SERVICE_DN, "BIND_PASSWORD": SERVICE_PASSWORD, "USER_BASE": f"ou=people,{BASE}"}
        with served(home, **{f"VITRINA_LDAP__{name}": value for name, value in told.items()}) as address:
            yield address


def roles_of(home: Path, login: str) -> frozenset[str]:
    """Roles of an account as the database has them."""
    base = database(home)
    with base.read() as session:
        found = accounts.user_by_login(session, login)
    base.close()
    return found.roles


def test_a_person_of_the_directory_gets_the_roles_of_his_groups(by_ldap: str, home: Path) -> None:
    with httpx.Client(base_url=by_ldap) as client:
        assert form(client, "n.yusupova", PASSWORDS["n.yusupova"]).status_code == 303
        assert client.get("/session").status_code == 204
    assert roles_of(home, "n.yusupova") == {"marketing_specialist"}


def test_a_person_whose_groups_have_no_role_is_told_so(by_ldap: str) -> None:
    with httpx.Client(base_url=by_ldap) as client:
        refused = form(client, "b.aliyev", PASSWORDS["b.aliyev"])
        assert refused.status_code == 403
        assert "Ни одной из ваших групп не назначена роль" in refused.text
        assert client.get("/session").status_code == 401


def test_local_accounts_stay_open_beside_the_directory_and_guessing_is_slowed_for_both(
    by_ldap: str, home: Path
) -> None:
    with httpx.Client(base_url=by_ldap) as client:
        assert form(client, "supervisor", PASSWORD).status_code == 303
    with httpx.Client(base_url=by_ldap) as client:
        guesses = [form(client, "b.aliyev", f"Guess-{number}").status_code for number in range(6)]
    assert guesses == [403] * 5 + [429]
    base = database(home)
    with base.read() as session:
        refusals = audit_log.count(session, AuditFilter(AuditKind.REFUSED))
    base.close()
    assert refusals >= 7


@pytest.mark.browser
def test_a_person_comes_from_the_openid_provider_into_the_workspace(home: Path) -> None:
    from playwright.sync_api import sync_playwright

    port = free_port()
    told = {"ISSUER": f"http://127.0.0.1:{port}", "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET,
            "TITLE": "Operator ID"}  # fmt: skip
    with (
        served(home, **{f"VITRINA_OPENID__{name}": value for name, value in told.items()}) as address,
        openid_server(f"{address}/sign-in/openid/callback", port),
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        come_in(page, address)
        assert page.get_by_text("Сабина Каримова").count() == 1
        hint = next(each for each in page.context.cookies() if each["name"] == "vitrina_openid_hint")
        assert (hint["httpOnly"], hint["path"]) == (True, "/sign-in")
        # Her second browser at the provider: the same person, another session here.
        other = browser.new_page()
        come_in(other, address)
        forged = httpx.post(f"{address}/sign-in/openid/backchannel", data={"logout_token": hint["value"]})
        assert forged.status_code == 400, "an identity token is no word that somebody has left"
        page.get_by_role("button", name="Выйти").click()
        page.get_by_text("Вы вышли из системы.").wait_for(timeout=30_000)
        assert page.url.startswith(f"{address}/sign-in")
        # The provider has let her go as well, and told the workspace, whose other session of hers has ended.
        other.wait_for_url(f"{address}/sign-in**", timeout=30_000)
        page.get_by_role("link", name="Войти через Operator ID").click()
        page.wait_for_url(f"{told['ISSUER']}/interaction/**", timeout=20_000)
        assert page.locator('input[name="login"]').count() == 1
        browser.close()
    assert roles_of(home, "s.karimova") == {"supervisor"}


def come_in(page: Any, address: str) -> None:
    """Sign in through the provider, which knows the person already or asks her."""
    page.goto(f"{address}/customers")
    page.get_by_role("link", name="Войти через Operator ID").click()
    page.wait_for_load_state()
    if page.locator('input[name="login"]').count():
        page.fill('input[name="login"]', "s.karimova")
        page.fill('input[name="password"]', "any")
        page.click("button[type=submit]")
    if page.get_by_role("button", name="Continue").count():
        page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Поиск клиентов", exact=True).first.wait_for(timeout=30_000)
