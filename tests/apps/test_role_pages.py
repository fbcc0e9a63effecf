"""What each role has of the workspace: its pages, its customers, its masks; and what every change of rights does."""

import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from crm.services import accounts, audit_log, tokens, view_as
from crm.services.actor import Actor
from crm.services.audit import AuditKind
from crm.services.audit_log import AuditFilter
from crm.services.matrix import matrix, save_matrix
from crm.services.matrix_changes import GrantChange
from crm.services.role_file import delivered
from tests.apps.people import EVERYTHING, PASSWORD, database, now, system
from tests.apps.test_pages import assert_healthy, opened, words, workspace
from vitrina.access.rights import Scope

# Which right opens a page, said here once more, so that a page that forgets to ask is found out.
RIGHTS = {
    "customers": ("customers", "view"), "customer": ("customers", "view"), "rfm": ("customers", "view"),
    "cohorts": ("analytics", "view"), "data_health": ("data_health", "view"), "sql": ("sql", "query"),
    "exports": ("exports", "export"), "users": ("users", "view"), "roles": ("roles", "view"),
    "segments": ("segments", "view"), "segment": ("segments", "view"), "lists": ("segments", "view"),
    "kpis": ("kpis", "view"), "clients": ("signals", "view"), "usage": ("usage", "view"),
    "signals": ("signals", "view"), "tasks": ("tasks", "view"), "signal_rules": ("signal_rules", "view"),
    "signal_rule": ("signal_rules", "view"),
    "organisation": ("organisation", "edit"), "sessions": ("sessions", "view"), "audit": ("audit", "view"),
}  # fmt: skip


def reaches(at: AppTest, page: str) -> bool:
    """Whether the page is there for the person at all."""
    try:
        at.switch_page(f"app_pages/{page}.py").run()
    except ValueError:
        return False
    assert_healthy(at)
    return True


def press(at: AppTest, label: str) -> None:
    """Click the button with this label."""
    next(button for button in at.button if button.label == label).click().run()


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize("role", delivered().roles)
def test_a_role_has_the_pages_that_its_rights_open_and_no_others(role: str) -> None:
    grants = delivered().roles[role].grants
    at = workspace(role).run()
    assert_healthy(at)
    for page, right in RIGHTS.items():
        assert reaches(at, page) is (right in grants), page


@pytest.mark.usefixtures("empty_home")
def test_nobody_sees_a_page_without_a_session() -> None:
    at = workspace()
    at.user = {}
    assert at.run().title[0].value == "Вы не в системе"
    at.user = {"session_id": "999999", "user_id": "1"}
    assert at.run().title[0].value == "Вы не в системе"


@pytest.mark.usefixtures("use_home")
def test_a_session_number_of_another_user_opens_nothing() -> None:
    at = workspace(EVERYTHING)
    other = workspace("hunter").user
    at.user = {"session_id": other["session_id"], "user_id": at.user["user_id"]}
    assert at.run().title[0].value == "Вы не в системе"


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize(
    ("login", "seen"),
    [("hunter", 7), ("farmer", 8), ("head_of_b2b", 15), ("telemarketing_operator", 15), (EVERYTHING, 50)],
)
def test_the_list_holds_the_customers_in_scope(login: str, seen: int) -> None:
    """Two managers keep seven and eight organisations, their head sees both; the contact centre has those of its
    region whom nobody manages. The first page of a list is fifty rows long."""
    assert len(opened("customers", login=login).dataframe[0].value) == seen


@pytest.mark.usefixtures("use_home")
def test_a_customer_out_of_scope_is_as_if_he_were_not_there() -> None:
    assert "Такого клиента нет" in words(opened("customer", login="farmer", id="5"))
    assert "Такого клиента нет" not in words(opened("customer", login="farmer", id="4"))


@pytest.mark.usefixtures("use_home")
def test_a_change_of_the_matrix_counts_at_the_next_click(small_home: Path) -> None:
    base, actor = database(small_home), system("tests")
    at = workspace("quality_manager").run()
    assert not reaches(at, "sql")

    def grant(scope: Scope | None) -> None:
        with base.begin() as session:
            change = GrantChange("quality_manager", "sql", "query", scope)
            save_matrix(session, [change], matrix(session).version, actor, now(), "tests")

    grant(Scope.ALL)
    try:
        assert reaches(at.run(), "sql")
    finally:
        grant(None)
    assert not reaches(workspace("quality_manager").run(), "sql")
    base.close()


