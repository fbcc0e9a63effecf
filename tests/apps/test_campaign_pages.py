"""The pages of campaigns as their scripts draw them, by role; what is done there is kept, and nobody agrees with his
own."""

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from apps.campaign_workspace.flow_desk import EDITOR
from crm.services.accounts import user_by_login
from crm.services.actor import Actor
from crm.services.campaigns import register, talking, templates, writing
from crm.services.campaigns.values import CampaignInfo, Stage
from tests.apps.campaign_home import HEAD, KEY, NAME, TEXT, WRITER, flow, make_campaign_home
from tests.apps.conftest import pointed_at
from tests.apps.people import database, now
from tests.apps.test_pages import assert_healthy, opened, words
from vitrina.i18n import LANGUAGES

TABS = {"concept": "Концепция", "flow": "Сценарий", "messages": "Сообщения", "budget": "Бюджет",
        "approval": "Согласование", "history": "История"}  # fmt: skip


@pytest.fixture
def home(small_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The workspace reads a home with one designed campaign, the test's own."""
    yield from pointed_at(make_campaign_home(small_home, tmp_path), monkeypatch)


def kept(home: Path) -> CampaignInfo:
    base = database(home)
    with base.read() as session:
        found = register.campaign(session, None, KEY, now())
    base.close()
    return found


def on_tab(login: str, tab: str, language: str = "ru") -> AppTest:
    """The campaign's page with one of its tabs open."""
    at = opened("campaign", language, login, key=KEY)
    at.session_state["campaign_tab"] = TABS[tab] if language == "ru" else tab
    at.run()
    assert_healthy(at)
    return at


@pytest.mark.parametrize(("page", "language"), zip(["campaigns", "message_texts", "campaign"], LANGUAGES, strict=True))
def test_pages_open_in_each_language(home: Path, page: str, language: str) -> None:
    at = opened(page, language, HEAD, **({"key": KEY} if page == "campaign" else {}))
    assert at.title[0].value
    assert not at.error


def test_the_register_counts_stages_and_finds_by_name(home: Path) -> None:
    at = opened("campaigns", login=WRITER)
    assert "Проектирование · 1" in {
        option for pills in at.get("button_group") for option in getattr(pills, "options", ())
    }
    at.text_input(key="campaigns_text").set_value("нет такой").run()
    assert "Подходящих кампаний нет" in words(at)
    at.text_input(key="campaigns_text").set_value("ПАКЕТЫ").run()
    assert NAME in set(at.dataframe[0].value["name"])


def test_who_may_not_see_campaigns_has_no_page_of_them(home: Path) -> None:
    with pytest.raises(ValueError, match="campaigns"):
        opened("campaigns", login="system_administrator")


def test_the_concept_is_saved_with_its_figures(home: Path) -> None:
    at = on_tab(WRITER, "concept")
    field = next(each for each in at.text_area if each.label == "Цель")
    field.set_value("Новая цель").run()
    at.button(key="concept_save").click().run()
    assert_healthy(at)
    assert kept(home).goal == "Новая цель"


def test_a_concept_that_somebody_else_saved_meanwhile_is_not_overwritten(home: Path) -> None:
    at, base = on_tab(WRITER, "concept"), database(home)
    with base.begin() as session:
        head = Actor(user_by_login(session, HEAD).user_id, HEAD, "127.0.0.1")
        writing.save_campaign(session, KEY, head, now(), base=kept(home).revision, goal="Цель руководителя")
    base.close()
    next(each for each in at.text_area if each.label == "Цель").set_value("Моя цель").run()
    at.button(key="concept_save").click().run()
    assert kept(home).goal == "Цель руководителя"
    assert any("Ничего не перезаписано" in each.value for each in at.error)
    at.button(key="campaign_newest").click().run()
    assert next(each for each in at.text_area if each.label == "Цель").value == "Цель руководителя"


def drawn(at: AppTest, document: dict, sequence: int = 1) -> AppTest:
    """The page after the browser sent this flow."""
    revision = at.session_state["_flow_desk"].revision
    at.session_state[EDITOR] = {"value": {"document": document, "revision": revision, "sequence": sequence}}
    return at.run()


def test_a_drawn_flow_is_checked_at_its_steps_and_saved(home: Path) -> None:
    at = on_tab(WRITER, "flow")
    assert "В сценарии всё на месте" in words(at)
    unfinished = flow(None)
    drawn(at, unfinished)
    assert "Исправить: 1" in words(at)
    longer = copy.deepcopy(flow())
    longer["nodes"][1]["data"]["share_pct"] = 20
    drawn(at, longer, 2)
    at.button(key="flow_save").click().run()
    assert_healthy(at)
    assert kept(home).flow["nodes"][1]["data"] == {"share_pct": 20}  # type: ignore[index]


def test_messages_are_shown_on_real_customers_with_their_sms(home: Path) -> None:
    said = words(on_tab(WRITER, "messages"))
    assert "пакет 10 ГБ за полцены" in said
    assert "SMS · " in said


def test_an_author_cannot_agree_with_his_own_and_a_second_person_can(home: Path) -> None:
    at = on_tab(WRITER, "approval")
    at.button(key="step_submit").click().run()
    assert kept(home).stage is Stage.APPROVAL
    assert "Ваша роль не согласует кампании" in words(on_tab(WRITER, "approval"))
    head = on_tab(HEAD, "approval")
    head.button(key="approval_yes").click().run()
    assert_healthy(head)
    assert kept(home).stage is Stage.READY


def test_a_head_who_changed_a_part_has_to_leave_the_decision_to_another(home: Path) -> None:
    at = on_tab(HEAD, "concept")
    next(each for each in at.text_area if each.label == "Цель").set_value("Правка руководителя").run()
    at.button(key="concept_save").click().run()
    on_tab(WRITER, "approval").button(key="step_submit").click().run()
    said = on_tab(HEAD, "approval")
    assert not [each for each in said.button if each.key == "approval_yes"]


def test_returning_needs_words_and_leads_back_to_the_design(home: Path) -> None:
    on_tab(WRITER, "approval").button(key="step_submit").click().run()
    head = on_tab(HEAD, "approval")
    assert head.button(key="approval_no").disabled
    next(each for each in head.text_area if (each.key or "").startswith("approval_comment")).set_value(
        "Слишком часто"
    ).run()
    head.button(key="approval_no").click().run()
    assert kept(home).stage is Stage.DESIGN
    assert "Слишком часто" in words(on_tab(WRITER, "approval"))


def test_who_may_only_look_finds_nothing_to_change(home: Path) -> None:
    at = on_tab("head_of_contact_center", "concept")
    assert next(each for each in at.text_area if each.label == "Цель").disabled
    assert not [each for each in at.button if (each.key or "").startswith(("step_", "concept_save", "flow_save"))]


def test_comments_are_kept_on_the_card(home: Path) -> None:
    at = on_tab(HEAD, "approval")
    at.text_area(key="comment_text").set_value("А где Telegram?")
    next(each for each in at.button if each.label == "Отправить").click().run()
    base = database(home)
    with base.read() as session:
        assert [each.text for each in talking.comments(session, KEY)] == ["А где Telegram?"]
    base.close()


def test_a_text_is_written_in_all_languages_and_published_as_a_new_version(home: Path) -> None:
    at = opened("message_texts", login=WRITER, key=TEXT)
    fields = {(each.key or "").rsplit("_", 2)[-2]: each for each in at.text_area if (each.key or "").endswith("_text")}
    fields["en"].set_value("10 GB at half the price: {{ page_url }}").run()
    at.button(key="text_save").click().run()
    assert_healthy(at)
    next(each for each in at.text_input if each.label == "Причина").set_value("английский").run()
    at.button(key="text_publish").click().run()
    base = database(home)
    with base.read() as session:
        found = templates.template_version(session, TEXT)
    base.close()
    assert found.number == 2
    assert set(found.variants) == {"ru", "uz", "en"}


def test_a_text_with_an_unknown_placeholder_is_refused_with_its_place(home: Path) -> None:
    at = opened("message_texts", login=WRITER, key=TEXT)
    next(each for each in at.text_area if (each.key or "").endswith("_ru_text")).set_value("{{ passport }}").run()
    at.button(key="text_save").click().run()
    assert "passport" in "\n".join([*(each.value for each in at.error), words(at)])
    base = database(home)
    with base.read() as session:
        assert templates.template(session, TEXT).version == 1
    base.close()
