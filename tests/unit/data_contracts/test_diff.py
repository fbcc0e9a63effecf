"""Changes of meaning between two versions of a contract."""

from dataclasses import replace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.diff import diff, version_errors
from data_contracts.model import Column, Contract, Range, Reference
from data_contracts.sql import pass_sql

AMOUNT = Column("amount", "number", "DECIMAL(18,2)", required=False, unit="UZS", range=Range(minimum=0, maximum=100))
KIND = Column("kind", "string", "VARCHAR", allowed=("a", "b"), min_length=1, max_length=10, pattern="^[a-z]+$")
OLD = Contract(
    "shop",
    "sale",
    "1.4.2",
    "Sales",
    (Column("sale_id", "integer", "INTEGER", required=True), AMOUNT, KIND),
    key=("sale_id",),
    minimum_volume=0.5,
    freshness_hours=24,
)


def changed(column: Column, **changes: Any) -> Contract:
    new = replace(column, **changes)
    return replace(OLD, columns=tuple(new if c.name == column.name else c for c in OLD.columns))


def levels(new: Contract) -> list[str]:
    return [change.level for change in diff(OLD, new)]


BREAKING = {
    "a removed column": replace(OLD, columns=OLD.columns[:2]),
    "an added mandatory column": replace(OLD, columns=(*OLD.columns, Column("x", "string", "VARCHAR", required=True))),
    "an added column that deliveries must have": replace(OLD, columns=(*OLD.columns, Column("x", "string", "VARCHAR"))),
    "a narrowed number": changed(AMOUNT, duckdb_type="DECIMAL(18,1)"),
    "fewer digits before the point": changed(AMOUNT, duckdb_type="DECIMAL(18,3)"),
    "another logical type": changed(AMOUNT, logical_type="string", duckdb_type="VARCHAR"),
    "a new required": changed(AMOUNT, required=True),
    "a value taken from the list": changed(KIND, allowed=("a",)),
    "a list where there was none": changed(AMOUNT, allowed=("1",)),
    "another pattern": changed(KIND, pattern="^[a-c]+$"),
    "a higher minimum": changed(AMOUNT, range=Range(minimum=1, maximum=100)),
    "a minimum that became exclusive": changed(AMOUNT, range=Range(exclusive_minimum=0, maximum=100)),
    "a lower maximum": changed(AMOUNT, range=Range(minimum=0, maximum=99)),
    "a longer minimum length": changed(KIND, min_length=2),
    "a shorter maximum length": changed(KIND, max_length=9),
    "another unit": changed(AMOUNT, unit="tiyin"),
    "another source field": changed(AMOUNT, source_name="Amount"),
    "another key": replace(OLD, key=("sale_id", "kind")),
    "a new reference": changed(AMOUNT, reference=Reference("shop__x", "y")),
    "empty deliveries refused": replace(OLD, allows_empty=False),
    "a higher minimum volume": replace(OLD, minimum_volume=0.6),
}
COMPATIBLE = {
    "an added optional column": replace(
        OLD, columns=(*OLD.columns, Column("x", "string", "VARCHAR", may_be_absent=True))
    ),
    "a widened whole number": replace(OLD, columns=(replace(OLD.columns[0], duckdb_type="BIGINT"), *OLD.columns[1:])),
    "a widened number": changed(AMOUNT, duckdb_type="DECIMAL(20,3)"),
    "no longer required": replace(OLD, columns=(replace(OLD.columns[0], required=False), *OLD.columns[1:])),
    "a value added to the list": changed(KIND, allowed=("a", "b", "c")),
    "a list taken away": changed(KIND, allowed=()),
    "a pattern taken away": changed(KIND, pattern=None),
    "a wider range": changed(AMOUNT, range=Range(minimum=-1, maximum=101)),
    "a range taken away": changed(AMOUNT, range=Range()),
    "a reference that only warns": changed(AMOUNT, reference=Reference("shop__x", "y", "warning")),
    "a higher class of personal data": changed(KIND, classification="pii"),
    "a lower minimum volume": replace(OLD, minimum_volume=0.4),
    "another freshness": replace(OLD, freshness_hours=12),
}


