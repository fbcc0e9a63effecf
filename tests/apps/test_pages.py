"""Every page in every language: it opens, shows its figures, and keeps personal numbers hidden."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from apps import identity
from apps.web.ownership import Owners
from tests.apps.people import EVERYTHING, open_session
from vitrina.i18n import LANGUAGES
from vitrina.settings import REPOSITORY, get_settings

APP = REPOSITORY / "apps" / "app.py"
PAGES = ("home", "customers", "rfm", "cohorts", "data_health")
TITLES = {
    "home": {"ru": "Главная", "uz": "Bosh sahifa", "en": "Home"},
    "customers": {"ru": "Поиск клиентов", "uz": "Mijozlarni qidirish", "en": "Customer search"},
    "rfm": {"ru": "RFM-анализ", "uz": "RFM-tahlil", "en": "RFM analysis"},
    "cohorts": {"ru": "Когорты", "uz": "Kogortalar", "en": "Cohorts"},
    "data_health": {"ru": "Качество данных", "uz": "Maʼlumotlar sifati", "en": "Data health"},
}
FAILED = ("Что-то пошло не так", "Xatolik yuz berdi", "Something went wrong")


def workspace(login: str = EVERYTHING) -> AppTest:
    """The workspace as the server opens it for a user who is signed in."""
    # AppTest calls each of its sessions by one id, which in a server belongs to one sign-in.
    identity.owners = Owners()
    at = AppTest.from_file(str(APP), default_timeout=30)
    at.user = open_session(get_settings().home, login)[1]
    return at


def opened(page: str, language: str = "ru", login: str = EVERYTHING, **query: str) -> AppTest:
    """The workspace on one page, as a person with that language sees it."""
    at = workspace(login)
    at.session_state["lang"] = language
    at.query_params.update(query)
    at.run()
    if page != "home":
        at.switch_page(f"app_pages/{page}.py")
        at.query_params.update(query)
        at.run()
    assert_healthy(at)
    return at


def assert_healthy(at: AppTest) -> None:
    """Neither an exception nor the page that stands in for one."""
    assert not at.exception
    assert not {title.value for title in at.title} & set(FAILED)


def words(at: AppTest) -> str:
    """Everything that the page says."""
    kinds = (at.title, at.subheader, at.caption, at.markdown, at.code)
    metrics = [f"{metric.label} {metric.value}" for metric in at.metric]
    return "\n".join([*(str(element.value) for kind in kinds for element in kind), *metrics])


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_every_language(page: str, language: str) -> None:
    assert opened(page, language).title[0].value == TITLES[page][language]


@pytest.mark.usefixtures("empty_home")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", [page for page in PAGES if page != "data_health"])
def test_before_the_first_publish_a_page_says_what_to_run(page: str, language: str) -> None:
    assert "vitrina run" in words(opened(page, language))


@pytest.mark.usefixtures("empty_home")
def test_data_health_works_before_the_first_publish() -> None:
    assert opened("data_health").metric[1].value == "0"


@pytest.mark.usefixtures("use_home")
def test_the_language_switch_changes_the_open_page_at_once() -> None:
    at = opened("home", "ru")
    at.session_state["lang"] = "uz"
    assert at.run().title[0].value == "Bosh sahifa"


@pytest.mark.usefixtures("use_home")
def test_home_shows_the_customers_who_are_with_us_and_the_one_who_left() -> None:
    figures = {metric.label: metric.value for metric in opened("home").metric}
    assert figures["Действующие клиенты"] == "59"
    assert figures["Отток за 10.2026"] == "1"


@pytest.mark.usefixtures("use_home")
def test_search_by_a_latin_name_finds_the_cyrillic_customers() -> None:
    at = opened("customers")
    at.text_input(key="q").input("karimov jasur").run()
    assert len(at.dataframe[0].value) == 15
    assert at.dataframe[0].value.iloc[0, 0].startswith("Каримов Жасур")


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize("login", ["first_line_operator", EVERYTHING])
def test_a_caller_is_found_by_his_number_even_by_who_sees_numbers_in_part(login: str) -> None:
    at = opened("customers", login=login)
    at.text_input(key="q").input("8 90 100 00 05").run()
    assert len(at.dataframe[0].value) == 1
    shown = at.dataframe[0].value.to_csv()
    assert ("+998 90 100 00 05" in shown) == (login == EVERYTHING)


@pytest.mark.usefixtures("use_home")
def test_a_search_without_result_says_so_instead_of_an_empty_table() -> None:
    at = opened("customers")
    at.text_input(key="q").input("нет такого человека").run()
    assert not at.dataframe
    assert "Никто не найден" in words(at)


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("customer", [1, 3, 8, 60])
def test_every_tab_of_the_card_opens(customer: int, language: str) -> None:
    at = opened("customer", language, id=str(customer))
    for tab in [tab.label for tab in at.tabs]:
        at.session_state["card_tab"] = tab
        at.run()
        assert_healthy(at)


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize(("login", "pinfl"), [("supervisor", "•••••05"), (EVERYTHING, "31201900000005")])
def test_the_card_shows_of_pinfl_and_passport_what_the_role_allows(login: str, pinfl: str) -> None:
    at = opened("customer", login=login, id="5")
    assert pinfl in words(at)
    at.session_state["card_tab"] = "Все атрибуты"
    at.run()
    shown = "\n".join([words(at), *(frame.value.to_csv() for frame in at.dataframe)])
    assert "ПИНФЛ" in shown
    assert ("31201900000005" in shown) == (login == EVERYTHING)
    assert ("AB1234505" in shown) == (login == EVERYTHING)


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize("wrong", ["", "abc", "999999", "-1", "1e3", "9" * 30])
def test_an_address_without_a_known_customer_is_answered_kindly(wrong: str) -> None:
    at = opened("customer", id=wrong)
    assert re.search("Клиент не выбран|Такого клиента нет", words(at))


@pytest.mark.usefixtures("use_home")
def test_all_attributes_can_be_found_by_their_name_in_the_chosen_language() -> None:
    at = opened("customer", "uz", id="5")
    at.session_state["card_tab"] = "Barcha atributlar"
    at.session_state["card_attribute_find"] = "qarzdorlik"
    at.run()
    assert at.dataframe
    assert all("qarzdorlik" in " ".join(frame.value["label"]).lower() for frame in at.dataframe)


@pytest.mark.usefixtures("use_home")
def test_a_group_of_rfm_narrows_the_list_of_customers() -> None:
    at = opened("rfm")
    at.session_state["rfm_group"] = "at_risk"
    at.run()
    members = at.dataframe[1].value
    assert set(members["rfm_group"]) == {"В зоне риска"}
    assert len(members) == 15


@pytest.mark.usefixtures("use_home")
def test_a_cell_of_the_matrix_narrows_the_list_of_customers() -> None:
    at = opened("rfm")
    at.session_state["rfm_cell"] = (4, 4)
    at.run()
    assert set(at.dataframe[1].value["scores"]) == {"4–4–3"}


@pytest.mark.usefixtures("use_home")
def test_a_quarantined_row_is_shown_in_its_file_with_its_neighbours_and_without_the_pinfl() -> None:
    at = opened("data_health")
    at.session_state["health_tab"] = "Карантин"
    at.run()
    reasons = at.dataframe[0].value
    place = list(reasons["rule"]).index("Не дата")
    at.session_state["quarantine_reasons"] = _row(place)
    at.session_state[f"quarantine_rows_{place}_rows_1"] = _row(0)
    at.run()
    shown = words(at)
    assert "1;2026-11-01;x" in shown
    assert "▶        3  2;2026-13-40;312•••••05" in shown
    assert "31201900000005" not in shown


def _row(number: int) -> dict[str, dict[str, list[int]]]:
    return {"selection": {"rows": [number], "columns": [], "cells": []}}


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize(
    ("tab", "said"),
    [("Поставки", "data_mb"), ("Проверки", "unique_customer_id"), ("Запуски и предупреждения", "extra")],
)
def test_the_lists_of_data_health_tell_what_the_ledger_holds(tab: str, said: str) -> None:
    at = opened("data_health")
    at.session_state["health_tab"] = tab
    at.run()
    assert said in "\n".join(frame.value.to_csv() for frame in at.dataframe)


@pytest.mark.usefixtures("use_home")
def test_an_unforeseen_error_shows_a_reference_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.data import customers

    def broken(*_: object) -> int:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(customers, "count", broken)
    at = workspace().run()
    at.switch_page("app_pages/customers.py").run()
    assert "Что-то пошло не так" in [title.value for title in at.title]
    assert not at.exception
    assert "secret detail" not in words(at)


def test_no_page_reads_the_warehouse_past_the_data_functions() -> None:
    """SQL lives in apps/data, where the access gate will stand."""
    offenders = [
        str(path.relative_to(REPOSITORY))
        for folder in ("app_pages", "customer_card", "health_tabs", "ui")
        for path in (Path(REPOSITORY) / "apps" / folder).glob("*.py")
        if re.search(r"\.query\(|select .* from ", path.read_text(encoding="utf-8"))
    ]
    assert offenders == []
