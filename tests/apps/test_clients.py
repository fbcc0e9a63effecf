"""My clients: figures by independent SQL, the order and filters chosen, and what each role may see and take out."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from apps.api.app import make_api
from apps.web.caller import SCOPE_KEY, Caller
from crm.models import Preference
from crm.services import accounts, audit_log, tasks
from crm.services.actor import system
from crm.services.audit import AuditKind
from crm.services.audit_log import AuditFilter
from tests.apps.people import database, now
from tests.apps.test_pages import assert_healthy, opened
from vitrina.i18n import LANGUAGES
from vitrina.warehouse.reader import SnapshotReader

CLIENTS_OF = "select customer_id from customer_profiles where manager_id = '{}'"


def asked(home: Path, sql: str) -> list[tuple]:
    """What the snapshot itself says, past the gate and past the code under test."""
    with SnapshotReader.open(home / "published") as snapshot:
        return [tuple(row.values()) for row in snapshot.query(sql).to_pylist()]


def metrics(at: AppTest) -> dict[str, str]:
    """The figures at the head of a page."""
    return {metric.label: metric.value for metric in at.metric}


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_opens_in_every_language_for_a_manager_and_for_a_head(language: str) -> None:
    for login in ("farmer", "head_of_b2b"):
        assert opened("clients", language, login).dataframe


def test_a_manager_sees_his_own_clients_and_their_sums(use_home: Path) -> None:
    at = opened("clients", login="farmer")
    own = asked(use_home, CLIENTS_OF.format("E2"))
    ((charges, overdue, numbers),) = asked(
        use_home,
        "select sum(charges_amount_last_month), sum(debt_overdue_amount), sum(subscriptions_active_count) "
        "from customer_profiles where manager_id = 'E2'",
    )
    shown = metrics(at)
    assert (shown["Клиенты"], shown["Активные номера"]) == (str(len(own)), str(numbers))
    assert shown["Начислено за месяц"].startswith(str(round(charges / 1000)))
    assert shown["Просроченный долг"].startswith(str(round(overdue / 1000)))
    assert len(at.dataframe[0].value) == len(own)


def test_a_head_sees_all_managers_and_narrows_to_one(use_home: Path) -> None:
    at = opened("clients", login="head_of_b2b")
    assert set(at.dataframe[0].value["manager_name"]) == {"Рахимов Т."}
    everybody = int(metrics(at)["Клиенты"])
    at.multiselect(key="clients_managers").set_value(["E1"]).run()
    assert_healthy(at)
    assert int(metrics(at)["Клиенты"]) == len(asked(use_home, CLIENTS_OF.format("E1"))) < everybody


def test_the_count_of_clients_says_how_many_of_them_have_left(use_home: Path) -> None:
    clients = next(each for each in opened("clients", login="farmer").metric if each.label == "Клиенты")
    ((here, left),) = asked(
        use_home,
        "select count(*) filter (where lifecycle_status <> 'left'), count(*) filter (where lifecycle_status = 'left') "
        "from customer_profiles where manager_id = 'E2'",
    )
    assert clients.value == str(here + left)
    assert clients.delta == (f"с нами {here}, ушли {left}" if left else "")


def test_columns_once_chosen_are_there_at_the_next_sign_in(use_home: Path) -> None:
    at = opened("clients", login="farmer")
    assert "inn" not in at.dataframe[0].value.columns
    at.button_group(key="clients_columns").set_value(["inn", "health"]).run()
    assert_healthy(at)
    again = opened("clients", login="farmer")
    assert {"inn", "health"} <= set(again.dataframe[0].value.columns)
    assert "charges" not in again.dataframe[0].value.columns
    assert "charges" in opened("clients", login="head_of_b2b").dataframe[0].value.columns
    with database(use_home).begin() as session:
        session.execute(delete(Preference))


@pytest.mark.usefixtures("use_home")
def test_a_manager_is_not_offered_a_choice_of_managers_nor_figures_closed_to_him() -> None:
    hunter = opened("clients", login="hunter")
    assert not hunter.multiselect
    assert "Просроченный долг" not in metrics(hunter)
    assert not {"charges", "overdue", "data_curve"} & set(hunter.dataframe[0].value.columns)
    farmer = opened("clients", login="farmer")
    assert {"charges", "overdue", "data_curve"} <= set(farmer.dataframe[0].value.columns)


def test_search_finds_by_name_in_latin_and_by_inn(use_home: Path) -> None:
    ((inn,),) = asked(use_home, "select inn from customer_profiles where customer_id = 12")
    for text in ("romashka 12", inn):
        at = opened("clients", login="farmer")
        at.text_input(key="clients_q").input(text).run()
        assert list(at.dataframe[0].value["client_name"]) == ["Romashka 12 MChJ"]


def test_health_is_100_less_the_points_of_its_parts(use_home: Path) -> None:
    risks = dict(asked(use_home, "select customer_id, least(40, 80 * churn_probability) from customer_scores"))
    # The hunter sees of customer 8 that it is in liquidation and may leave, not that its traffic and payments fall.
    assert _health(opened("clients", login="hunter"))["Romashka 8 MChJ"] == round(100 - 50 - risks[8])
    # Half of the internet gone takes 40, liquidation 50, and 24 days overdue more than is left.
    everything = _health(opened("clients"))
    assert everything["Romashka 8 MChJ"] == 0
    assert everything["Romashka 20 MChJ"] == round(100 - 40 * 60 / 90 - risks[20])


def _health(at: AppTest) -> dict[str, int]:
    frame = at.dataframe[0].value
    return dict(zip(frame["client_name"], frame["health"], strict=True))


@pytest.mark.usefixtures("use_home")
def test_the_order_and_the_band_of_health_are_those_chosen() -> None:
    at = opened("clients")
    at.selectbox(key="clients_order").set_value("health").run()
    shown = list(at.dataframe[0].value["health"])
    assert shown == sorted(shown)
    at.selectbox(key="clients_band").set_value("poor").run()
    assert max(at.dataframe[0].value["health"]) < 50
    assert int(metrics(at)["Клиенты"]) == int(metrics(at)["В плохом состоянии"])


def test_the_task_that_is_due_first_stands_in_its_clients_row(use_home: Path) -> None:
    base, moment = database(use_home), now()
    with base.begin() as session:
        for days, title in ((5, "Вторая"), (2, "Первая")):
            tasks.create(
                session, None, title, moment + dt.timedelta(days=days), system("tests"), moment, customer_id=20,
                manager_id="E2", assignee_id="E2",
            )  # fmt: skip
    base.close()
    frame = opened("clients", login="farmer").dataframe[0].value
    told = dict(zip(frame["client_name"], frame["next_task"], strict=True))
    assert told["Romashka 20 MChJ"].endswith("Первая")
    assert sum(1 for each in told.values() if isinstance(each, str)) == 1


def test_the_file_of_the_list_has_its_rows_in_its_order_and_is_written_down(use_home: Path) -> None:
    at = opened("clients", login="farmer")
    address = next(each.url for each in at.get("link_button") if "format=csv" in each.url)
    answer = entered(use_home, "farmer").get(address)
    lines = answer.content.decode("utf-8-sig").replace('"', "").splitlines()
    by_charges = asked(use_home, CLIENTS_OF.format("E2") + " order by charges_amount_last_month desc, customer_id")
    assert lines[0].startswith("№ клиента;Клиент;ИНН")
    assert [int(line.split(";")[0]) for line in lines[1:]] == [number for (number,) in by_charges]
    base = database(use_home)
    with base.read() as session:
        entry = audit_log.search(session, AuditFilter(kind=AuditKind.EXPORT, subject="clients"))[0]
    base.close()
    assert entry.details["sha256"] == hashlib.sha256(answer.content).hexdigest()


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize("login", ["hunter", "commercial_director", "first_line_operator"])
def test_who_may_not_export_gets_neither_link_nor_file(login: str, use_home: Path) -> None:
    if login != "first_line_operator":
        assert not opened("clients", login=login).get("link_button")
    for route in ("clients/export", "usage/export?first=2026-09-01&last=2026-10-01"):
        assert entered(use_home, login).get(f"/v1/{route}").status_code == 403


def entered(home: Path, login: str) -> TestClient:
    """The API as somebody who is signed in reaches it."""
    base = database(home)
    with base.read() as session:
        user = accounts.user_by_login(session, login)
    base.close()
    api, caller = make_api(), Caller(user.user_id, login, session_id=1)

    async def let_in(scope: Any, receive: Any, send: Any) -> None:
        await api({**scope, "root_path": "/api", SCOPE_KEY: caller}, receive, send)

    return TestClient(let_in, base_url="http://test", raise_server_exceptions=False)
