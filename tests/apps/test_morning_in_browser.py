"""A manager's morning in a real browser: open the day, read three signals, decide on each, plan a call; in at most
twelve clicks, in three languages, with a clean console."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm.services import signals, tasks
from crm.services.accounts import user_by_login
from crm.services.rights import rights_of
from crm.services.signals import Filter, State
from tests.apps.browser import chromium, served, watched_tab
from tests.apps.people import database, now
from vitrina.i18n import translator

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MOST_CLICKS = 12


@pytest.fixture(scope="module")
def address(signal_home: Path) -> Iterator[str]:
    chromium()
    with served(signal_home) as found:
        yield found


class Manager:
    """Somebody at a browser who counts his clicks and the seconds until each page stands."""

    def __init__(self, tab: Any, language: str) -> None:
        self.tab, self.say, self.clicks = tab, translator(language).text, 0
        self.seconds: dict[str, float] = {}

    def click(self, target: Any, step: str, awaited: Any) -> None:
        """One click on a page that stands still, as a person waits for it; how long what it opens took to be there."""
        self.tab.locator('[data-test-script-state="notRunning"]').first.wait_for()
        began = time.monotonic()
        target.click()
        self.clicks += 1
        awaited.wait_for()
        self.seconds[step] = time.monotonic() - began

    def menu(self, name: str, choice: str, step: str, awaited: Any) -> None:
        """Two clicks: the button of a menu, and what is chosen from it."""
        item = self.tab.get_by_text(choice, exact=True).last
        self.click(self.tab.get_by_role("button", name=name).first, f"{step}, menu", item)
        self.click(item, step, awaited)

    def opened(self) -> str:
        """The signal that the address names."""
        return re.search(r"signal=(\d+)", self.tab.url)[1]

    def other_than(self, signal: str) -> "Other":
        """Waits until another signal is open."""
        return Other(self.tab, signal)


class Other:
    """Another signal being open, as something to wait for."""

    def __init__(self, tab: Any, signal: str) -> None:
        self._tab, self._signal = tab, signal

    def wait_for(self) -> None:
        self._tab.wait_for_function(
            "before => { const m = location.search.match(/signal=(\\d+)/); return m && m[1] !== before }",
            arg=self._signal,
        )


def evidence(manager: Manager) -> Any:
    """The heading of the evidence, which stands below a signal that is read."""
    return manager.tab.get_by_text(manager.say("Evidence"), exact=True).first


@pytest.mark.parametrize(("language", "login"), [("ru", "farmer"), ("uz", "hunter"), ("en", "head_of_b2b")])
def test_a_managers_morning_takes_at_most_twelve_clicks(
    address: str, signal_home: Path, language: str, login: str
) -> None:  # fmt: skip
    before = decided(signal_home, login)
    with watched_tab(address, signal_home, login) as tab:
        tab.set_default_timeout(20_000)
        me = Manager(tab, language)
        tab.goto(f"{address}/signals?lang={language}")
        first = tab.locator("[class*=st-key-signal_open_] button").first
        first.wait_for()
        read = [read_next(me, first)]
        for name, choice in (("React", "Called the customer"), ("Ignore", "Usual for the season")):
            me.menu(me.say(name), me.say(choice), name, me.other_than(read[-1]))
            evidence(me).wait_for()
            read.append(me.opened())
        plan_a_call(me, read[-1])
        assert len(set(read)) == 3
        assert me.clicks <= MOST_CLICKS
    print(f"{language}: {me.clicks} clicks; " + ", ".join(f"{name} {took:.2f} s" for name, took in me.seconds.items()))
    after = decided(signal_home, login)
    assert len(after) - len(before) == 3
    assert {each.decision_reason for each in after} >= {"called", "seasonal", "task_planned"}
    base = database(signal_home)
    with base.read() as session:
        planned, _ = tasks.tasks(session, None, now(), tasks.TaskFilter(signal_id=int(read[-1])))
    base.close()
    assert [each.kind for each in planned] == ["call"]


def read_next(me: Manager, card: Any) -> str:
    """Open a signal and read it to its evidence."""
    me.click(card, "open", evidence(me))
    return me.opened()


def plan_a_call(me: Manager, signal: str) -> None:
    """A call on the last moment that the menu offers by itself."""
    moment = me.tab.get_by_text(re.compile(r"^\d\d\.\d\d\.\d{4} 10:00$")).last
    me.click(me.tab.get_by_role("button", name=me.say("Call, plan")).first, "plan, menu", moment)
    me.click(moment, "plan", me.other_than(signal))


def decided(signal_home: Path, login: str) -> list[signals.SignalInfo]:
    """The signals that he has decided on, or somebody of his unit."""
    base = database(signal_home)
    with base.read() as session:
        rights = rights_of(session, user_by_login(session, login).user_id, now().date())
        found, _ = signals.inbox(session, rights, Filter(states=(State.DECIDED,)), limit=200)
    base.close()
    return found
