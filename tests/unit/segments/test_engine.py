"""The compiler's front without a database: names, days, graphs, and what is told when something is wrong."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from segments.catalogue import Catalogue
from segments.compiler.moments import first_day, shifted
from segments.definition import complete, fingerprint, parse, used_fields, used_lists, used_segments
from segments.engine import At, at_date, check_graph, compile_segment, users_of
from segments.errors import DefinitionError, Problem
from tests.reference_evaluator.worlds import attribute_rows, entity_rows, field_rows

CATALOGUE = Catalogue.from_rows(attribute_rows(), entity_rows(), field_rows())
TODAY = At.current(dt.date(2026, 3, 31))


def rules(*found: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": list(found)}}


def attribute(field: str, operator: str = ">", value: Any = 1) -> dict[str, Any]:
    return {"kind": "attribute", "field": field, "operator": operator, "value": value}


def segment(key: str) -> dict[str, Any]:
    return {"kind": "segment", "segment": key, "operator": "in"}


def problems(document: dict[str, Any], catalogue: Catalogue = CATALOGUE, **more: Any) -> tuple[Problem, ...]:
    with pytest.raises(DefinitionError) as refused:
        compile_segment(parse(document), catalogue, TODAY, **more)
    return refused.value.problems


def with_age(**changes: Any) -> Catalogue:
    age = replace(CATALOGUE.attributes["age_years"], **changes)
    return replace(CATALOGUE, attributes={**CATALOGUE.attributes, "age_years": age})


def test_a_renamed_attribute_is_found_under_its_former_name_and_said_so() -> None:
    compiled = compile_segment(parse(rules(attribute("years"))), with_age(renamed_from=("years",)), TODAY)
    assert '"age_years" > $p0' in compiled.sql
    assert [(each.path, each.values["now"]) for each in compiled.notes] == [(("root", "rules", 0), "age_years")]


def test_a_deprecated_attribute_compiles_and_names_what_replaces_it() -> None:
    catalogue = with_age(deprecated_note="measured anew since 2026", replaced_by="subscriptions_active_count")
    (note,) = compile_segment(parse(rules(attribute("age_years"))), catalogue, TODAY).notes
    assert note.values == {"name": "age_years", "instead": "subscriptions_active_count"}


def test_all_mistakes_are_told_at_once_each_at_its_place() -> None:
    event = {"kind": "event", "event": "payment", "measure": {"function": "count"}, "operator": ">", "value": 1}
    found = problems(rules(attribute("age_yaers"), attribute("age_years", ">", "many"), event))
    assert [each.path for each in found] == [
        ("root", "rules", 0, "field"), ("root", "rules", 1, "value"), ("root", "rules", 2, "event"),
    ]  # fmt: skip
    assert [each.values.get("near") for each in found] == ["age_years", None, "payments"]


def test_moving_ends_that_cross_on_a_day_hold_for_nobody_there() -> None:
    moving = attribute("birth_date", "between", ["2026-01-01", {"relative": {"offset": -30, "unit": "day"}}])
    for day in (dt.date(2026, 3, 31), dt.date(2025, 3, 31)):
        assert compile_segment(parse(rules(moving)), CATALOGUE, At.current(day)).params["p0"] == dt.date(2026, 1, 1)
    assert problems(rules(attribute("age_years", "between", [2, 1])))[0].path == ("root", "rules", 0, "value")


def test_what_is_hidden_from_somebody_is_not_in_his_catalogue() -> None:
    narrowed = CATALOGUE.without({"customer_profiles": frozenset({"full_name"}), "fct_payments": frozenset({"method"})})
    assert "full_name" not in narrowed.attributes
    assert "method" not in narrowed.events["payments"].fields
    assert problems(rules(attribute("full_name", "=", "x")), narrowed)[0].path == ("root", "rules", 0, "field")


def test_a_circle_is_refused_wherever_it_begins() -> None:
    stored = {
        "a": parse(rules(segment("b"))),
        "b": parse(rules(segment("c"))),
        "c": parse(rules(attribute("age_years"))),
    }
    check_graph("c", stored["c"], stored)
    with pytest.raises(DefinitionError, match="c → a → b → c"):
        check_graph("c", parse(rules(segment("a"))), stored)
    circular = {**stored, "c": parse(rules(segment("a")))}
    assert "circle" in problems(rules(segment("a")), others=circular)[0].values


def test_a_dead_reference_and_the_mistake_of_another_segment_are_told() -> None:
    assert problems(rules(segment("gone")))[0].values == {"name": "gone"}
    broken = {"b": parse(rules(attribute("no_such_field")))}
    (found,) = problems(rules(segment("b")), others=broken)
    assert found.path == ("root", "rules", 0, "segment")
    assert found.values["what"].values["name"] == "no_such_field", "a screen tells it in its reader's language"
    assert "“no_such_field” is not in the catalogue." in str(found)


def test_users_of_a_segment_are_known_before_it_goes() -> None:
    stored = {"a": parse(rules(segment("b"))), "b": parse(rules()), "c": parse(rules(segment("b"), segment("a")))}
    assert users_of("b", stored) == ("a", "c")
    assert users_of("c", stored) == ()


def test_a_day_is_answered_from_the_last_month_end_up_to_it() -> None:
    ends = [dt.date(2026, 1, 31), dt.date(2026, 2, 28)]
    assert at_date(TODAY.date, ends, TODAY.date) == TODAY
    assert at_date(TODAY.date, ends, dt.date(2026, 3, 30)) == At(dt.date(2026, 3, 30), ends[1])
    assert at_date(TODAY.date, ends, ends[0]) == At(ends[0], ends[0])
    for day in (dt.date(2026, 4, 1), dt.date(2026, 1, 30)):
        with pytest.raises(DefinitionError):
            at_date(TODAY.date, ends, day)


@pytest.mark.parametrize(
    ("day", "offset", "unit", "expected"),
    [
        ("2024-03-31", -1, "month", "2024-02-29"), ("2024-02-29", -1, "year", "2023-02-28"),
        ("2026-01-31", 1, "quarter", "2026-04-30"), ("2026-01-15", -1, "month", "2025-12-15"),
        ("2026-01-01", -1, "week", "2025-12-25"), ("2026-01-01", 10_000, "year", "9999-12-31"),
        ("2026-01-01", -10_000, "year", "0001-01-01"),
    ],
)  # fmt: skip
def test_months_clip_and_the_calendar_ends(day: str, offset: int, unit: str, expected: str) -> None:
    assert shifted(dt.date.fromisoformat(day), offset, unit) == dt.date.fromisoformat(expected)


def test_calendar_units_begin_where_people_say() -> None:
    day = dt.date(2026, 11, 22)  # a Sunday
    found = {unit: first_day(day, unit).isoformat() for unit in ("day", "week", "month", "quarter", "year")}
    assert found == {
        "day": "2026-11-22", "week": "2026-11-16", "month": "2026-11-01", "quarter": "2026-10-01", "year": "2026-01-01",
    }  # fmt: skip


def test_a_live_count_leaves_out_what_is_still_being_written() -> None:
    half = {"kind": "attribute", "field": "age_years", "operator": ">", "value": ""}
    document = rules(attribute("age_years"), half, {"combinator": "or", "rules": [half, segment("a")]})
    ready, left = complete(document)
    assert left == (("root", "rules", 1), ("root", "rules", 2, "rules", 0))
    assert parse(ready) == parse(rules(attribute("age_years"), {"combinator": "or", "rules": [segment("a")]}))


def test_a_definition_says_what_it_stands_on() -> None:
    payments = {"combinator": "and", "rules": [attribute("amount")]}
    event = {"kind": "event", "event": "payments", "measure": {"function": "sum", "field": "amount"}, "operator": ">",
             "value": 1, "where": payments}  # fmt: skip
    disabled = {**attribute("full_name"), "disabled": True}
    found = parse(rules(attribute("age_years"), event, segment("a"), {"kind": "list", "list": "l"}, disabled))
    assert used_fields(found) == {("", "age_years"), ("payments", "amount")}
    assert (used_segments(found), used_lists(found)) == ({"a"}, {"l"})


def test_a_fingerprint_ignores_order_ids_and_what_is_switched_off() -> None:
    one = rules(attribute("age_years"), {**attribute("debt_amount"), "id": "x"})
    other = rules(
        attribute("debt_amount"), {**attribute("segment", "=", "x"), "disabled": True}, attribute("age_years")
    )
    assert fingerprint(parse(one)) == fingerprint(parse(other))
    assert fingerprint(parse(one)) != fingerprint(parse(rules(attribute("age_years"))))


def test_a_catalogue_survives_json() -> None:
    assert Catalogue.from_json(json.loads(json.dumps(CATALOGUE.to_json()))) == CATALOGUE
