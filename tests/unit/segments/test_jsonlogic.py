"""JsonLogic in and out: its published meaning holds, ours survives the way there and back."""

import datetime as dt
import json
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segments.catalogue import Catalogue
from segments.definition import Definition, fingerprint, parse
from segments.engine import At, compile_segment
from segments.errors import DefinitionError
from segments.jsonlogic import export_jsonlogic, import_jsonlogic
from tests.reference_evaluator import members
from tests.reference_evaluator.definitions import documents
from tests.reference_evaluator.jsonlogic import applied, true
from tests.reference_evaluator.worlds import attribute_rows, database, entity_rows, field_rows, world

CATALOGUE = Catalogue.from_rows(attribute_rows(), entity_rows(), field_rows())
GOLDENS = sorted((Path(__file__).resolve().parents[2] / "golden" / "segments").glob("*.json"))
some = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
)
# Identifiers are digits or texts as a rule writes them, and empty texts count as unknown: JsonLogic is stricter.
LOOSE = ("customer_id", "main_product_id", "product_id", "district", "full_name", "role")
OWN = ("event", "event_", "count", "in_segment", "in_list", "begins_with", "ends_with", "within", "relative_date")


def found(definition: Definition, seed: int) -> frozenset[int]:
    known = world(seed)
    compiled = compile_segment(definition, CATALOGUE, At(known.as_of, known.month_end))
    return frozenset(each for (each,) in database(seed).execute(compiled.sql, compiled.params).fetchall())


@lru_cache
def objects(seed: int) -> dict[int, dict[str, Any]]:
    """The customers of an operator as JsonLogic sees them."""
    known = world(seed)
    customers = {row["customer_id"]: _plain(row) for row in known.profiles.iter_rows(named=True)}
    for name in CATALOGUE.related:
        entity = known.entity(name, "related")
        frame = known.frames[entity["table_name"]]
        if entity["valid_from_column"]:
            ends = pl.col("valid_to").is_null() | (pl.col("valid_to") > known.as_of)
            frame = frame.filter((pl.col("valid_from") <= known.as_of) & ends)
        elif entity["date_column"]:
            frame = frame.filter(pl.col(entity["date_column"]) <= known.as_of)
        for row in frame.iter_rows(named=True):
            customers.get(row["customer_id"], {}).setdefault(name, []).append(_plain(row))
    return customers


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    made = {}
    for name, value in row.items():
        if isinstance(value, Decimal):
            value = float(value)
        elif isinstance(value, dt.date):
            value = value.isoformat()[:10]
        elif name in ("product_id", "main_product_id") and value is not None:
            value = str(value)
        if value is not None:
            made[name] = value
    return made


def holders(logic: Any, seed: int) -> frozenset[int]:
    return frozenset(customer for customer, each in objects(seed).items() if true(applied(logic, each)))


