"""The segment workspace as its script draws it: the builder's count, every tab, saving, lists, files, by rights."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from apps.segment_workspace import bench, interchange
from segments.errors import DefinitionError
from tests.apps.people import EVERYTHING, database, now
from tests.apps.test_pages import assert_healthy, opened, words
from tests.reference_evaluator.project import project_catalogue
from vitrina.i18n import LANGUAGES

pytestmark = pytest.mark.usefixtures("use_home")
ORGANISATIONS = {"kind": "attribute", "field": "customer_type", "operator": "=", "value": "organisation", "id": "org"}
DEBT = {"kind": "attribute", "field": "debt_amount", "operator": ">", "value": 50000, "id": "debt"}
UNFINISHED = {"kind": "attribute", "field": "debt_amount", "operator": ">", "id": "open"}
TABS = 11


def built(*rules: dict[str, Any], login: str = EVERYTHING, language: str = "ru", combinator: str = "and") -> AppTest:
    """The builder's page, as if these conditions had just been composed in the browser."""
    at = opened("segment", language, login)
    root = {"combinator": combinator, "rules": list(rules), "id": "root"}
    at.session_state[bench.BUILDER] = {"value": {"root": root, "revision": 1, "sequence": 1}}
    at.run()
    assert_healthy(at)
    return at


def told(at: AppTest) -> dict[str, Any]:
    """What the browser is given, once the count is there."""
    for _ in range(50):
        data = json.loads(at.get("bidi_component")[0].proto.json)
        if not data["pending"]:
            return data
        time.sleep(0.05)
        at.run()
    raise AssertionError("the count never came")


def test_the_count_and_the_waterfall_follow_the_conditions() -> None:
    data = told(built(ORGANISATIONS, DEBT, UNFINISHED))
    assert (data["count"], data["base"], data["problems"]) == (15, 60, {})
    assert data["steps"]["org"] == {"alone": 15, "after": 15, "without": 15}
    assert set(data["steps"]) == {"org", "debt"}, "what is unfinished has no figures"


def test_a_condition_that_cannot_be_is_told_at_its_place() -> None:
    data = told(built(ORGANISATIONS, {**DEBT, "field": "debt_amonut"}))
    assert data["count"] is None
    assert "Задолженность" in json.dumps(data["problems"]["debt"], ensure_ascii=False)


def test_the_catalogue_is_sent_once_and_holds_nothing_that_the_person_sees_covered() -> None:
    at = opened("segment", login="head_of_marketing")
    names = {each["name"] for each in told(at)["catalogue"]["attributes"]}
    assert "debt_amount" in names
    assert not names & {"pinfl", "passport", "birth_date"}
    assert "pinfl" in {each["name"] for each in told(opened("segment"))["catalogue"]["attributes"]}
    assert set(told(built(ORGANISATIONS))["catalogue"]) == {"revision"}


def test_a_covered_attribute_that_comes_from_elsewhere_is_refused_and_not_counted() -> None:
    pinfl = {"kind": "attribute", "field": "pinfl", "operator": "notNull", "id": "secret"}
    data = told(built(pinfl, login="head_of_marketing"))
    assert data["count"] is None
    assert data["problems"]["secret"]


def test_pick_lists_and_distributions_are_answered_in_the_readers_language() -> None:
    at = built(ORGANISATIONS)
    asked = [
        {"id": f"{kind}||{field}", "kind": kind, "owner": "", "field": field, "text": ""}
        for kind, field in (("values", "customer_type"), ("distribution", "data_mb_last_month"), ("values", "no_such"))
    ]
    at.session_state[bench.BUILDER] = {**dict(at.session_state[bench.BUILDER]), "asked": asked}
    answers = told(at.run())["answers"]
    assert ["person", "Физическое лицо", 45] in answers["values||customer_type"]["items"]
    assert sum(bar["count"] for bar in answers["distribution||data_mb_last_month"]["bars"]) == 60
    assert len(answers) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tab_opens_in_every_language(language: str) -> None:
    at = built(ORGANISATIONS, DEBT, language=language)
    names = [tab.label for tab in at.tabs]
    assert len(names) == TABS
    for name in names:
        at.session_state["segment_tab"] = name
        assert_healthy(at.run())
    for page in ("segments", "lists"):
        assert opened(page, language).title


