"""Signals on the card and in the list of clients: counted, told in a sentence, decided where one reads."""

from pathlib import Path

import pytest

from crm.services import signals
from crm.services.signals import State
from tests.apps.people import database
from tests.apps.test_pages import assert_healthy, opened, words

pytestmark = pytest.mark.usefixtures("use_signal_home")


def test_the_list_counts_the_signals_that_wait(signal_home: Path) -> None:
    frame = opened("clients", login="farmer").dataframe[0].value
    assert set(frame["signals"]) == {"2"}
    assert signal_home


def test_the_card_tells_what_happened_and_opening_it_is_seeing(signal_home: Path) -> None:
    base = database(signal_home)
    with base.read() as session:
        before = signals.signals_of_customer(session, None, 12)
    assert {each.state for each in before} == {State.OPEN}
    at = opened("customer", login="head_of_b2b", id="12")
    at.session_state["card_tab"] = "Сигналы"
    at.run()
    assert_healthy(at)
    said = words(at)
    assert all(each.rule_name in said for each in before)
    at.session_state["card_tab"] = "Хронология"
    at.run()
    assert "Падают платежи" in words(at)
    with base.read() as session:
        after = signals.signals_of_customer(session, None, 12)
    base.close()
    assert {each.state for each in after} == {State.SEEN}


def test_who_may_not_decide_leaves_no_mark(signal_home: Path) -> None:
    at = opened("customer", login="commercial_director", id="20")
    at.session_state["card_tab"] = "Сигналы"
    at.run()
    assert_healthy(at)
    assert not [button for button in at.button if (button.key or "").startswith("signal_")]
    base = database(signal_home)
    with base.read() as session:
        found = signals.signals_of_customer(session, None, 20)
    base.close()
    assert {each.state for each in found} == {State.OPEN}
