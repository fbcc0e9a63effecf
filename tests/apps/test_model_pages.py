"""The page of models and the scores on the customer's card, in every language."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from crm.services import churn_models
from crm.services.audit import AuditKind
from crm.services.audit_log import AuditFilter, search
from tests.apps.people import database
from tests.apps.small_models import CHAMPION
from tests.apps.test_pages import assert_healthy, opened, words, workspace
from vitrina.i18n import LANGUAGES, translator

pytestmark = pytest.mark.usefixtures("use_home")
TABS = ("How good it is", "What it looks at", "Who stays, and value", "Versions and cards", "What leaving means")


def on_tab(title: str, language: str = "en", login: str = "sees_everything", kind: str = "person") -> AppTest:
    at = workspace(login)
    at.session_state["lang"] = language
    at.run()
    at.session_state["models_type"] = kind
    at.session_state["models_tab"] = translator(language).text(title)
    at.switch_page("app_pages/models.py").run()
    assert_healthy(at)
    return at


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_of_the_model_in_every_language(language: str) -> None:
    at = on_tab(TABS[0], language)
    assert CHAMPION in words(at)
    assert "0,810" in words(at) or "0.810" in words(at)


@pytest.mark.parametrize(
    ("tab", "told"), [(TABS[1], "have moved far"), (TABS[2], "96"), (TABS[3], "31.05.2026"), (TABS[4], "60")]
)
def test_every_tab_shows_what_it_is_for(tab: str, told: str) -> None:
    at = on_tab(tab)
    assert told in "\n".join([words(at), *(each.value for each in at.warning)])


@pytest.mark.parametrize(
    ("language", "purpose", "auc"),
    [
        ("ru", "Упорядочивать клиентов по вероятности ухода", "0,810"),
        ("uz", "Mijozlarni ketish ehtimoli boʻyicha tartiblash", "0,810"),
        ("en", "To rank customers by the chance of leaving", "0.810"),
    ],
)
def test_the_card_of_a_model_is_told_in_the_language_of_its_reader(language: str, purpose: str, auc: str) -> None:
    card = next(text.value for text in on_tab(TABS[3], language).markdown if purpose in text.value)
    assert auc in card
    assert "nps_last_score" not in card
    assert (language == "en") == ("Limits" in card)


def test_where_there_is_no_model_the_page_says_why() -> None:
    assert "5 month ends are stored, 14 are needed." in words(on_tab(TABS[0], kind="organisation"))


def test_only_who_administers_models_is_given_the_form() -> None:
    assert not on_tab(TABS[4], login="head_of_marketing").number_input
    assert on_tab(TABS[4], login="system_administrator").number_input


def test_a_changed_definition_is_kept_with_its_reason_and_told_in_the_log(use_home: Path) -> None:
    at = on_tab(TABS[4], login="system_administrator", kind="organisation")
    at.number_input(key="models_organisation_base_loss_pct").set_value(30)
    at.text_input(key="models_definition_reason_organisation").input("Smaller losses matter, too")
    next(button for button in at.button if button.label == "Save").click().run()
    assert_healthy(at)
    with database(use_home).read() as session:
        info = churn_models.definitions(session)["organisation"]
        entries = search(session, AuditFilter(kind=AuditKind.DATA_CHANGED))
    assert (info.definition.base_loss_pct, info.revision, info.updated_by) == (30, 1, "system_administrator")
    assert any(entry.object == "models" and entry.subject == "organisation" for entry in entries)


def test_the_card_says_the_risk_with_its_reason_in_words_and_what_to_do() -> None:
    at = opened("customer", "ru", id="9")
    at.session_state["card_tab"] = "Оценки"
    at.run()
    assert_healthy(at)
    said = words(at)
    assert "Высокий" in said
    assert "Потребление падает или мало" in said
    assert "Предложить скидку за лояльность или другой тариф" in said
