"""What a person meets in a real browser from the sign-in form to the end of his session."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.services import sessions
from tests.apps.browser import ARGUMENTS, chromium, served
from tests.apps.people import PASSWORD, database, now, system
from vitrina.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MAIN, MENU = '[data-testid="stMain"]', "stSidebarNav"


@pytest.fixture(scope="module")
def address(small_home: Path) -> Iterator[str]:
    chromium()
    with served(small_home) as found:
        yield found


@pytest.fixture
def page(address: str) -> Iterator["object"]:
    """A browser in which nobody has signed in; a refused script or style would be a line in its console."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        broken: list[str] = []
        tab.on("console", lambda m: broken.append(m.text) if "Content Security Policy" in m.text else None)
        yield tab
        browser.close()
        assert broken == []


def sign_in(page, address: str, login: str, path: str = "") -> None:
    """Open a page of the workspace, fill in the form that comes instead, and wait for the workspace."""
    page.goto(f"{address}/{path}")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.get_by_test_id(MENU).wait_for(timeout=30_000)


def live_session(home: Path, login: str) -> int:
    """The newest live session of a login."""
    base, settings = database(home), Settings(home=home)
    with base.read() as session:
        live = sessions.live_sessions(session, now(), settings.accounts)
    base.close()
    return max(info.session_id for info in live if info.login == login)


def test_a_deep_link_leads_through_the_form_to_its_page(page, address: str) -> None:
    sign_in(page, address, "supervisor", "customers?q=karimov")
    page.locator(MAIN).get_by_role("heading", name="Поиск клиентов", exact=True).wait_for(timeout=20_000)
    page.locator(MAIN).get_by_text("15 клиентов.").wait_for(timeout=10_000)


def test_a_wrong_password_is_told_and_the_login_stays_in_the_form(page, address: str) -> None:
    page.goto(f"{address}/sign-in?lang=uz")
    page.fill("#login", "supervisor")
    page.fill("#password", "Wrong-Apricot-00")
    page.click("button[type=submit]")
    assert page.get_by_role("alert").inner_text() == "Login yoki parol notoʻgʻri."
    assert page.input_value("#login") == "supervisor"
    assert page.input_value("#password") == ""


@pytest.mark.parametrize(
    ("login", "has", "lacks"),
    [
        ("system_administrator", ("Пользователи", "Журнал аудита"), ("Поиск клиентов", "SQL-запросы")),
        ("first_line_operator", ("Поиск клиентов",), ("Пользователи", "Когорты", "SQL-запросы")),
        ("data_engineer", ("SQL-запросы", "Качество данных"), ("Пользователи", "Журнал аудита")),
    ],
)
def test_the_menu_holds_what_the_role_may_do(page, address: str, login: str, has: tuple, lacks: tuple) -> None:
    sign_in(page, address, login)
    menu = page.get_by_test_id(MENU)
    menu.get_by_text(has[0], exact=True).wait_for(timeout=20_000)
    found = menu.inner_text()
    assert all(name in found for name in has)
    assert not any(name in found for name in lacks)


def test_an_administrator_ends_a_session_and_its_browser_goes_to_the_form(page, address: str, small_home: Path) -> None:
    sign_in(page, address, "collections", "customers")
    page.locator(MAIN).get_by_role("heading", name="Поиск клиентов", exact=True).wait_for(timeout=20_000)
    base = database(small_home)
    with base.begin() as session:
        sessions.revoke(session, live_session(small_home, "collections"), system("tests"), now(), "tests")
    base.close()
    page.wait_for_url("**/sign-in?why=ended*", timeout=15_000)
    assert "Ваш сеанс завершён" in page.get_by_role("alert").inner_text()
    page.fill("#login", "collections")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.locator(MAIN).get_by_role("heading", name="Поиск клиентов", exact=True).wait_for(timeout=20_000)


def test_a_page_left_alone_for_too_long_goes_to_the_form(page, address: str, small_home: Path) -> None:
    sign_in(page, address, "head_of_marketing")
    number = live_session(small_home, "head_of_marketing")
    with sqlite3.connect(Settings(home=small_home).state_dir / "crm.sqlite") as raw:
        raw.execute("update user_sessions set last_seen_at = '2026-01-01 00:00:00' where session_id = ?", [number])
    page.wait_for_url("**/sign-in?why=ended*", timeout=15_000)


def test_signing_out_ends_the_session_on_the_server(page, address: str) -> None:
    sign_in(page, address, "farmer")
    page.get_by_role("button", name="Выйти").click()
    page.wait_for_url("**/sign-in*", timeout=15_000)
    page.goto(f"{address}/customers")
    page.locator("#login").wait_for(timeout=10_000)


def test_the_matrix_is_changed_in_the_browser_and_undone(page, address: str, small_home: Path) -> None:
    from crm.services.matrix import matrix

    sign_in(page, address, "system_administrator", "roles")
    page.get_by_role("heading", name="Как показываются защищённые колонки").wait_for(timeout=20_000)
    base = database(small_home)
    with base.read() as session:
        before = matrix(session)
    page.get_by_role("combobox", name="Имена людей").click()
    page.get_by_role("option", name="частично").click()
    page.get_by_text("1 изменение").wait_for(timeout=10_000)
    page.get_by_label("Причина").last.fill("проверка")
    page.get_by_role("button", name="Сохранить матрицу").click()
    page.get_by_text(f"Версия {before.version + 1} сохранена").wait_for(timeout=10_000)
    with base.read() as session:
        after = matrix(session)
    assert after.version == before.version + 1
    assert after.info.reason == "проверка"
    page.get_by_role("tab", name="Версии").click()
    frame = page.locator('[data-testid="stDataFrame"]').first
    frame.wait_for(timeout=10_000)
    page.wait_for_timeout(1000)
    box = frame.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 34 * 2 + 17)
    page.get_by_label("Причина").last.fill("вернуть")
    page.get_by_role("button", name=f"Вернуть версию {before.version}").click()
    page.get_by_text(f"Версия {before.version + 2} сохранена").wait_for(timeout=10_000)
    with base.read() as session:
        assert matrix(session).roles == before.roles
    base.close()
