"""Pages of managers' figures as their scripts draw them: figures equal the marts, plans go their way with four eyes."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from apps.data.workbooks import Workbook
from apps.performance.team_file import csv_of
from crm.services import accounts, performance
from crm.services.actor import Actor
from crm.services.performance import EMPLOYEE, WHOLE, Period, PlanState, Subject
from tests.apps.people import database, now
from tests.apps.small_operator import AS_OF
from tests.apps.test_pages import assert_healthy, opened
from tests.apps.test_pages import words as shown_words
from vitrina.i18n import LANGUAGES
from vitrina.warehouse.reader import SnapshotReader

pytestmark = pytest.mark.usefixtures("use_home")
KPIS = frozenset({"revenue", "payments", "new_subscriptions", "overdue_debt"})
OCTOBER, NOVEMBER = Period(dt.date(2026, 10, 1)), Period(dt.date(2026, 11, 1))
SPACES = str.maketrans("", "", "\u202f\u00a0 ")


@contextmanager
def changing(home: Path, login: str) -> Iterator[tuple[Session, Actor]]:
    """A change by this person."""
    base = database(home)
    with base.begin() as session:
        user = accounts.user_by_login(session, login)
        yield session, Actor(user.user_id, user.login)
    base.close()


def planned(home: Path, period: Period, amounts: dict[str, int], department: str = "B2B") -> int:
    """An approved plan of revenue; amounts in soʻm by employee."""
    lines = {(Subject(EMPLOYEE, each), "revenue"): amount * WHOLE for each, amount in amounts.items()}
    with changing(home, "head_of_b2b") as (session, head):
        made = performance.new_plan(session, period, department, head, now())
        performance.save_lines(session, made.plan_id, lines, head, now(), base=1, origin={}, kpis=KPIS)
        performance.submit(session, made.plan_id, head, now())
    with changing(home, "commercial_director") as (session, director):
        performance.approve(session, made.plan_id, director, now())
    return made.plan_id


@pytest.fixture
def forgotten(small_home: Path) -> Iterator[None]:
    """Plans and schemes made by a test are gone after it: the home is everybody's."""
    from sqlalchemy import delete

    from crm import models

    yield
    with changing(small_home, "commercial_director") as (session, _):
        for table in (models.PerformancePlanLine, models.PerformancePlanEvent, models.PerformancePlanVersion,
                      models.PerformancePlan, models.BonusScheme):  # fmt: skip
            session.execute(delete(table))


def independent(home: Path) -> pl.DataFrame:
    """Managers' results from the clients' rows, by polars."""
    with SnapshotReader.open(home / "published") as reader:
        rows = pl.DataFrame(reader.query("select * from customer_results"))
    return rows.group_by("employee_id", "kpi", "month").agg(pl.col("value").sum(), pl.len().alias("rows"))


def words(at: AppTest) -> str:
    """What the page says, as people read it."""
    return shown_words(at).replace("\\", "")


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value).translate(SPACES) for metric in at.metric}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_speak_every_language(language: str) -> None:
    for page, login in (("kpis", "farmer"), ("team", "head_of_b2b"), ("plans", "head_of_b2b")):
        at = opened(page, language, login)
        assert at.title[0].value
        assert "{" not in words(at)


def test_the_figures_of_a_manager_are_what_the_marts_add_up_to(small_home: Path) -> None:
    at = opened("kpis", login="farmer")
    wanted = independent(small_home).filter(employee_id="E2", month=dt.date(2026, 11, 1))
    by_kpi = dict(zip(wanted["kpi"], wanted["value"], strict=True))
    shown = metrics(at)
    assert shown["Собранные платежи"] == f"{int(by_kpi['payments']) // 1000}тыс.сум"
    assert shown["Просроченный долг"] == f"{int(by_kpi['overdue_debt']) // 1000}тыс.сум"
    assert shown["Выручка"] == "0сум"
    assert shown["Новые подключения"] == "0"


def test_every_figure_is_followed_to_its_clients(small_home: Path) -> None:
    at = opened("kpis", login="farmer")
    at.session_state["kpi_chosen"] = "payments"
    at.run()
    assert_healthy(at)
    table = at.dataframe[-1].value
    rows = independent(small_home).filter(employee_id="E2", month=dt.date(2026, 11, 1), kpi="payments")
    assert len(table) == rows["rows"][0]
    assert {shown.translate(SPACES) for shown in table["shown"]} == {"45000"}
    assert "Результат отнесён к менеджеру" in words(at)


def test_a_farmer_sees_himself_alone_and_no_plans_of_others() -> None:
    at = opened("kpis", login="farmer")
    assert not [box for box in at.selectbox if box.key == "kpis_who"]
    with pytest.raises(ValueError, match="plans"):
        at.switch_page("app_pages/plans.py").run()
    with pytest.raises(ValueError, match="team"):
        at.switch_page("app_pages/team.py").run()


