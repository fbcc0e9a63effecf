"""Attacks on the gate by SQL: each is refused in words, and none brings a row or a value that is not one's own."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.access.attacks import FILES_AND_SYSTEM, GROWING, NOT_ONE_SELECT, ODD_GRAMMAR, OUT_OF_TABLES
from tests.unit.access.conftest import Log, Snapshot
from tests.unit.access.people import everywhere
from vitrina.access.errors import GateError, Refused
from vitrina.access.gate import AccessKind, Gate, GatedReader, Purpose
from vitrina.access.rights import Mask, Scope


@pytest.fixture
def reader(gate: Gate) -> GatedReader:
    """Someone with his own SQL over one unit, who sees no personal data."""
    return gate.reader(everywhere(Scope.UNIT, Mask.PARTIAL), Purpose.SQL, "10.0.0.7")


@pytest.mark.parametrize("sql", OUT_OF_TABLES + FILES_AND_SYSTEM + NOT_ONE_SELECT + ODD_GRAMMAR + GROWING)
def test_an_attack_is_refused_in_words_and_written_down(reader: GatedReader, log: Log, sql: str) -> None:
    with pytest.raises(Refused):
        reader.query(sql)
    assert [access.kind for access in log] == [AccessKind.REFUSED]


@pytest.mark.parametrize("purpose", Purpose)
def test_every_door_refuses_alike(gate: Gate, purpose: Purpose) -> None:
    reader = gate.reader(everywhere(Scope.ALL, Mask.OPEN), purpose, "10.0.0.7")
    for sql in OUT_OF_TABLES[:12] + FILES_AND_SYSTEM[:12] + NOT_ONE_SELECT[:12]:
        with pytest.raises(Refused), reader.cursor() as cursor:
            cursor.stream(sql)
        with pytest.raises(Refused):
            reader.rows(sql)


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("SELECT 1 -- ; DROP SCHEMA marts", [(1,)]),
        ("SELECT 1 /* /* nested */ */", [(1,)]),
        ("SELECT 1;", [(1,)]),
        ("SELECT '; DROP SCHEMA marts; --'", [("; DROP SCHEMA marts; --",)]),
        ("SELECT '\\'", [("\\",)]),
        ("SELECT 'x''; y'", [("x'; y",)]),
        ("SELECT 'getenv(''HOME'')'", [("getenv('HOME')",)]),
        ("SELECT 'read_csv', \"read_csv\" FROM (SELECT 2 AS read_csv)", [("read_csv", 2)]),
        ("FROM (SELECT 3)", [(3,)]),
        ("(SELECT 4)", [(4,)]),
        ("WITH a AS (SELECT 5 AS x) SELECT x FROM a", [(5,)]),
        ("SELECT $1 + $2", [(9,)]),
    ],
)
def test_what_only_looks_like_an_attack_runs(reader: GatedReader, sql: str, answer: list[tuple]) -> None:
    assert reader.rows(sql, [4, 5] if "$" in sql else None) == answer


def test_what_runs_is_what_was_read(reader: GatedReader) -> None:
    """sqlglot reads 0x41 as the number 0 with a name, DuckDB as 65: the text that runs leaves no choice."""
    assert reader.query("SELECT 0x41").to_pylist() == [{"x41": 0}]


def test_places_for_values_keep_their_order_when_the_text_is_written_anew(reader: GatedReader) -> None:
    query = "FROM (SELECT ? AS a, ? AS b) SELECT b, a, ? AS c"
    assert reader.rows(query, [1, 2, 3]) == [(2, 1, 3)]
    assert reader.rows("SELECT '?', ?", ["x"]) == [("?", "x")]


def test_rows_of_a_list_are_made_of_what_our_own_code_hands_in_alone(reader: GatedReader) -> None:
    ids = reader.rows("SELECT customer_id FROM dim_customers WHERE customer_id IN (SELECT unnest($ids))", {"ids": [1]})
    assert len(ids) <= 1
    for sql in ("SELECT unnest(list_value(1, 2))", "SELECT unnest($ids || $ids)", "SELECT * FROM unnest($ids)",
                "SELECT unnest($ids, recursive := true)"):  # fmt: skip
        with pytest.raises(Refused):
            reader.query(sql, {"ids": [1]})


def test_a_value_is_never_read_as_sql(reader: GatedReader) -> None:
    for value in ("'; DROP SCHEMA marts; --", "x' OR '1'='1", "\x00", "marts.dim_customers", "$1"):
        assert reader.rows("SELECT count(*) FROM dim_customers WHERE full_name = ?", [value]) == [(0,)]
        assert reader.rows("SELECT CAST($value AS VARCHAR)", {"value": value}) == [(value,)]


def test_whole_rows_and_renamed_columns_are_masked_too(reader: GatedReader, snapshot: Snapshot) -> None:
    secrets = {row["pinfl"] for row in snapshot.raw["dim_customers"]} | {
        row["full_name"] for row in snapshot.raw["dim_customers"] if row["customer_type"] == "person"
    }
    for sql in (
        "SELECT * FROM dim_customers",
        "SELECT d FROM dim_customers AS d",
        "SELECT list(d) FROM dim_customers AS d",
        "SELECT max(full_name), any_value(pinfl), list(pinfl), string_agg(full_name, ',') FROM dim_customers",
        "SELECT * FROM dim_customers AS t(a, b, c, d, e, f)",
        "SELECT x.full_name || x.pinfl FROM (SELECT * FROM dim_customers) AS x",
        "SELECT * FROM dim_customers UNION ALL SELECT * FROM dim_customers",
        "SELECT first_value(pinfl) OVER (ORDER BY customer_id) FROM dim_customers",
        "SELECT arg_max(pinfl, customer_id) FROM dim_customers GROUP BY full_name",
    ):
        text = str(reader.query(sql).to_pylist())
        assert not [secret for secret in secrets if secret in text], sql


def test_nothing_of_a_refused_query_reaches_a_log(
    reader: GatedReader, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    phone = "+998901234567"
    with caplog.at_level(logging.DEBUG):
        for sql in (
            f"EXPLAIN SELECT '{phone}'",
            f"SELECT getenv('{phone}')",
            f"SHOW '{phone}'",
            f"SELECT '{phone}' FROM x",
        ):
            with pytest.raises(Refused):
                reader.query(sql)
        reader.query(f"SELECT customer_id FROM dim_customers WHERE contact_phone = '{phone}'")
    assert phone not in caplog.text
    assert phone not in str(log)


def test_the_snapshot_stays_as_it_was(snapshot: Snapshot, reader: GatedReader, tmp_path: Path) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in snapshot.published.rglob("*") if path.is_file())
    for sql in NOT_ONE_SELECT:
        with pytest.raises(GateError):
            reader.query(sql)
    assert reader.rows("SELECT count(*) > 0 FROM dim_customers") == [(True,)]
    assert before == sorted((path, path.stat().st_mtime_ns) for path in snapshot.published.rglob("*") if path.is_file())


def test_a_failing_expression_tells_nothing_of_rows_that_are_not_his(
    open_gate: Callable[..., Gate], snapshot: Snapshot
) -> None:
    """DuckDB may try a condition on any row before it leaves out those of others, and fail there."""
    names = dict.fromkeys(("name", "contact", "identity"), Mask.OPEN)
    reader = open_gate().reader(everywhere(Scope.OWN, names), Purpose.SQL, "10.0.0.7")
    own = {customer for (customer,) in reader.rows("SELECT customer_id FROM dim_customers")}
    for customer in (row["customer_id"] for row in snapshot.raw["dim_customers"]):
        for condition in (
            f"CASE WHEN customer_id = {customer} THEN CAST(full_name AS INT) ELSE 1 END = 1",
            f"customer_id = {customer} AND CAST(full_name AS INT) = 1",
            f"CASE WHEN customer_id = {customer} THEN 9223372036854775807 + customer_id ELSE 1 END > 0",
        ):
            query = f"SELECT count(*) FROM dim_customers WHERE {condition}"
            if customer in own:
                with pytest.raises(GateError):
                    reader.rows(query)
            else:
                reader.rows(query)