@pytest.mark.parametrize("new", BREAKING.values(), ids=BREAKING.keys())
def test_a_tightened_promise_is_breaking(new: Contract) -> None:
    assert levels(new) == ["breaking"] * len(levels(new)) != []


@pytest.mark.parametrize("new", COMPATIBLE.values(), ids=COMPATIBLE.keys())
def test_a_loosened_promise_is_compatible(new: Contract) -> None:
    assert levels(new) == ["compatible"] * len(levels(new)) != []


def test_exposing_personal_data_is_breaking() -> None:
    assert [change.level for change in diff(changed(KIND, classification="pii"), OLD)] == ["breaking"]


def test_words_and_order_are_information_only() -> None:
    assert levels(changed(KIND, description="Better said.")) == ["info"]
    assert levels(replace(OLD, title="Sales!", columns=OLD.columns[::-1])) == ["info", "info"]


def test_breaking_changes_come_first_and_name_their_place() -> None:
    new = replace(changed(KIND, allowed=("a", "c"), description="x"), title="y")
    assert [str(change) for change in diff(OLD, new)] == [
        "breaking    shop__sale.kind: value b is no longer allowed",
        "compatible  shop__sale.kind: value c is allowed now",
        "info        shop__sale: title, description, grain, domain or labels changed",
        "info        shop__sale.kind: description or labels changed",
    ]


@pytest.mark.parametrize(
    ("new", "version", "fine"),
    [
        (BREAKING["another key"], "1.5.0", False),
        (BREAKING["another key"], "2.0.0", True),
        (COMPATIBLE["a wider range"], "1.4.2", False),
        (COMPATIBLE["a wider range"], "1.4.3", True),
        (OLD, "1.4.2", True),
        (OLD, "1.4.1", False),
        (OLD, "1.10.0", True),
    ],
)
def test_the_version_number_must_admit_the_change(new: Contract, version: str, fine: bool) -> None:
    assert (version_errors(OLD, replace(new, version=version)) == ()) is fine


bounds = st.one_of(st.none(), st.integers(-3, 3))
ranges = st.builds(Range, minimum=bounds, maximum=bounds, exclusive_minimum=bounds, exclusive_maximum=bounds)
numbers = st.builds(
    lambda kind, required, limits: Column("v", "number", kind, required=required, range=limits),
    st.sampled_from(["DECIMAL(4,2)", "DECIMAL(5,2)", "DECIMAL(3,1)"]),
    st.booleans(),
    ranges,
)
texts = st.builds(
    lambda required, allowed, low, high: Column(
        "v", "string", "VARCHAR", required=required, allowed=tuple(sorted(allowed)), min_length=low, max_length=high
    ),
    st.booleans(),
    st.sets(st.sampled_from(["a", "bb", "ccc"])),
    bounds.map(lambda b: b and abs(b)),
    bounds.map(lambda b: b and abs(b)),
)
VALUES = [None, "", "a", "bb", "ccc", "dddd", *map(str, range(-4, 5)), "0.5", "2.55", "99.9", "500.25", "9999"]


@settings(max_examples=120, deadline=None)
@given(pair=st.one_of(st.tuples(numbers, numbers), st.tuples(texts, texts)))
def test_what_the_old_contract_let_in_the_new_refuses_only_after_a_breaking_change(pair: tuple[Column, Column]) -> None:
    old, new = (Contract("shop", "x", "1.0.0", "X", (column,)) for column in pair)
    found = {change.level for change in diff(old, new)}
    assert diff(old, old) == ()
    if "breaking" not in found:
        assert _accepted(old) <= _accepted(new)


def _accepted(contract: Contract) -> set[str | None]:
    con = duckdb.connect()
    con.execute("CREATE TABLE given AS SELECT unnest(?::VARCHAR[]) AS v", [VALUES])
    query = pass_sql(contract, "given", carry=("v AS text",))
    accepted = {row[0] for row in con.execute(f"SELECT text FROM ({query}) WHERE _faults IS NULL").fetchall()}
    con.close()
    return accepted