V = {name: {"var": name} for name in (*CATALOGUE.attributes, *CATALOGUE.related, "status", "amount", "due_date")}
AGE, DEBT, ARPU, SEGMENT, DISTRICT = (
    V[each] for each in ("age_years", "debt_amount", "arpu_3m", "segment", "district")
)
CONSENT, BIRTH, DATA = V["has_marketing_consent"], V["birth_date"], V["data_mb_last_month"]
RULES: list[Any] = [
    {"==": [SEGMENT, "premium"]}, {"===": [SEGMENT, "premium"]}, {"!=": [SEGMENT, "premium"]},
    {"!==": ["soho", SEGMENT]}, {"==": [SEGMENT, None]}, {"!=": [None, SEGMENT]}, {"===": [AGE, "3"]},
    {"!==": [AGE, "3"]}, {"==": [AGE, "3"]}, {"==": [AGE, "three"]}, {"!=": [AGE, "three"]}, {"==": [AGE, True]},
    {"==": [CONSENT, 1]}, {"!=": [CONSENT, True]}, {"<": [AGE, 3]}, {"<": [3, AGE]}, {"<=": [DEBT, 0]},
    {">": [DEBT, -1]}, {">=": [0.1, DEBT]}, {">": [AGE, "2"]}, {"<": [AGE, "many"]}, {"<": [1, AGE, 5]},
    {"<=": [1, AGE, 5]}, {"<=": [-1, AGE, 5]}, {"<=": [5, AGE, 1]}, {"<": [AGE, None]}, {"<": [DEBT, ARPU]},
    {"<=": [DEBT, ARPU]}, {"==": [DEBT, ARPU]}, {"!=": [DEBT, ARPU]}, {"<": [0, DEBT, ARPU]},
    {"<": [BIRTH, "2026-01-01"]}, {">=": [BIRTH, "2026-01-01"]}, {"<=": ["2025-01-01", BIRTH, "2026-12-31"]},
    {"in": [SEGMENT, ["premium", "soho"]]}, {"!": {"in": [SEGMENT, ["premium", "soho"]]}},
    {"in": [SEGMENT, ["premium", None]]}, {"in": [AGE, [1, 2, "3"]]}, {"in": [AGE, ["3"]]}, {"in": [CONSENT, [True]]},
    {"in": [BIRTH, ["2026-03-31", "2026-02-28"]]}, {"in": ["ташк", DISTRICT]}, {"!": {"in": ["_", DISTRICT]}},
    {"in": ["premium", ["premium", "soho"]]}, {"!!": AGE}, {"!": AGE}, {"!!": [CONSENT]}, {"!": [CONSENT]},
    {"!": {"!": CONSENT}}, AGE, {"!!": BIRTH}, {"!": [SEGMENT]}, {"and": [AGE, CONSENT]},
    {"or": [AGE, {"<": [DEBT, 0]}]}, {"and": [{"==": [SEGMENT, "mass"]}]}, {"and": []}, {"or": []},
    {"!": {"and": [{"==": [SEGMENT, "mass"]}, {"<": [AGE, 3]}]}},
    {"!": {"or": [AGE, CONSENT, {"==": [SEGMENT, None]}]}}, {"and": [{"!=": [AGE, None]}, {"<": [AGE, 3]}]},
    {"or": [{"==": [AGE, None]}, {">": [AGE, 3]}]},
    {"and": [{"!=": [DEBT, None]}, {"!=": [ARPU, None]}, {"<": [DEBT, ARPU]}]}, {"and": [True, {"<": [AGE, 3]}]},
    {"and": [0, AGE]}, {"or": ["0", AGE]}, {"or": [[], AGE]}, {"and": [[0], AGE]}, True, False, 1, "", [], {},
    {"a": 1, "b": 2}, {"missing": ["age_years"]}, {"missing": ["age_years", "segment"]},
    {"!": {"missing": "age_years"}}, {"missing_some": [1, ["age_years", "segment"]]},
    {"missing_some": [2, ["age_years", "segment", "birth_date"]]},
    {"missing_some": [3, ["age_years", "segment", "birth_date"]]}, {"missing_some": [0, ["age_years"]]},
    {"if": [CONSENT, {">": [AGE, 3]}, {"<": [AGE, 1]}]}, {"?:": [CONSENT, AGE]},
    {"if": [AGE, False, CONSENT, True, {"!": AGE}]}, {"<": [{"var": ["age_years", 7]}, 3]},
    {"==": [{"var": ["segment", "mass"]}, "mass"]}, {"!!": {"var": ["age_years", 1]}},
    {"some": [V["subscriptions"], {"==": [V["status"], "active"]}]},
    {"some": [V["invoices"], {">": [V["amount"], 0.1]}]}, {"all": [V["subscriptions"], {"!=": [V["status"], "left"]}]},
    {"none": [V["invoices"], {"<": [V["due_date"], "2026-02-01"]}]}, {"some": [V["subscriptions"], True]},
    {"all": [V["subscriptions"], True]}, {"none": [V["subscriptions"], True]}, {"some": [V["subscriptions"], False]},
    {"all": [V["invoices"], {"<": [V["amount"], 1]}]}, {"!": {"some": [V["subscriptions"], {"missing": ["status"]}]}},
    {"!": {"all": [V["subscriptions"], {"!!": V["status"]}]}},
]  # fmt: skip


@pytest.mark.parametrize("place", range(len(RULES)), ids=lambda place: json.dumps(RULES[place], ensure_ascii=False))
def test_a_rule_takes_whom_its_published_meaning_takes(place: int) -> None:
    definition = import_jsonlogic(RULES[place], CATALOGUE)
    for seed in (1, 2):
        assert found(definition, seed) == holders(RULES[place], seed)


