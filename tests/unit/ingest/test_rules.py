"""Rules over rows that are typed already: values, the key within a delivery, references."""

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pytest

from data_contracts.model import Column, Contract, Range, Reference
from ingest.rules import Keys, find_faults
from ingest.staging import create_tables

TICKET = Contract(
    "shop",
    "ticket",
    "1.2.0",
    "Tickets",
    (
        Column("ticket_id", "integer", "BIGINT", required=True, range=Range(minimum=1)),
        Column("buyer_id", "integer", "INTEGER", reference=Reference("shop__buyer", "buyer_id")),
        Column("amount", "number", "DECIMAL(18,2)", range=Range(exclusive_minimum=0, maximum=100000)),
        Column("bought_date", "date", "DATE", range=Range(minimum="2000-01-01", exclusive_maximum="2100-01-01")),
        Column("changed_at", "timestamp", "TIMESTAMP", range=Range(minimum="2000-01-01T00:00:00Z")),
        Column("kind", "string", "VARCHAR", allowed=("new", "o'clock")),
        Column("phone", "string", "VARCHAR", pattern=r"^\+998[0-9]{9}$"),
        Column("note", "string", "VARCHAR", min_length=2, max_length=5),
    ),
    key=("ticket_id",),
)
GOOD = {
    "ticket_id": 7, "buyer_id": 3, "amount": "10.50", "bought_date": "2024-02-29", "changed_at": "2024-02-29 10:00:00",
    "kind": "new", "phone": "+998901234567", "note": "good",
}  # fmt: skip


@pytest.fixture(name="con")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute("CREATE TABLE buyers AS SELECT 3 AS key")
    yield con
    con.close()


def judge(
    con: duckdb.DuckDBPyConnection, contract: Contract, rows: Sequence[dict[str, Any]], keys: dict[str, Keys]
) -> list[tuple[Any, ...]]:
    """Faults as (row, field, value, rule). A row may name its delivery as `_f` and what typing found as `_faults`."""
    create_tables(con, contract)
    for row in rows:
        con.execute(
            f"INSERT INTO staged BY NAME SELECT {', '.join(f'? AS {name}' for name in row)}", list(row.values())
        )
    find_faults(con, contract, keys)
    return con.execute('SELECT r, field, "value", "rule" FROM faults ORDER BY r, position').fetchall()


def tickets(con: duckdb.DuckDBPyConnection, *changes: dict[str, Any], buyers: bool = False) -> list[tuple[Any, ...]]:
    """Faults of tickets given as changes to a good one; each has its own number and delivery unless it names them."""
    rows = [{**GOOD, "ticket_id": 100 + place, "_f": 0, **change} for place, change in enumerate(changes)]
    return judge(con, TICKET, rows, {"shop__buyer.buyer_id": Keys("buyers")} if buyers else {})


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("ticket_id", None, "required"),
        ("ticket_id", 0, "minimum"),
        ("amount", "0.00", "exclusive_minimum"),
        ("amount", "100000.01", "maximum"),
        ("bought_date", "1999-12-31", "minimum"),
        ("bought_date", "2100-01-01", "exclusive_maximum"),
        ("changed_at", "1999-12-31 23:59:59", "minimum"),
        ("kind", "New", "allowed"),
        ("phone", "901234567", "pattern"),
        ("note", "я", "min_length"),
        ("note", "яяяяяя", "max_length"),
    ],
)
def test_a_value_that_breaks_a_rule_is_named(
    con: duckdb.DuckDBPyConnection, field: str, value: object, rule: str
) -> None:
    told = None if value is None else str(value)
    assert tickets(con, {}, {field: value}, {}) == [(1, field, told, f"{field}.{rule}")]


def test_values_on_the_edge_and_no_values_are_good(con: duckdb.DuckDBPyConnection) -> None:
    edge = {"ticket_id": 1, "amount": "100000", "bought_date": "2000-01-01", "changed_at": "2000-01-01", "note": "яя"}
    assert tickets(con, edge, dict.fromkeys(list(GOOD)[1:]), {"kind": "o'clock"}) == []


def test_of_rows_with_one_key_the_first_good_one_stays(con: duckdb.DuckDBPyConnection) -> None:
    seven = {"ticket_id": 7}
    found = tickets(con, {**seven, "amount": "-1"}, seven, {**seven, "amount": "2"}, {"ticket_id": 8}, seven)
    assert found == [
        (0, "amount", "-1.00", "amount.exclusive_minimum"),
        (2, "ticket_id", "7", "shop__ticket.unique"),
        (4, "ticket_id", "7", "shop__ticket.unique"),
    ]


def test_a_key_may_come_again_in_another_delivery(con: duckdb.DuckDBPyConnection) -> None:
    first, second = {"ticket_id": 7, "_f": 0}, {"ticket_id": 7, "_f": 1}
    assert tickets(con, first, second) == []
    assert tickets(con, first, second, second) == [(2, "ticket_id", "7", "shop__ticket.unique")]


def test_a_key_of_several_columns_counts_as_a_whole_and_not_where_a_part_is_missing(
    con: duckdb.DuckDBPyConnection,
) -> None:
    line = Contract(
        "shop", "line", "1.0.0", "Lines", (Column("bill", "string", "VARCHAR"), Column("place", "integer", "INTEGER")),
        key=("bill", "place"),
    )  # fmt: skip
    pairs = [("a", 1), ("a", 2), ("a", 1), ("b", None), ("b", None)]
    rows = [{"bill": bill, "place": place, "_f": 0} for bill, place in pairs]
    assert judge(con, line, rows, {}) == [(2, "bill", "a / 1", "shop__line.unique")]


def test_a_value_unknown_in_the_referred_table_is_found_and_no_value_is_not(con: duckdb.DuckDBPyConnection) -> None:
    rows = ({}, {"buyer_id": 4}, {"buyer_id": None})
    assert tickets(con, *rows, buyers=True) == [(1, "buyer_id", "4", "buyer_id.reference")]
    assert tickets(con, *rows) == []  # nothing is known of the table, so nothing is said


def test_a_reference_that_only_warns_is_counted_and_refuses_no_row(con: duckdb.DuckDBPyConnection) -> None:
    buyer = Column("buyer_id", "integer", "INTEGER", reference=Reference("shop__buyer", "buyer_id", "warning"))
    contract = Contract("shop", "visit", "1.0.0", "Visits", (buyer,))
    assert judge(con, contract, [{"buyer_id": 3}, {"buyer_id": 4}, {"buyer_id": 5}], {}) == []
    assert find_faults(con, contract, {"shop__buyer.buyer_id": Keys("buyers")}) == {"buyer_id.reference": 2}
    assert con.execute("SELECT count(*) FROM faults").fetchone() == (0,)


def test_a_table_may_refer_to_rows_of_the_same_batch_and_to_those_it_has(con: duckdb.DuckDBPyConnection) -> None:
    tree = Contract(
        "shop",
        "unit",
        "1.0.0",
        "Units",
        (
            Column("unit_id", "string", "VARCHAR", required=True),
            Column("parent_id", "string", "VARCHAR", reference=Reference("shop__unit", "unit_id")),
        ),
        key=("unit_id",),
    )
    con.execute("CREATE TABLE known AS SELECT 'old' AS key")
    parents = {"a": None, "b": "a", "c": "z", "d": "old"}
    rows = [{"unit_id": unit, "parent_id": parent, "_f": 0} for unit, parent in parents.items()]
    assert judge(con, tree, rows, {"shop__unit.unit_id": Keys("known")}) == [
        (2, "parent_id", "z", "parent_id.reference")
    ]