def test_the_sentence_the_members_and_the_reason_agree() -> None:
    at = built(ORGANISATIONS, DEBT)
    assert "Клиенты, у которых" in words(at)
    assert len(at.dataframe[0].value) == 15
    at.session_state["segment_tab"] = "Почему"
    at.run()
    at.text_input(key="why_text").input("4").run()
    assert_healthy(at)
    assert "входит в сегмент" in words(at)
    at.text_input(key="why_text").input("5").run()
    assert "не входит в сегмент" in words(at)


def test_a_segment_is_saved_found_in_the_list_and_opened_again(small_home: Path) -> None:
    at = built(DEBT)
    at.text_input(key="segment_name_new").input("Должники для теста").run()
    at.button(key="save_segment").click().run()
    assert_healthy(at)
    assert at.query_params["key"] == "dolzhniki-dlia-testa"
    assert "Должники для теста" in list(opened("segments").dataframe[0].value["name"])
    again = opened("segment", key="dolzhniki-dlia-testa")
    assert told(again)["count"] == 15
    assert again.text_input(key="segment_name_dolzhniki-dlia-testa").value == "Должники для теста"
    # Private: who does not own it has nothing to open.
    other = opened("segments", login="head_of_marketing")
    assert not other.dataframe
    _forget(small_home, "dolzhniki-dlia-testa")


def _forget(home: Path, key: str) -> None:
    from crm.services import segments
    from crm.services.actor import system

    base = database(home)
    with base.begin() as session:
        segments.archive(session, key, system("tests"), now(), "tests")
    base.close()


def test_an_unfinished_segment_is_not_saved_and_says_why() -> None:
    at = built(UNFINISHED)
    at.text_input(key="segment_name_new").input("Не закончен").run()
    at.button(key="save_segment").click().run()
    assert_healthy(at)
    assert any("Закончите или удалите условия" in error.value for error in at.error)
    assert "key" not in at.query_params


def test_who_may_only_look_gets_a_builder_that_changes_nothing() -> None:
    at = opened("segment", login="commercial_director")
    assert told(at)["readOnly"] is True
    assert not [button for button in at.button if button.key == "save_segment"]


def test_expert_sql_is_counted_through_its_own_door_and_saved_with_the_right_alone() -> None:
    sql = "select customer_id from customer_profiles where customer_type = 'organisation'"
    at = opened("segment")
    at.session_state["_segment_desk"] = bench.Desk({"version": 1, "kind": "sql", "sql": sql}, 7)
    assert_healthy(at.run())
    assert {metric.label: metric.value for metric in at.metric}["Клиенты"] == "15"
    for name in [tab.label for tab in at.tabs]:
        at.session_state["segment_tab"] = name
        assert_healthy(at.run())
    at.text_input(key="segment_name_new").input("SQL из теста").run()
    at.text_area(key="segment_sql_7").input("select phone from customer_profiles").run()
    at.button(key="save_segment").click().run()
    assert_healthy(at)
    assert "key" not in at.query_params, "a text without customer_id is no segment"


def test_definitions_come_in_as_json_and_as_jsonlogic() -> None:
    known = project_catalogue()
    document = {"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": [DEBT]}}
    assert interchange.read(json.dumps(document), known)["root"]["rules"][0]["field"] == "debt_amount"
    logic = {"and": [{">": [{"var": "debt_amount"}, 50000]}, {"==": [{"var": "customer_type"}, "organisation"]}]}
    rules = interchange.read(json.dumps(logic), known)["root"]["rules"]
    assert {rule["field"] for rule in rules} == {"debt_amount", "customer_type"}
    with pytest.raises(DefinitionError):
        interchange.read("no json", known)
