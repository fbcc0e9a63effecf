"""The panel of signals, tasks, notices and rules as their scripts draw them, by role; what is done there is kept."""

import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from crm.services import notices, signals, tasks, view_as
from crm.services.accounts import user_by_login
from crm.services.actor import Actor
from crm.services.rights import rights_of
from crm.services.signals import Filter, State
from tests.apps.people import database, now
from tests.apps.test_pages import assert_healthy, opened, words, workspace
from vitrina.i18n import LANGUAGES

pytestmark = pytest.mark.usefixtures("use_signal_home")
PAGES = ("signals", "tasks", "notices", "signal_rules")


def cards(at: AppTest) -> list[str]:
    """The buttons that open the signals of the list."""
    return [button.key for button in at.button if (button.key or "").startswith("signal_open_")]


def states(home: Path) -> dict[State, int]:
    base = database(home)
    with base.read() as session:
        found, _ = signals.inbox(session, None, Filter(states=tuple(State)), limit=500)
    base.close()
    return {state: sum(each.state is state for each in found) for state in State}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_every_language(page: str, language: str) -> None:
    at = opened(page, language, "farmer")
    assert at.title[0].value
    assert not at.error


@pytest.mark.parametrize(("login", "seen"), [("farmer", 16), ("hunter", 14), ("head_of_b2b", 30)])
def test_a_manager_sees_the_signals_of_his_customers_and_a_head_those_of_his_unit(login: str, seen: int) -> None:
    at = opened("signals", login=login)
    assert len(cards(at)) == min(seen, 15)
    assert f"из {seen}" in words(at)


def test_a_signal_says_what_happened_and_opening_it_is_seeing_it(use_signal_home: Path) -> None:
    at = opened("signals", login="farmer")
    assert "за 4 нед., обычно" in words(at)
    before = states(use_signal_home)[State.SEEN]
    at.button(key=cards(at)[0]).click().run()
    assert_healthy(at)
    assert "Доказательства" in words(at)
    assert states(use_signal_home)[State.SEEN] == before + 1


def test_who_only_looks_through_anothers_eyes_sees_and_leaves_no_mark(use_signal_home: Path) -> None:
    base, at = database(use_signal_home), workspace("system_administrator")
    with base.begin() as session:
        viewed, me = (user_by_login(session, login) for login in ("farmer", "system_administrator"))
        actor = Actor(me.user_id, me.login, "127.0.0.1")
        view_as.start_view_as(session, int(at.user["session_id"]), viewed.user_id, actor, now(), "tests")
    before = states(use_signal_home)
    at.run()
    at.switch_page("app_pages/signals.py").run()
    at.button(key=cards(at)[-1]).click().run()
    assert_healthy(at)
    assert not at.get("menu_button"), "nothing can be decided"
    assert states(use_signal_home) == before
    base.close()


def test_a_notice_is_counted_in_the_navigation_until_it_is_read(use_signal_home: Path) -> None:
    base = database(use_signal_home)
    with base.begin() as session:
        user = user_by_login(session, "hunter").user_id
        assert notices.unread_count(session, user) == 2, "one a rule"
    at = opened("notices", login="hunter")
    assert "Новые сигналы по правилу" in words(at).replace("\\", "")
    at.button(key="notices_read").click().run()
    assert_healthy(at)
    assert "Уведомлений нет" in words(at)
    with base.begin() as session:
        assert notices.unread_count(session, user) == 0
        ids = [each.notice_id for each in notices.notices(session, user)]
        assert notices.unread_notices(session, user, ids[:1]) == 1
        assert notices.count_notices(session, user, unread=True) == 1
        other = user_by_login(session, "farmer").user_id
        assert notices.remove_notices(session, other, ids) == 0, "nobody else's"
        assert notices.remove_notices(session, user) == 2
    base.close()


