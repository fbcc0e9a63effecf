"""The card of an organisation: its group, its numbers by account, usage against bundles, timeline and tasks."""

import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from crm.services import tasks
from tests.apps.people import EVERYTHING, database, now
from tests.apps.test_clients import asked
from tests.apps.test_pages import assert_healthy, opened, words


def tab(customer: int, title: str, login: str = EVERYTHING) -> AppTest:
    """The card with this tab open."""
    at = opened("customer", login=login, id=str(customer))
    at.session_state["card_tab"] = title
    at.run()
    assert_healthy(at)
    return at


@pytest.mark.usefixtures("use_home")
def test_the_group_shows_companies_in_scope_and_only_counts_the_others() -> None:
    whole = tab(8, "Контакты и связи")
    companies = next(frame.value for frame in whole.dataframe if "link" in frame.value)
    assert dict(zip(companies["name"], companies["link"], strict=True)) == {
        "Romashka 4 MChJ": "Головная компания", "Romashka 12 MChJ": "Общий директор",
    }  # fmt: skip
    # The farmer serves 4, 12, 20 …; the hunter 8, 16 …: to him both neighbours of 8 are somebody else's.
    hunter = words(tab(8, "Контакты и связи", "hunter"))
    assert "Romashka 4" not in hunter
    assert "Romashka 12" not in hunter
    assert "Ещё 1 неформально связанного клиента ведут другие." in hunter


@pytest.mark.usefixtures("use_home")
def test_an_account_that_is_selected_narrows_the_numbers() -> None:
    at = tab(8, "Номера и продукты")
    assert "Номера счёта" not in words(at)
    at.session_state["card_agreements_8"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    assert "Номера счёта 77000008" in words(at)


def test_the_running_month_is_held_against_the_bundle(use_home: Path) -> None:
    ((used,),) = asked(
        use_home,
        "select sum(data_mb) from fct_usage_daily where customer_id = 12 and usage_date >= date '2026-11-01'",
    )
    at = tab(12, "Потребление")
    told = [each.proto.text.replace("\u202f", " ") for each in at.get("progress")]
    assert used == 22 * 112
    assert "Интернет, МБ: 2 464 из 10 240 · 24 %" in told


@pytest.mark.usefixtures("use_home")
def test_the_timeline_is_narrowed_by_kind_day_and_words() -> None:
    at = tab(12, "Хронология")
    everything = _count(at)
    at.button_group(key="card_timeline_kinds").set_value(["payment"]).run()
    assert _count(at) == 14 < everything
    at.date_input(key="card_timeline_days").set_value((dt.date(2026, 8, 1), dt.date(2026, 10, 31))).run()
    assert _count(at) == 3
    at.text_input(key="card_timeline_words").input("карта").run()
    assert _count(at) == 3
    at.text_input(key="card_timeline_words").input("перевод").run()
    assert "Ничего не найдено" in words(at)


def _count(at: AppTest) -> int:
    line = next(each.value for each in at.caption if " из " in each.value and "–" in each.value)
    return int(line.rsplit(" ", 1)[1])


@pytest.mark.usefixtures("use_home")
def test_what_a_role_may_not_see_has_no_tab_and_no_place_in_the_timeline() -> None:
    hunter = opened("customer", login="hunter", id="8")
    titles = {each.label for each in hunter.tabs}
    assert "Хронология" in titles
    assert not titles & {"Долг и платежи", "Потребление"}
    assert {metric.label for metric in hunter.metric} == {"Активные номера"}
    hunter.session_state["card_tab"] = "Хронология"
    hunter.run()
    assert "Платёж" not in words(hunter)
    assert "Контакт" in words(hunter)


def test_a_task_is_planned_on_the_card_and_finished_there(use_home: Path) -> None:
    at = tab(36, "Задачи", "farmer")
    at.text_input(key="task_title_36_0").input("Обсудить тариф")
    at.button(key="task_save").click().run()
    assert_healthy(at)
    base = database(use_home)
    with base.read() as session:
        (made,) = tasks.tasks_of_customer(session, None, 36)
    assert (made.title, made.kind, made.manager_id, made.state) == ("Обсудить тариф", "call", "E2", "open")
    assert made.due_at > now()
    at = tab(36, "Задачи", "farmer")
    at.text_area(key=f"task_result_{made.task_id}").input("Перешли на новый тариф").run()
    at.button(key=f"task_done_{made.task_id}").click().run()
    with base.read() as session:
        (made,) = tasks.tasks_of_customer(session, None, 36)
    base.close()
    assert (made.state, made.result) == ("done", "Перешли на новый тариф")