@pytest.mark.usefixtures("use_home")
def test_looking_through_anothers_eyes_shows_his_pages_and_changes_nothing(small_home: Path) -> None:
    base = database(small_home)
    at = workspace("system_administrator")
    with base.begin() as session:
        viewed = accounts.user_by_login(session, "supervisor")
        me = accounts.user_by_login(session, "system_administrator")
        actor = Actor(me.user_id, me.login, "127.0.0.1")
        view_as.start_view_as(session, int(at.user["session_id"]), viewed.user_id, actor, now(), "tests")
    at.run()
    assert "supervisor" in words(at)
    assert not reaches(at, "users")
    # He sees a supervisor's customers, but nothing plainer than his own role shows it: all masks stay shut.
    at = at.switch_page("app_pages/customer.py")
    at.query_params["id"] = "5"
    at.run()
    assert "Ким" not in words(at)
    at.switch_page("app_pages/account.py").run()
    at.session_state["account_tab"] = "Пароль"
    at.run()
    for field, value in zip(at.text_input, (PASSWORD, "Other-Apricot-72", "Other-Apricot-72"), strict=True):
        field.input(value)
    press(at, "Сменить пароль")
    assert any("чужими глазами" in error.value for error in at.error)
    base.close()


@pytest.mark.usefixtures("use_home")
def test_a_look_at_a_card_is_in_the_audit_log_with_whose_and_which_classes(small_home: Path) -> None:
    opened("customer", login="supervisor", id="6")
    base = database(small_home)
    with base.read() as session:
        found = audit_log.search(session, AuditFilter(AuditKind.PERSONAL_DATA_VIEWED, "supervisor", subject="6"))
    base.close()
    assert found
    assert {"name", "contact"} <= set(found[0].classes)
    assert found[0].reason == "customer"
    assert found[0].address == "127.0.0.1"


@pytest.mark.usefixtures("use_home")
def test_a_token_is_shown_once_and_opens_the_api_within_its_scopes(small_home: Path) -> None:
    at = opened("account", login="data_engineer")
    at.session_state["account_tab"] = "Токены API"
    at.run()
    at.text_input[0].input("nightly load")
    at.multiselect[0].select("tables")
    press(at, "Создать токен")
    shown = [code.value for code in at.code if code.value.startswith("vitrina_")]
    assert len(shown) == 1
    assert "vitrina_" + shown[0][8:] not in "\n".join(code.value for code in at.run().code)
    base = database(small_home)
    with base.read() as session:
        owner = tokens.resolve_token(session, shown[0], dt.datetime.now(dt.UTC))
    base.close()
    assert owner is not None
    assert owner.scopes == frozenset({"tables"})


@pytest.mark.usefixtures("use_home")
def test_the_sql_page_answers_a_query_and_refuses_one_in_the_readers_words() -> None:
    at = opened("sql", login="data_engineer")
    at.button(key="sql_run").click().run()
    assert_healthy(at)
    assert sum(int(value) for value in at.dataframe[-1].value["c1"]) == 60
    at.text_area(key="sql_text").input("copy customer_profiles to '/tmp/x'")
    at.button(key="sql_run").click().run()
    assert [error.value for error in at.error] == ["Напишите один SELECT; ничего другого здесь не выполняется."]


@pytest.mark.usefixtures("use_home")
def test_a_query_that_takes_long_can_be_stopped_and_the_page_goes_on() -> None:
    at = opened("sql", login="data_engineer")
    endless = """select count(*) from fct_payments a, fct_payments b, fct_payments c, fct_payments d
                 where a.amount * b.amount + c.amount * d.amount = 0.123"""
    at.text_area(key="sql_text").input(endless)
    at.button(key="sql_run").click().run()
    assert_healthy(at)
    under_way = at.session_state["_sql_asked"]
    assert not under_way.is_over()
    at.button(key="sql_stop").click().run()
    assert under_way.is_over(10)
    assert under_way.error.code == "cancelled"
    at.text_area(key="sql_text").input("select 7 as seven")
    at.button(key="sql_run").click().run()
    assert list(at.dataframe[-1].value["c0"]) == [7]


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize("page", ["account", "users", "roles", "organisation", "sessions", "audit", "sql", "exports"])
@pytest.mark.parametrize("language", ["ru", "uz", "en"])
def test_the_pages_of_administration_open_in_every_language(page: str, language: str) -> None:
    assert opened(page, language).title


@pytest.mark.usefixtures("use_home")
def test_who_administers_a_part_of_the_company_sees_its_accounts_alone() -> None:
    at = opened("users", login="contact_center_administrator")
    assert list(at.dataframe[0].value["login"]) == ["contact_center_administrator"]
    assert len(opened("users", login="system_administrator").dataframe[0].value) > 15