def test_a_kind_that_is_switched_off_is_kept_with_the_digest(use_signal_home: Path) -> None:
    from crm.services.notice_settings import notice_settings

    at = opened("notices", login="farmer")
    at.session_state["notices_tab"] = "Настройки"
    at.run()
    at.toggle(key="notice_kind_task_done").set_value(False).run()
    at.button(key="notices_save").click().run()
    assert_healthy(at)
    base = database(use_signal_home)
    with base.read() as session:
        assert notice_settings(session, user_by_login(session, "farmer").user_id).muted == {"task_done"}
    base.close()


def test_a_task_is_listed_done_and_found_where_it_belongs(use_signal_home: Path) -> None:
    base = database(use_signal_home)
    with base.begin() as session:
        user = user_by_login(session, "farmer").user_id
        rights = rights_of(session, user, now().date())
        made = tasks.create(session, rights, "Позвонить главному бухгалтеру", now() + dt.timedelta(days=1),
                            Actor(user, "farmer", ""), now(), kind="call")  # fmt: skip
    assert "бухгалтеру" in words(opened("tasks", login="farmer"))
    assert "бухгалтеру" not in words(opened("tasks", login="hunter")), "another's task"
    assert "бухгалтеру" in words(opened("tasks", login="farmer", task=str(made.task_id)))
    at = opened("tasks", login="farmer")
    at.session_state["tasks_view"] = "calendar"
    assert_healthy(at.run())
    at.session_state["tasks_view"] = "list"
    at.run()
    at.text_area(key=f"task_result_list_{made.task_id}").input("Оплатят в пятницу").run()
    at.button(key=f"task_done_list_{made.task_id}").click().run()
    assert_healthy(at)
    with base.read() as session:
        assert tasks.task(session, None, made.task_id).result == "Оплатят в пятницу"
    base.close()


def test_a_managers_home_begins_with_whom_to_call_and_a_heads_with_what_waits() -> None:
    assert "Кому позвонить" in words(opened("home", login="farmer"))
    head = words(opened("home", login="head_of_b2b"))
    assert "Что ждёт решения в подразделении" in head
    assert "Кому позвонить" not in head
    # Who looks at signals and decides on none does not begin with them.
    assert "Что ждёт решения" not in words(opened("home", login="commercial_director"))


def test_a_rule_is_begun_told_in_a_sentence_and_saved(use_signal_home: Path) -> None:
    at = opened("signal_rule", login="head_of_b2b")
    assert "исходящие минуты" in words(at)
    at.text_input(key=next(each.key for each in at.text_input if each.key.startswith("rule_name_"))).input(
        "Меньше звонят"
    ).run()
    at.button(key="rule_save").click().run()
    assert_healthy(at)
    assert not at.error
    base = database(use_signal_home)
    with base.read() as session:
        named = {each.name: each for each in signals.rules(session, None)}
    base.close()
    assert named["Меньше звонят"].document["conditions"]["rules"][0]["measure"] == "voice_out_minutes"
    assert at.query_params["key"] == named["Меньше звонят"].key


def test_a_field_that_cannot_be_is_told_at_its_place_and_nothing_is_saved() -> None:
    at = opened("signal_rule", login="head_of_b2b")
    number = next(each for each in at.number_input if each.key.endswith("_pct"))
    number.set_value(150).run()
    assert any("100" in each.value and "error" in each.value for each in at.markdown)
    assert next(each for each in at.button if each.key == "rule_save").disabled


@pytest.mark.parametrize("key", ["payments-fall", "draft-rule"])
def test_every_tab_of_a_rule_opens(key: str) -> None:
    at = opened("signal_rule", login="head_of_b2b", key=key)
    for name in [tab.label for tab in at.tabs]:
        at.session_state["rule_tab"] = name
        assert_healthy(at.run())
    assert not at.error


def test_a_rule_of_the_house_is_read_and_not_changed_by_who_may_only_look() -> None:
    at = opened("signal_rule", login="commercial_director", key="payments-fall")
    assert not [button for button in at.button if button.key == "rule_save"]
    assert not [button for button in opened("signal_rules", login="commercial_director").button
                if button.key == "rule_new"]  # fmt: skip