@pytest.mark.parametrize(
    ("logic", "place"),
    [
        ({"and": [True, {"<": [{"+": [{"var": "age_years"}, 1]}, 3]}]}, ("and", 1, "<", 0, "+")),
        ({"==": [{"var": "no_such"}, 1]}, ("==", 0, "var")),
        ({"<": [{"var": "segment"}, "m"]}, ("<", 1)),
        ({"==": [{"var": "birth_date"}, "soon"]}, ("==", 1)),
        ({"some": [{"var": "age_years"}, True]}, ("some", 0)),
        ({"some": [{"var": "subscriptions"}, {"==": [{"var": "age_years"}, 1]}]}, ("some", 1, "==", 0, "var")),
        ({"reduce": [{"var": "subscriptions"}, {"var": "current"}, 0]}, ("reduce",)),
        ({"in": [{"var": "segment"}, {"var": "district"}]}, ("in", 1)),
        ({"==": [{"var": "age_years"}, {"var": "segment"}]}, ("==",)),
        ({"==": [{"var": ""}, 1]}, ("==", 0, "var")),
        ({"within": [{"var": "birth_date"}, ["soon"]]}, ("within", 1)),
        ({"log": "x"}, ("log",)),
    ],
)
def test_what_has_no_equivalent_is_refused_at_its_place(logic: Any, place: tuple[str | int, ...]) -> None:
    with pytest.raises(DefinitionError) as refused:
        import_jsonlogic(logic, CATALOGUE)
    assert refused.value.problems[0].path == place


LEAVES = st.sampled_from([
    None, True, 0, -1, 1.5, float("nan"), "", "x", "age_years", "2026-01-01", "\ud800", "last", "all", "payments",
    "count", {"var": "age_years"}, {"var": "birth_date"}, {"var": "subscriptions"},
    {"event": ["payments", "count", None, ["all"]]},
])  # fmt: skip
WORDS = st.sampled_from([
    "and", "or", "!", "!!", "if", "==", "===", "!=", "<", "<=", ">", "in", "var", "missing", "missing_some", "some",
    "all", "none", "event", "event_stopped", "count", "in_list", "begins_with", "within", "relative_date", "cat", "",
])  # fmt: skip


@some
@given(
    st.recursive(
        LEAVES,
        lambda inner: (
            st.dictionaries(WORDS, st.lists(inner, max_size=4) | inner, min_size=1, max_size=1) | st.lists(inner)
        ),
        max_leaves=8,
    )
)
def test_whatever_is_handed_in_becomes_a_definition_or_is_refused(logic: Any) -> None:
    try:
        told = fingerprint(import_jsonlogic(logic, CATALOGUE))
    except DefinitionError as refused:
        told = str(refused)
    assert told


def test_a_rule_without_end_is_refused() -> None:
    logic: Any = {"var": "age_years"}
    for _ in range(5000):
        logic = {"!": [logic]}
    with pytest.raises(DefinitionError):
        import_jsonlogic(logic, CATALOGUE)


@some
@given(documents(("loyal",)), st.integers(0, 7))
def test_a_definition_comes_back_from_jsonlogic_with_its_fingerprint(document: dict[str, Any], seed: int) -> None:
    definition = parse(document)
    logic = json.loads(json.dumps(export_jsonlogic(definition, CATALOGUE)))
    assert fingerprint(import_jsonlogic(logic, CATALOGUE)) == fingerprint(definition)
    text = json.dumps(logic)
    if not any(f'"{name}' in text for name in (*OWN, *LOOSE)):
        assert holders(logic, seed) == members(document, world(seed))


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
def test_every_golden_comes_back_from_jsonlogic_with_its_fingerprint(path: Path) -> None:
    definition = parse(path.read_text(encoding="utf-8"))
    logic = json.loads(json.dumps(export_jsonlogic(definition, CATALOGUE)))
    assert fingerprint(import_jsonlogic(logic, CATALOGUE)) == fingerprint(definition)


def test_sql_segments_have_no_jsonlogic() -> None:
    with pytest.raises(DefinitionError):
        export_jsonlogic(parse({"version": 1, "kind": "sql", "sql": "select 1 as customer_id"}), CATALOGUE)
