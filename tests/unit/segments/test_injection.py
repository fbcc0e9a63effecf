"""Hostile text wherever a definition takes text: it is a bound value, or it is refused; it is never SQL."""

from collections.abc import Callable
from typing import Any

import pytest

from segments.catalogue import Catalogue
from segments.definition import parse
from segments.engine import At, Compiled, compile_segment
from segments.errors import DefinitionError
from tests.reference_evaluator.definitions import Document
from tests.reference_evaluator.worlds import attribute_rows, database, entity_rows, field_rows, world

CATALOGUE = Catalogue.from_rows(attribute_rows(), entity_rows(), field_rows())
SEED = 0
HOSTILE = (
    "' OR 1=1 --", "'; DROP TABLE customer_profiles; --", '" OR "1"="1', '"', "'", "''", "\\'", "\\", "$p0", "$1", "?",
    ":p0", "p0", "/* */", "--", "customer_id) OR (1=1", "1; SELECT 1", "SELECT customer_id FROM customer_profiles",
    "{0}", "{name}", "%s", "%(p0)s", "\x00", "a\x00b", "\n; DROP TABLE list_members", "\u202e", "ʼ", "＇ OR 1=1", "*",
    "NULL", "true", "\ud7ff", "customer_id", "segment_0", "read_csv('/etc/passwd')", "getenv('HOME')", "😀",
)  # fmt: skip
HARMLESS = "harmless"


def attribute(value: Any, operator: str = "=") -> Document:
    return {"kind": "attribute", "field": "district", "operator": operator, "value": value}


def event(**more: Any) -> Document:
    return {"kind": "event", "event": "payments", "measure": {"function": "count"}, "operator": ">", "value": 0, **more}


VALUES: dict[str, Callable[[str], Document]] = {
    "equal": attribute,
    "one of": lambda text: attribute(["a", text], "in"),
    "contains": lambda text: attribute(text, "contains"),
    "does not begin": lambda text: attribute(text, "doesNotBeginWith"),
    "ends": lambda text: {**attribute(text, "endsWith"), "nulls": "in"},
    "code": lambda text: {**attribute(text), "field": "segment"},
    "inside an event": lambda text: event(where={"rules": [{**attribute(text), "field": "method"}]}),
    "inside a related object": lambda text: {
        "kind": "related", "entity": "contacts", "quantifier": "all",
        "where": {"rules": [{**attribute(text), "field": "role"}]},
    },
    "list": lambda text: {"kind": "list", "list": text, "operator": "in"},
    "id": lambda text: {**attribute("a"), "id": text},
    "segment": lambda text: {"kind": "segment", "segment": text, "operator": "notIn"},
}  # fmt: skip
NAMES: dict[str, Callable[[str], Document]] = {
    "field": lambda text: {**attribute("a"), "field": text},
    "other field": lambda text: {**attribute(text), "valueSource": "field"},
    "operator": lambda text: attribute("a", text),
    "kind": lambda text: {**attribute("a"), "kind": text},
    "nulls": lambda text: {**attribute("a"), "nulls": text},
    "key": lambda text: {**attribute("a"), text + " ": 1},
    "event": lambda text: event(event=text),
    "function": lambda text: event(measure={"function": text}),
    "measured field": lambda text: event(measure={"function": "sum", "field": text}),
    "field of an event": lambda text: event(where={"rules": [{**attribute("a"), "field": text}]}),
    "unit": lambda text: event(window={"last": 3, "unit": text}),
    "count of units": lambda text: event(window={"last": text, "unit": "day"}),
    "day": lambda text: event(window={"from": text}),
    "number": lambda text: event(value=text),
    "date": lambda text: {"kind": "attribute", "field": "birth_date", "operator": "<", "value": text},
    "boolean": lambda text: {"kind": "attribute", "field": "is_inactive", "operator": "=", "value": text},
    "entity": lambda text: {"kind": "related", "entity": text, "quantifier": "any"},
    "quantifier": lambda text: {"kind": "related", "entity": "contacts", "quantifier": text},
    "combinator": lambda text: {"combinator": text, "rules": [attribute("a")]},
    "membership": lambda text: {"kind": "list", "list": "vip", "operator": text},
}


