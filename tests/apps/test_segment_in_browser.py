"""A segment built in a real browser: from an empty page to an audience in a file, by mouse and by keys, in all three
languages, without a word to any other host and without a complaint of the content policy."""

import csv
import hashlib
import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.components.segment_builder import is_built
from tests.apps.browser import chromium, served, watched_tab
from tests.apps.people import EVERYTHING
from vitrina.i18n import translator

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Say = Callable[[str], str]


@pytest.fixture(scope="module")
def address(small_home: Path) -> Iterator[str]:
    chromium()
    assert is_built(), "the builder is not there: make setup builds it"
    with served(small_home) as found:
        yield found


@pytest.fixture(scope="module")
def page(address: str, small_home: Path) -> Iterator["object"]:
    with watched_tab(address, small_home, EVERYTHING, height=1000) as tab:
        tab.set_default_timeout(15_000)
        yield tab


def begin(page, address: str, language: str) -> Say:
    """The builder on an empty page, and what says a message in the language of the page."""
    say = translator(language).text
    page.goto(f"{address}/segments?lang={language}")
    page.get_by_role("button", name=say("New segment")).click()
    page.get_by_role("dialog").get_by_role("button", name=say("Begin")).first.click()
    page.get_by_test_id("segment-builder").wait_for()
    expect_count(page, 60)
    return say


def expect_count(page, count: int) -> None:
    page.wait_for_function(
        """wanted => { const found = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)
             .map(r => r.querySelector('[data-testid=count]')).find(Boolean);
           return found && found.dataset.fresh === 'true' && found.querySelector('b').textContent === wanted }""",
        arg=str(count),
    )


def add(page, say: Say, words: str) -> None:
    """Choose what a new condition is about, by the keyboard."""
    page.get_by_role("button", name=say("Add a condition"), exact=True).click()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def rules(page):
    return page.get_by_test_id("rule")


def of_organisations(page, say: Say, label: str) -> None:
    """The condition that holds for fifteen of the sixty customers, its value picked from the list."""
    add(page, say, label)
    rules(page).first.get_by_role("button", name=say("Choose values")).click()
    page.get_by_role("option", name=say("Organisation")).click()
    page.keyboard.press("Escape")
    expect_count(page, 15)


def test_from_an_empty_page_to_an_audience_in_a_file(page, address: str, tmp_path: Path) -> None:
    say = begin(page, address, "ru")
    of_organisations(page, say, "Тип клиента")
    add(page, say, "Задолженность")
    assert say("Not finished: it does not count yet.") in rules(page).nth(1).inner_text()
    rules(page).nth(1).locator("input.number").fill("100 000")
    expect_count(page, 0)
    page.keyboard.press("Control+z")
    expect_count(page, 15)
    _by_mouse_and_keys(page, say)
    _alternatives(page, say)
    page.get_by_placeholder(say("Name of the segment")).fill("Юридические лица из браузера")
    page.keyboard.press("Tab")
    page.get_by_role("button", name=say("Save"), exact=True).click()
    page.wait_for_url("**/segment?key=iuridicheskie-litsa-iz-brauzera*")
    page.get_by_role("tab", name=say("Export")).click()
    page.get_by_role("button", name=say("Make the file")).click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name=say("Download")).click()
    downloading.value.save_as(tmp_path / "members.csv")
    content = (tmp_path / "members.csv").read_bytes()
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert len(lines) == 15
    assert {int(line["customer_id"]) % 4 for line in lines} == {0}
    shown = page.get_by_text(re.compile("SHA-256 файла")).inner_text()
    assert hashlib.sha256(content).hexdigest()[:16] in shown


def _by_mouse_and_keys(page, say: Say) -> None:
    """Reorder by dragging and by keys, copy and paste, switch off."""
    first = lambda: rules(page).first.inner_text()  # noqa: E731
    assert "Тип клиента" in first()
    handles = page.get_by_role("button", name=say("Drag, or move with Alt and the arrow keys"))
    handles.nth(1).drag_to(rules(page).first, target_position={"x": 200, "y": 4})
    assert "Задолженность" in first()
    handles.first.focus()
    page.keyboard.press("Alt+ArrowDown")
    assert "Тип клиента" in first()
    handles.nth(1).focus()
    page.keyboard.press("Control+d")
    assert rules(page).count() == 3
    rules(page).nth(2).get_by_role("button", name=say("Remove")).last.click()
    rules(page).nth(1).get_by_role("button", name=say("Switch off")).click()
    expect_count(page, 15)
    rules(page).nth(1).get_by_role("button", name=say("Remove")).last.click()
    assert rules(page).count() == 1


def _alternatives(page, say: Say) -> None:
    """Turn the whole round, and back; an event with a filter of its own, taken away again."""
    page.get_by_role("button", name=say("Not"), exact=True).click()
    expect_count(page, 45)
    page.get_by_role("button", name=say("Not"), exact=True).click()
    add(page, say, "Платежи")
    rules(page).nth(1).get_by_role("button", name=say("Add a filter")).click()
    page.keyboard.type("Сумма")
    page.keyboard.press("Enter")
    rules(page).nth(2).locator("input.number").fill("1")
    time.sleep(0.5)
    rules(page).nth(1).locator("> .tools").get_by_role("button", name=say("Remove")).click()
    expect_count(page, 15)


@pytest.mark.parametrize(("language", "label", "said"), [
    ("uz", "Mijoz turi", "Mijozlar"), ("en", "Customer type", "Customers"),
])  # fmt: skip
def test_the_builder_speaks_the_language_of_the_page(page, address: str, language: str, label: str, said: str) -> None:
    say = begin(page, address, language)
    of_organisations(page, say, label)
    page.get_by_text(re.compile(f"^{said}")).first.wait_for()
    text = page.get_by_test_id("segment-builder").inner_text()
    assert not re.search("[а-яА-Я]", text), text
    page.set_viewport_size({"width": 1024, "height": 900})
    page.get_by_role("tab", name=say("Profile")).click()
    page.get_by_text("15").first.wait_for()
    overflow = page.locator('[data-testid="stMain"]').evaluate("main => main.scrollWidth - main.clientWidth")
    page.set_viewport_size({"width": 1440, "height": 1000})
    assert overflow <= 0