@pytest.mark.usefixtures("forgotten")
def test_plan_fact_and_bonus_stand_together(small_home: Path) -> None:
    wanted = independent(small_home).filter(employee_id="E2", month=OCTOBER.start, kpi="revenue")["value"][0]
    planned(small_home, OCTOBER, {"E2": int(wanted) // 2})
    document = {
        "version": 1, "period": "month", "positions": ["manager"], "base": {"kind": "amount", "usual": 1000},
        "kpis": [{"kpi": "revenue", "weight": 100, "accelerator": 2, "cap_pct": 180}], "cap_pct": 200,
    }  # fmt: skip
    with changing(small_home, "commercial_director") as (session, director):
        performance.save_scheme(session, "m", "Менеджеры", dt.date(2026, 1, 1), document, director, now(), "x", KPIS)
    at = opened("kpis", login="farmer")
    at.selectbox(key="kpis_period_month").select_index(1).run()
    assert_healthy(at)
    assert "План:" in words(at)
    assert metrics(at)["Составила"] == "1800сум", "200 % done, each above 100 twice, at most 180"
    lines = next(table.value for table in at.dataframe if "why" in table.value)
    assert list(lines["why"]) == ["на пределе"]


@pytest.mark.usefixtures("forgotten")
def test_a_plan_is_built_from_history_submitted_and_approved_by_another(small_home: Path) -> None:
    with changing(small_home, "head_of_b2b") as (session, head):
        made = performance.new_plan(session, NOVEMBER, "B2B", head, now())
    at = opened("plans", login="head_of_b2b", plan=str(made.plan_id))
    at.button(key="plan_build_go").click().run()
    assert_healthy(at)
    at.button(key="plan_submit").click().run()
    assert_healthy(at)
    assert "ждёт утверждения" in words(at)
    assert not [button for button in at.button if button.key == "plan_approve"]
    with changing(small_home, "head_of_b2b") as (session, _):
        lines = performance.plan_lines(session, made.plan_id, 1)
        assert performance.plan(session, made.plan_id).newest.state is PlanState.SUBMITTED
    last_year = independent(small_home).filter(month=dt.date(2025, 11, 1), kpi="revenue")["value"].sum()
    top = lines[Subject("department", "B2B"), "revenue"]
    assert top == round(float(last_year) * 1.05) * WHOLE
    assert top == sum(
        amount for (subject, kpi), amount in lines.items() if subject.kind == EMPLOYEE and kpi == "revenue"
    )

    director = opened("plans", login="commercial_director", plan=str(made.plan_id))
    director.button(key="plan_approve").click().run()
    assert_healthy(director)
    assert "утверждён" in words(director)
    assert "План: " in words(opened("kpis", login="farmer"))


@pytest.mark.usefixtures("forgotten")
def test_returning_a_plan_takes_a_reason(small_home: Path) -> None:
    with changing(small_home, "head_of_b2b") as (session, head):
        made = performance.new_plan(session, NOVEMBER, "B2B", head, now())
        lines = {(Subject(EMPLOYEE, "E1"), "revenue"): 100}
        performance.save_lines(session, made.plan_id, lines, head, now(), base=1, origin={}, kpis=KPIS)
        performance.submit(session, made.plan_id, head, now())
    at = opened("plans", login="commercial_director", plan=str(made.plan_id))
    at.button(key="plan_return").click().run()
    assert any("причин" in error.value.lower() for error in at.error)
    at.text_input(key="review_comment").input("мало").run()
    at.button(key="plan_return").click().run()
    assert "возвращён" in words(at)


def test_a_plan_of_elsewhere_is_not_there(small_home: Path) -> None:
    at = opened("plans", login="head_of_b2b", plan="999")
    assert "Такого плана нет" in words(at)


@pytest.mark.usefixtures("forgotten")
def test_the_team_shows_every_manager_with_plan_and_result(small_home: Path) -> None:
    planned(small_home, NOVEMBER, {"E1": 500_000, "E2": 700_000})
    at = opened("team", login="head_of_b2b")
    rows = at.dataframe[0].value
    assert set(rows["name"]) == {"Рахимов Тимур", "Юлдашева Дилноза"}
    assert {plan.translate(SPACES) for plan in rows["plan"]} == {"500000", "700000"}
    at.session_state["team_tab"] = "load"
    at.run()
    assert_healthy(at)
    assert list(at.dataframe[0].value["clients"]) == ["8", "7"]
    for tab in ("regions", "course"):
        at.session_state["team_tab"] = tab
        assert_healthy(at.run())


@pytest.mark.usefixtures("forgotten")
def test_schemes_are_shown_to_heads_and_changed_by_who_administers(small_home: Path) -> None:
    at = opened("plans", login="head_of_b2b")
    at.session_state["plans_tab"] = "schemes"
    assert_healthy(at.run())
    assert not [button for button in at.button if button.key == "scheme_save"]
    director = opened("plans", login="commercial_director")
    director.session_state["plans_tab"] = "schemes"
    assert_healthy(director.run())
    assert director.button(key="scheme_save").disabled, "a scheme without weights is told of before saving"
    assert "Назовите хотя бы один показатель" in words(director)


def test_a_file_of_a_team_begins_no_formula() -> None:
    rows: list[dict[str, Any]] = [{"name": "=1+1", "plan": "-5", "more": "-x"}]
    text = csv_of(rows).decode("utf-8-sig")
    assert text.splitlines() == ["name;plan;more", "'=1+1;-5;'-x"]


def test_snapshot_of_the_day_is_the_period_that_opens_first() -> None:
    at = opened("kpis", "en", login="farmer")
    assert at.selectbox(key="kpis_period_month").value == Period.holding(AS_OF)


def workbook(path: Path) -> bytes:
    made = Workbook(path, ["Период", "Сотрудник", "Показатель", "План"])
    made.rows([[dt.date(2026, 11, 1), "E1", "Выручка", 650_000.5], ["2026-11", "Юлдашева Дилноза", "revenue", 700_000],
               ["2026-11", "Никто", "revenue", 1]])  # fmt: skip
    made.close()
    return path.read_bytes()


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_is_taken_and_what_is_refused_is_told(small_home: Path, tmp_path: Path, kind: str) -> None:
    lines = "период;сотрудник;показатель;план\n2026-11;E1;Выручка;650 000,50\n2026-11;юлдашева дилноза;revenue;700000\n"
    content = (
        workbook(tmp_path / "p.xlsx") if kind == "xlsx" else (lines + "2026-11;Никто;revenue;1\n").encode("cp1251")
    )
    with changing(small_home, "head_of_b2b") as (session, head):
        made = performance.new_plan(session, NOVEMBER, "B2B", head, now())
    at = opened("plans", login="head_of_b2b", plan=str(made.plan_id))
    at.session_state[f"plan_tab_{made.plan_id}"] = "file"
    at.run()
    at.file_uploader[0].upload(f"plan.{kind}", content).run()
    assert_healthy(at)
    assert "Строк в файле: **3**, принято: **2**, отклонено: **1**." in words(at)
    refused = at.dataframe[0].value
    assert list(refused["file"]) == [f"plan.{kind}"]
    assert [row.strip() for row in refused["row"]] == ["4"]
    at.button(key="plan_load_go").click().run()
    assert_healthy(at)
    with changing(small_home, "head_of_b2b") as (session, _):
        kept = performance.plan_lines(session, made.plan_id, 1)
    assert kept[Subject(EMPLOYEE, "E1"), "revenue"] == 65_000_050
    assert kept[Subject("department", "KAM"), "revenue"] == 135_000_050


@pytest.mark.usefixtures("forgotten")
def test_another_result_is_another_bonus(small_home: Path) -> None:
    planned(small_home, NOVEMBER, {"E2": 600_000})
    document = {
        "version": 1, "period": "month", "positions": [], "base": {"kind": "amount", "usual": 1000},
        "kpis": [{"kpi": "revenue", "weight": 100, "threshold_pct": 50}], "cap_pct": 300,
    }  # fmt: skip
    with changing(small_home, "commercial_director") as (session, director):
        performance.save_scheme(session, "all", "Все", dt.date(2026, 1, 1), document, director, now(), "x", KPIS)
    at = opened("kpis", login="farmer")
    asked = next(each for each in at.number_input if each.key.startswith("what_if_"))
    asked.set_value(40).run()
    assert "Премия была бы **0 сум**" in words(at).replace("\u202f", " ")
    next(each for each in at.number_input if each.key.startswith("what_if_")).set_value(120).run()
    assert "Премия была бы **1 200 сум**" in words(at).replace("\u202f", " ")


def test_a_row_of_the_team_opens_its_manager() -> None:
    at = opened("team", login="head_of_b2b")
    at.session_state["team_revenue_month"] = {"selection": {"rows": [0], "columns": []}}
    at.run()
    assert_healthy(at)
    assert at.title[0].value == "KPI сотрудников"
    assert at.selectbox(key="kpis_who").value.startswith("employee:E")


@pytest.mark.usefixtures("forgotten")
def test_who_administers_without_seeing_figures_can_still_approve(small_home: Path) -> None:
    with changing(small_home, "head_of_b2b") as (session, head):
        made = performance.new_plan(session, NOVEMBER, "B2B", head, now())
        lines = {(Subject(EMPLOYEE, "E1"), "revenue"): 100}
        performance.save_lines(session, made.plan_id, lines, head, now(), base=1, origin={}, kpis=KPIS)
        performance.submit(session, made.plan_id, head, now())
    at = opened("plans", login="system_administrator")
    assert [state.strip() for state in at.dataframe[0].value["state"]] == ["ждёт утверждения"]
    at.session_state["plans_tab"] = "schemes"
    assert_healthy(at.run())
    at = opened("plans", login="system_administrator", plan=str(made.plan_id))
    at.button(key="plan_approve").click().run()
    assert "утверждён" in words(at)


def test_quarters_are_shown_alike() -> None:
    for page in ("kpis", "team"):
        at = opened(page, login="head_of_b2b")
        at.session_state[f"{page}_kind"] = "quarter"
        assert_healthy(at.run())
        assert "квартал" in at.selectbox(key=f"{page}_period_quarter").options[0]
