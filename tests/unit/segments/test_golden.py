"""Definition and SQL side by side: the text that is expected, whom it finds, and that nothing lacks a pair."""

import datetime as dt
import json
from pathlib import Path

import pytest
import sqlglot

from segments.catalogue import Catalogue
from segments.definition import nodes, parse
from segments.engine import At, Compiled, compile_segment
from tests.reference_evaluator import members
from tests.reference_evaluator.definitions import Document
from tests.reference_evaluator.worlds import attribute_rows, database, entity_rows, field_rows, with_segments, world

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "segments"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
CATALOGUE = Catalogue.from_rows(attribute_rows(), entity_rows(), field_rows())
DAY = dt.date(2026, 3, 31)
PAYMENTS = {"kind": "event", "event": "payments"}
A_YEAR = {"last": 1, "unit": "year"}
SEGMENTS: dict[str, Document] = {
    "loyal": {"version": 1, "root": {"combinator": "and", "rules": [
        {**PAYMENTS, "measure": {"function": "count"}, "operator": ">=", "value": 2, "window": A_YEAR},
    ]}},
    "silent": {"version": 1, "root": {"combinator": "or", "rules": [
        {**PAYMENTS, "measure": {"function": "never"}, "window": {"last": 30, "unit": "day"}},
        {"kind": "segment", "segment": "loyal", "operator": "notIn"},
    ]}},
}  # fmt: skip


def document(name: str) -> Document:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def compiled(name: str, at: At) -> Compiled:
    return compile_segment(parse(document(name)), CATALOGUE, at, {key: parse(each) for key, each in SEGMENTS.items()})


def golden_text(name: str) -> str:
    """The SQL laid out for reading, with the values that it is asked with below."""
    found = compiled(name, At(DAY))
    laid_out = sqlglot.parse_one(found.sql, dialect="duckdb").sql(dialect="duckdb", pretty=True)
    return "\n".join([laid_out, *(f"-- ${key} = {value!r}" for key, value in found.params.items())]) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_definition_becomes_its_golden_sql(name: str) -> None:
    assert golden_text(name) == (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_golden_sql_finds_whom_the_reference_evaluation_finds(name: str) -> None:
    for seed in (1, 2):  # a present day and a past one
        known = with_segments(world(seed), SEGMENTS)
        found = compiled(name, At(known.as_of, known.month_end))
        rows = database(seed).execute(found.sql, found.params).fetchall()
        assert sorted(customer for (customer,) in rows) == sorted(members(document(name), known))


def test_every_pair_tells_customers_apart() -> None:
    """A pair that takes everybody or nobody on every made-up operator would prove nothing."""
    for name in set(NAMES) - {"everybody"}:
        found = [members(document(name), with_segments(world(seed), SEGMENTS)) for seed in range(4)]
        whole = [world(seed).everybody for seed in range(4)]
        assert any(found), name
        assert found != whole, name


def test_every_operator_function_quantifier_and_window_has_a_pair() -> None:
    text = "\n".join((FOLDER / f"{name}.json").read_text(encoding="utf-8") for name in NAMES)
    windows = ("last", "next", "this", "previous", "between", "from", "to", "relative")
    for word in (*nodes.OPERATORS, *nodes.FUNCTIONS, *nodes.QUANTIFIERS, *nodes.UNITS):
        assert f'"{word}"' in text, word
    for word in windows:
        assert f'"{word}":' in text, word


if __name__ == "__main__":
    for each in NAMES:
        (FOLDER / f"{each}.sql").write_text(golden_text(each), encoding="utf-8")
