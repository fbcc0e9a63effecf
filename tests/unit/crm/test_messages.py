"""Every refusal has its sentence, and every sentence is used and translated."""

import ast
import re

import pytest

from crm.errors import CrmError
from crm.messages import MESSAGES
from vitrina.errors import UserError
from vitrina.i18n import LANGUAGES, translator
from vitrina.settings import REPOSITORY


def codes_in_code() -> set[str]:
    """Codes that `CrmError("…")` is raised with, those put together from a word included."""
    found: set[str] = set()
    for path in (REPOSITORY / "crm").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "CrmError":
                argument = node.args[0]
                if isinstance(argument, ast.Constant):
                    found.add(str(argument.value))
                else:
                    assert ast.unparse(argument) == "f'{what}_unknown'", ast.unparse(argument)
    return found


def test_every_code_has_a_sentence_and_every_sentence_a_use() -> None:
    assert codes_in_code() | {"department_unknown", "employee_unknown"} == set(MESSAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_with_the_same_places(language: str) -> None:
    say = translator(language)
    for message in MESSAGES.values():
        places = re.findall(r"{(\w+)}", message)
        told = say.text(message, **dict.fromkeys(places, "#7#"))
        assert told.count("#7#") == len(places), told
        assert language == "en" or told != message.format(**dict.fromkeys(places, "#7#")), message


def test_a_refusal_is_a_sentence_with_a_code_and_values_for_translation() -> None:
    error = CrmError("login_taken", login="aziza")
    assert isinstance(error, UserError)
    assert (error.code, str(error)) == ("login_taken", "The login aziza is taken.")
    assert translator("ru").text(error.message, **error.values) == "Логин aziza занят."
