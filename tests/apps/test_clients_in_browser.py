"""The clients' pages in a real browser: a manager's way from his list to the card and its usage, in two languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apps.browser import chromium, served, watched_tab
from tests.apps.test_in_browser import MAIN, click_row, open_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = {
    "ru": ("Мои клиенты", "Контакты и связи", "Структура группы", "Анализ потребления", "Хронология"),
    "uz": ("Mening mijozlarim", "Kontakt va aloqalar", "Guruh tuzilmasi", "Isteʼmol tahlili", "Voqealar"),
}


@pytest.fixture(scope="module")
def address(small_home: Path) -> Iterator[str]:
    chromium()
    with served(small_home) as found:
        yield found


@pytest.mark.parametrize("language", WORDS)
def test_from_the_list_to_the_card_and_the_usage_of_a_client(address: str, small_home: Path, language: str) -> None:
    clients, relations, group, usage, timeline = WORDS[language]
    with watched_tab(address, small_home, "farmer") as tab:
        tab.set_viewport_size({"width": 1024, "height": 900})
        open_page(tab, address, f"clients?lang={language}", clients)
        _fits(tab)
        click_row(tab, 0, 0)
        tab.get_by_role("tab", name=relations).first.click()
        tab.get_by_role("heading", name=group).wait_for(timeout=20_000)
        tab.get_by_role("tab", name=timeline).first.click()
        tab.locator(MAIN).get_by_text("15.11.2026").first.wait_for(timeout=20_000)
        _fits(tab)
        tab.locator(MAIN).get_by_role("link", name=usage).click()
        tab.get_by_role("heading", name=usage, exact=True).wait_for(timeout=20_000)
        tab.locator(f"{MAIN} canvas").first.wait_for(timeout=20_000)
        _fits(tab)


def _fits(tab) -> None:
    """Nothing is wider than the window."""
    tab.wait_for_timeout(500)
    assert tab.locator(MAIN).evaluate("main => main.scrollWidth - main.clientWidth") <= 1
