"""The rules of campaigns and the tabs of one that runs, as their scripts draw them: who may change what, and what is
kept of it."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from crm.models import OutboxMessage
from crm.services.accounts import user_by_login
from crm.services.actor import Actor
from crm.services.campaigns import costs, limits, policies, routes
from crm.services.campaigns.clock import local_day
from crm.services.delivery import outbox, responses
from crm.services.delivery.contact_history import contact_history
from crm.services.delivery.response_figures import response_counts
from crm.services.delivery.values import NewMessage, NewResponse
from tests.apps.campaign_home import HEAD, KEY, WRITER, make_campaign_home
from tests.apps.conftest import pointed_at
from tests.apps.people import database, now
from tests.apps.test_pages import assert_healthy, opened, words
from vitrina.i18n import LANGUAGES

TABS = {
    "policy": "Контактная политика",
    "budgets": "Бюджеты",
    "prices": "Цены каналов",
    "routes": "Маршруты согласования",
}


@pytest.fixture
def home(small_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The workspace reads a home with a policy, routes and one campaign."""
    yield from pointed_at(make_campaign_home(small_home, tmp_path), monkeypatch)


def rules(login: str, tab: str) -> AppTest:
    """The rules of campaigns with one of the tabs open."""
    at = opened("campaign_settings", login=login)
    at.session_state["rules_tab"] = TABS[tab]
    at.run()
    assert_healthy(at)
    return at


def keys(at: AppTest) -> set[str]:
    return {button.key for button in at.button if button.key}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_open_in_every_language(home: Path, language: str) -> None:
    at = opened("campaign_settings", language, HEAD)
    assert at.title[0].value
    assert not at.error


@pytest.mark.parametrize("tab", TABS)
def test_who_does_not_administer_campaigns_reads_their_rules_and_changes_none(home: Path, tab: str) -> None:
    assert not keys(rules(WRITER, tab)) & {"policy_try", "policy_save", "limit_save", "price_save", "route_new"}


def test_a_policy_is_told_in_sentences_and_another_begins_with_its_reason(home: Path) -> None:
    at = rules(HEAD, "policy")
    assert "Тишина с 21\\:00 до 09\\:00" in words(at)
    at.time_input(key="policy_start_1").set_value(dt.time(20)).run()
    assert "Тишина с 20\\:00 до 09\\:00" in words(at)
    assert at.button(key="policy_save").disabled
    at.text_input(key="policy_reason").set_value("Жалобы на вечерние сообщения").run()
    at.button(key="policy_save").click().run()
    assert_healthy(at)
    base = database(home)
    with base.read() as session:
        found = policies.policy_in_force(session, local_day(now()))
    base.close()
    assert (found.number, found.document["quiet"]["from"], set(found.changes)) == (2, "20:00", {"quiet"})
    assert [cap["at_most"] for cap in found.document["caps"]] == [1, 2, 8, 1]


def test_another_policy_is_tried_on_the_contacts_that_were(home: Path) -> None:
    _contacts(home, 3)
    at = rules(HEAD, "policy")
    at.pills(key="policy_days_1").set_value([7]).run()
    at.checkbox(key="policy_holidays_1").uncheck().run()
    at.button(key="policy_try").click().run()
    assert_healthy(at)
    assert {metric.label: metric.value for metric in at.metric}["Контактов было"] == "3"


def test_a_limit_is_set_by_who_administers_and_kept_with_its_reason(home: Path) -> None:
    at = rules(HEAD, "budgets")
    amount = next(field for field in at.number_input if (field.key or "").startswith("limit_amount_"))
    amount.set_value(5_000_000).run()
    at.text_input(key="limit_reason").set_value("План квартала").run()
    at.button(key="limit_save").click().run()
    assert_healthy(at)
    base = database(home)
    with base.read() as session:
        (found,) = limits.limits(session)
    base.close()
    assert (found.period_kind, found.amount, found.channel) == ("month", 5_000_000, "")


def test_a_price_is_set_from_a_day_on(home: Path) -> None:
    at = rules(HEAD, "prices")
    at.number_input(key="price_amount").set_value(85.5).run()
    at.text_input(key="price_reason").set_value("Договор").run()
    at.button(key="price_save").click().run()
    assert_healthy(at)
    base = database(home)
    with base.read() as session:
        assert float(costs.price_of(session, "sms", local_day(now())) or 0) == 85.5
    base.close()


def test_a_route_is_switched_off_with_its_reason(home: Path) -> None:
    at = rules(HEAD, "routes")
    at.button(key="route_edit_large").click().run()
    at.checkbox(key="route_active_large").uncheck().run()
    at.text_input(key="route_reason").set_value("Порог поднят").run()
    at.button(key="route_save").click().run()
    assert_healthy(at)
    base = database(home)
    with base.read() as session:
        found = {each.key: each for each in routes.routes(session)}
    base.close()
    assert not found["large"].is_active
    assert [step["role"] for step in found["large"].steps] == ["head_of_marketing", "commercial_director"]


def test_contacts_of_a_time_are_read_whole(home: Path) -> None:
    _contacts(home, 3)
    base = database(home)
    with base.read() as session:
        found = contact_history(session, now() - dt.timedelta(days=2), now())
        none = contact_history(session, now() - dt.timedelta(days=9), now() - dt.timedelta(days=8))
    base.close()
    assert found["customer_id"].to_pylist() == [1, 2, 3]
    assert none.num_rows == 0
    assert none.schema == found.schema


def test_an_answer_that_nobody_placed_is_counted_where_a_person_puts_it(home: Path) -> None:
    _contacts(home, 2)
    base, moment = database(home), now()
    with base.begin() as session:
        responses.record(session, NewResponse("letter", "1", 2, "reply", moment, text="Хочу пакет"), moment)
        writer = Actor(user_by_login(session, WRITER).user_id, WRITER, "127.0.0.1")
        (open_one,) = responses.waiting(session)
        first = responses.suggestions(session, open_one.response_id, customer_id=2)[0]
        responses.match(session, open_one.response_id, first.message_id, writer, moment)
    with base.read() as session:
        (found,) = response_counts(session, KEY)
    base.close()
    assert (found.type, found.kind, found.responses, found.customers, found.by_hand) == (2, "reply", 1, 1, 1)


def _contacts(home: Path, count: int) -> None:
    """Messages handed over yesterday at noon in Tashkent."""
    base, moment = database(home), now()
    noon = (moment - dt.timedelta(days=1)).replace(hour=7, minute=0)
    with base.begin() as session:
        outbox.put(session, [NewMessage(f"{KEY}:{each}:offer:0:1", KEY, "offer", each, each, "sms", "t")
                             for each in range(1, count + 1)], moment)  # fmt: skip
        session.execute(update(OutboxMessage).values(contacted_at=noon, sent_at=noon, state="sent"))
    base.close()
