"""What changed in a rule is told in words, never by places in a document."""

from dataclasses import replace
from typing import Any

import pytest

from apps.rule_workspace import difference
from signals.definition import parse
from signals.templates import templates


@pytest.fixture(autouse=True)
def nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of audiences and names of people need a published snapshot; these rules watch everybody of a type."""
    monkeypatch.setattr(difference.said, "watched", lambda rule: str(rule.audience.customer_type))
    monkeypatch.setattr(difference.said, "names", lambda: lambda _kind, _key: None)


def rule() -> Any:
    found = templates()
    return next(parse(each.rule) for each in found if each.key == "debt_old")


def told(**changes: Any) -> dict[str, tuple[str, str]]:
    rows = difference.differences(rule(), replace(rule(), **changes))
    return {row["what"]: (row["old"], row["new"]) for row in rows}


def test_the_same_rule_differs_in_nothing() -> None:
    assert told() == {}


def test_a_changed_priority_and_limit_are_two_rows_of_words() -> None:
    found = told(priority="low", limits=replace(rule().limits, per_owner_a_day=None))
    assert found["Приоритет"] == ("Высокий", "Низкий")
    assert found["Одному сотруднику в день"] == ("5", "без ограничения")
    assert len(found) == 2


def test_a_changed_threshold_is_two_sentences() -> None:
    first, *others = rule().conditions
    found = told(conditions=(replace(first, value=first.value + 60), *others))
    ((what, (old, new)),) = found.items()
    assert old != new
    assert not set("{}[]") & set(what + old + new)
    assert str(int(first.value + 60)) in new


def test_a_rule_that_no_longer_closes_by_itself_says_so() -> None:
    assert list(told(closes=False).values()) == [("Да", "Нет")]