def compiled(rule: Document, segment: str) -> Compiled:
    definition = parse({"version": 1, "root": {"combinator": "and", "rules": [rule]}})
    others = {segment: parse({"version": 1, "root": {"combinator": "and", "rules": [attribute(segment)]}})}
    return compile_segment(definition, CATALOGUE, At(world(SEED).as_of), others)


@pytest.mark.parametrize("place", sorted(VALUES))
def test_a_hostile_value_is_bound_and_leaves_the_sql_as_it_is(place: str) -> None:
    expected = compiled(VALUES[place](HARMLESS), HARMLESS)
    con = database(SEED)
    tables = con.execute("select table_name, estimated_size from duckdb_tables() order by 1").fetchall()
    for text in HOSTILE:
        found = compiled(VALUES[place](text), text)
        assert found.sql == expected.sql, text
        assert found.tables == expected.tables
        assert list(found.params) == list(expected.params)
        con.execute(found.sql, found.params).fetchall()
    assert con.execute("select table_name, estimated_size from duckdb_tables() order by 1").fetchall() == tables


def test_a_hostile_value_is_looked_for_to_the_letter() -> None:
    """Signs that patterns give a meaning to stand for themselves."""
    con = database(SEED)
    texts = {text for (text,) in con.execute("select distinct district from customer_profiles").fetchall() if text}
    for part in ("%", "_", "\\", "'", '"'):
        found = compiled(attribute(part, "contains"), HARMLESS)
        asked = f"select distinct district from customer_profiles where customer_id in ({found.sql})"
        having = {text for (text,) in con.execute(asked, found.params).fetchall()}
        assert having == {text for text in texts if part in text}


@pytest.mark.parametrize("place", sorted(NAMES))
def test_a_hostile_name_is_refused_at_its_place(place: str) -> None:
    for text in HOSTILE:
        if place == "boolean" and text == "true":
            continue
        if place in ("field", "other field") and text == "customer_id":
            continue
        with pytest.raises(DefinitionError) as refused:
            _ = compiled(NAMES[place](text), HARMLESS).sql
        assert refused.value.problems[0].path[:3] == ("root", "rules", 0)


@pytest.mark.parametrize("place", sorted(VALUES))
def test_half_of_a_sign_is_refused_since_no_file_can_hold_it(place: str) -> None:
    with pytest.raises(DefinitionError):
        compiled(VALUES[place]("a\ud800b"), HARMLESS)


@pytest.mark.parametrize(
    "sql",
    [
        "drop table customer_profiles",
        "select customer_id from customer_profiles; drop table customer_profiles",
        "insert into list_members select 'x', customer_id from customer_profiles",
        "copy (select customer_id from customer_profiles) to '/tmp/out.csv'",
        "attach '/tmp/other.duckdb'",
        "pragma database_list",
        "select 1 as other",
        "select customer_id from customer_profiles where segment = $p0",
        "select customer_id from customer_profiles where segment = ?",
        "not sql at all (",
        "",
        "--",
    ],
)
def test_sql_segments_are_one_plain_select(sql: str) -> None:
    with pytest.raises(DefinitionError):
        _ = compile_segment(parse({"version": 1, "kind": "sql", "sql": sql}), CATALOGUE, At(world(SEED).as_of)).sql


def test_a_comment_in_sql_hides_nothing_of_what_surrounds_it() -> None:
    sql = "select customer_id from customer_profiles where age_years > 3 -- ) union select 99 /*"
    found = compile_segment(parse({"version": 1, "kind": "sql", "sql": sql}), CATALOGUE, At(world(SEED).as_of))
    con = database(SEED)
    expected = con.execute("select customer_id from customer_profiles where age_years > 3").fetchall()
    assert sorted(con.execute(found.sql, found.params).fetchall()) == sorted(expected)
