"""The published JSON Schema takes what `parse` takes, and refuses what it refuses."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

import segments
from segments.definition import parse
from segments.errors import DefinitionError
from tests.reference_evaluator.definitions import Document, documents

FOLDER = Path(segments.__file__).parent
SCHEMA = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
GOLDENS = sorted((Path(__file__).resolve().parents[2] / "golden" / "segments").glob("*.json"))
CALM = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck), "derandomize": True}
# What is put in the place of a part of a right definition.
JUNK = (
    None, "", "x", 0, 1, -1, 10**16, 1.5, True, False, [], {}, [1], [1, 2], [None, 2], ["a", "b", "c"], {"all": True},
    {"last": 3, "unit": "day"}, {"last": 0, "unit": "day"}, {"last": 3, "unit": "hour"}, {"from": None},
    {"this": "month"}, {"from": "2026-01-01"}, {"to": "2026-02-30"}, {"from": "2026-W05-3"},
    {"relative": {"offset": -3, "unit": "day"}}, {"relative": {"offset": "3", "unit": "day"}},
    {"between": [0, 3], "unit": "week"}, {"function": "sum"},
    {"function": "sum", "field": "amount"}, {"rules": []}, {"rules": 1}, "in", "notIn", "between", "within",
    "null", "count", "never", "related", "x" * 201, "x" * 1001, {"kind": "list", "list": "vip"},
)  # fmt: skip


def is_right(document: Any) -> bool:
    try:
        parse(document)
    except DefinitionError:
        return False
    return True


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
def test_goldens_are_of_the_schema(path: Path) -> None:
    VALIDATOR.validate(json.loads(path.read_text(encoding="utf-8")))


@settings(max_examples=30, **CALM)
@given(documents(("loyal",)))
def test_right_definitions_are_of_the_schema(document: Document) -> None:
    assert is_right(document)
    VALIDATOR.validate(document)


@settings(max_examples=100, **CALM)
@given(documents(("loyal",)), st.data())
def test_schema_and_parser_agree_on_definitions_with_something_wrong(document: Document, data: st.DataObject) -> None:
    broken = copy.deepcopy(document)
    holder, key = data.draw(st.sampled_from(list(places(broken))))
    change = data.draw(st.sampled_from(("replace", "remove", "add")))
    if change == "replace":
        holder[key] = data.draw(st.sampled_from(JUNK))
    elif change == "remove":
        del holder[key]
    elif isinstance(holder, dict):
        holder[
            data.draw(st.sampled_from(("extra", "value", "not", "where", "id", "field", "sql", "before", "nulls")))
        ] = data.draw(st.sampled_from(JUNK))
    assert VALIDATOR.is_valid(broken) == is_right(broken)


def places(found: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a document that something can be put into."""
    for key, value in list(found.items() if isinstance(found, dict) else enumerate(found)):
        yield found, key
        if isinstance(value, dict | list):
            yield from places(value)


@pytest.mark.parametrize(
    "document",
    [
        None, [], 1, "", {}, {"version": 1}, {"version": 2, "root": {"rules": []}},
        {"version": True, "root": {"rules": []}}, {"version": 1, "kind": "sql"},
        {"version": 1, "kind": "x", "root": {}}, {"version": 1, "kind": "sql", "sql": "  "},
        {"version": 1, "kind": "sql", "sql": "select 1", "root": {"rules": []}}, {"version": 1, "root": {"rules": {}}},
        {"version": 1, "root": {"rules": [{"field": "x", "operator": "="}]}},
        {"version": 1, "root": {"rules": [{"kind": "event", "event": "payments", "where": {"rules": [
            {"kind": "list", "list": "vip"}]}, "operator": ">", "value": 1}]}},
    ],
)  # fmt: skip
def test_both_refuse_what_is_no_definition(document: Any) -> None:
    assert not VALIDATOR.is_valid(document)
    assert not is_right(document)
