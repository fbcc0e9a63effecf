"""One pass types the good rows and names field, value and rule of the bad ones."""

import doctest
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts import checks, diff, sql
from data_contracts.checks import delivery_faults
from data_contracts.model import Column, Contract, Range, Reference
from data_contracts.sql import Dialect, pass_sql, schema_sql

TICKET = Contract(
    "shop",
    "ticket",
    "1.2.0",
    "Tickets",
    (
        Column("ticket_id", "integer", "BIGINT", required=True, range=Range(minimum=1)),
        Column("buyer_id", "integer", "INTEGER", reference=Reference("shop__buyer", "buyer_id")),
        Column("amount", "number", "DECIMAL(18,2)", required=True, range=Range(exclusive_minimum=0, maximum=100000)),
        Column("rate", "number", "DOUBLE"),
        Column("bought_date", "date", "DATE", range=Range(minimum="2000-01-01", maximum="2100-01-01")),
        Column("changed_at", "timestamp", "TIMESTAMP"),
        Column("is_paid", "boolean", "BOOLEAN"),
        Column("kind", "string", "VARCHAR", allowed=("new", "used")),
        Column("phone", "string", "VARCHAR", pattern=r"^\+998[0-9]{9}$"),
        Column("note", "string", "VARCHAR", source_name="Comment text", min_length=2, max_length=5),
    ),
    key=("ticket_id",),
)
GOOD = {
    "ticket_id": "7",
    "buyer_id": "3",
    "amount": "10.50",
    "rate": "0.5",
    "bought_date": "2024-02-29",
    "changed_at": "2024-02-29T10:00:00Z",
    "is_paid": "true",
    "kind": "new",
    "phone": "+998901234567",
    "Comment text": "good",
}


@pytest.fixture(name="con")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    yield con
    con.close()


def take(con: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]], dialect: Dialect = sql.PLAIN) -> None:
    """Table `batch` from rows given as changes to a good one."""
    fields = list(GOOD)
    columns = ", ".join(f'"{name}" VARCHAR' for name in fields)
    con.execute(f"CREATE OR REPLACE TABLE delivered (_line BIGINT, {columns})")
    values = [[number, *({**GOOD, **row}[name] for name in fields)] for number, row in enumerate(rows, start=2)]
    con.executemany(f"INSERT INTO delivered VALUES ({', '.join('?' * (len(fields) + 1))})", values)
    con.execute(f"CREATE OR REPLACE TABLE batch AS {pass_sql(TICKET, 'delivered', dialect, ('_line',))}")


def faults(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute("""
        SELECT _line, fault.field, fault."value", fault."rule"
        FROM (SELECT _line, unnest(_faults) AS fault FROM batch) ORDER BY ALL""").fetchall()


def test_a_good_row_comes_out_typed_and_without_a_word(con: duckdb.DuckDBPyConnection) -> None:
    take(con, [{}])
    assert con.execute("SELECT * FROM batch").fetchall() == [
        (
            7,
            3,
            Decimal("10.50"),
            0.5,
            date(2024, 2, 29),
            datetime(2024, 2, 29, 10),
            True,
            "new",
            "+998901234567",
            "good",
            2,
            None,
            None,
        )
    ]
    typed = con.execute("SELECT column_name, column_type FROM (DESCRIBE batch)").fetchall()
    assert [kind for _, kind in typed[:10]] == [column.duckdb_type for column in TICKET.columns]


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("ticket_id", None, "required"),
        ("ticket_id", "  ", "required"),
        ("ticket_id", "x1", "type"),
        ("ticket_id", "12.7", "type"),
        ("ticket_id", "0", "minimum"),
        ("buyer_id", "3000000000", "type"),
        ("amount", "1.239", "type"),
        ("amount", "0.00", "exclusive_minimum"),
        ("amount", "100000.01", "maximum"),
        ("amount", "nan", "type"),
        ("rate", "much", "type"),
        ("bought_date", "2023-02-29", "type"),
        ("bought_date", "1999-12-31", "minimum"),
        ("bought_date", "infinity", "maximum"),
        ("bought_date", "epoch", "minimum"),
        ("changed_at", "yesterday", "type"),
        ("is_paid", "maybe", "type"),
        ("kind", "New", "allowed"),
        ("phone", "901234567", "pattern"),
        ("phone", "+998901234567\n1", "pattern"),
    ],
)
def test_a_broken_rule_is_named_with_field_and_value(
    con: duckdb.DuckDBPyConnection, field: str, value: str | None, rule: str
) -> None:
    take(con, [{}, {field: value}, {}])
    assert faults(con) == [(3, field, value, f"{field}.{rule}")]
    assert con.execute("SELECT count(*) FROM batch WHERE _faults IS NULL").fetchone() == (2,)


def test_lengths_count_characters_and_the_source_name_is_used(con: duckdb.DuckDBPyConnection) -> None:
    take(con, [{"Comment text": "я"}, {"Comment text": "яяяяя"}, {"Comment text": "яяяяяя"}])
    assert [(line, rule) for line, _, _, rule in faults(con)] == [(2, "note.min_length"), (4, "note.max_length")]


def test_one_row_can_break_several_rules_and_its_text_is_kept_as_delivered(con: duckdb.DuckDBPyConnection) -> None:
    take(con, [{"ticket_id": " x ", "amount": "1,5", "kind": "odd"}])
    assert [rule for *_, rule in faults(con)] == ["amount.type", "kind.allowed", "ticket_id.type"]
    text = con.execute("SELECT _row_text ->> 'ticket_id', _row_text ->> 'amount' FROM batch").fetchone()
    assert text == (" x ", "1,5")


def test_padding_and_blank_texts_are_no_faults(con: duckdb.DuckDBPyConnection) -> None:
    padded = {name: f" {value} " for name, value in GOOD.items()}
    blank = dict.fromkeys(("buyer_id", "rate", "bought_date", "changed_at", "is_paid", "kind", "phone"), "  ")
    take(con, [padded, blank])
    assert faults(con) == []
    rows = con.execute("SELECT * EXCLUDE (_line, _faults, _row_text) FROM batch ORDER BY _line").fetchall()
    take(con, [{}])
    assert rows[0] == con.execute("SELECT * EXCLUDE (_line, _faults, _row_text) FROM batch").fetchone()
    assert rows[1] == (7, None, Decimal("10.50"), None, None, None, None, None, None, "good")


def test_numbers_beyond_the_digits_of_a_double_keep_every_digit(con: duckdb.DuckDBPyConnection) -> None:
    take(con, [{"ticket_id": "9007199254740993"}])
    assert faults(con) == []
    assert con.execute("SELECT ticket_id FROM batch").fetchone() == (9007199254740993,)


def test_a_timestamp_with_an_offset_is_brought_to_utc(con: duckdb.DuckDBPyConnection) -> None:
    take(con, [{"changed_at": "2024-03-01T01:30:00+05:00"}, {"changed_at": "2024-03-01 01:30:00"}])
    at = [row[0] for row in con.execute("SELECT changed_at FROM batch ORDER BY _line").fetchall()]
    assert at == [datetime(2024, 2, 29, 20, 30), datetime(2024, 3, 1, 1, 30)]
    take(con, [{"changed_at": "2024-03-01 01:30:00"}, {}], Dialect(timezone="Asia/Tashkent"))
    at = [row[0] for row in con.execute("SELECT changed_at FROM batch ORDER BY _line").fetchall()]
    assert at == [datetime(2024, 2, 29, 20, 30), datetime(2024, 2, 29, 10)]


def test_the_dialect_of_the_source_is_understood(con: duckdb.DuckDBPyConnection) -> None:
    latin = "хорош".encode("windows-1251").decode("latin-1")
    take(
        con,
        [{"amount": "10,50", "rate": "NULL", "kind": "-", "Comment text": latin}],
        Dialect(",", "windows-1251", ("NULL", "-")),
    )
    assert faults(con) == []
    assert con.execute("SELECT amount, rate, kind, note FROM batch").fetchall() == [
        (Decimal("10.50"), None, None, "хорош")
    ]


def test_dates_in_the_agreed_format_are_read(con: duckdb.DuckDBPyConnection) -> None:
    contract = Contract("shop", "sale", "1.0.0", "Sales", (Column("sold", "date", "DATE", date_format="%Y%m%d"),))
    con.execute("CREATE TABLE sales AS SELECT unnest(['19970101', '1997-01-02', '19970230', ' 19970103']) AS sold")
    rows = con.execute(f"SELECT sold, _faults IS NULL FROM ({pass_sql(contract, 'sales')})").fetchall()
    assert rows == [(date(1997, 1, 1), True), (date(1997, 1, 2), True), (None, False), (date(1997, 1, 3), True)]


def test_a_column_that_did_not_come_reads_as_null(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TABLE short AS SELECT '1' AS number, '5' AS sum")
    query = pass_sql(TICKET, "short", inputs={"ticket_id": "number", "amount": "sum"})
    assert con.execute(f"SELECT ticket_id, amount, kind, _faults FROM ({query})").fetchall() == [
        (1, Decimal("5.00"), None, None)
    ]


def test_a_hostile_field_name_stays_a_name(con: duckdb.DuckDBPyConnection) -> None:
    evil = 'x"; DROP TABLE kept; --'
    con.execute("CREATE TABLE kept AS SELECT 1 AS a")
    con.execute("CREATE TABLE evil (" + sql.quoted(evil) + " VARCHAR)")
    con.execute("INSERT INTO evil VALUES ('a''b')")
    contract = Contract(
        "shop", "evil", "1.0.0", "x", (Column("a", "string", "VARCHAR", source_name=evil, allowed=("o'clock",)),)
    )
    row = con.execute(f'SELECT a, _faults[1]."rule" FROM ({pass_sql(contract, "evil")})').fetchone()
    assert row == ("a'b", "a.allowed")
    assert con.execute("SELECT count(*) FROM kept").fetchone() == (1,)


def test_the_empty_raw_table_has_the_contracts_types(con: duckdb.DuckDBPyConnection) -> None:
    described = con.execute(f"DESCRIBE {schema_sql(TICKET)}").fetchall()
    assert [(row[0], row[1]) for row in described] == [(c.name, c.duckdb_type) for c in TICKET.columns]


def test_structural_faults_of_a_delivery_are_told() -> None:
    present = [column.source_name for column in TICKET.columns]
    contract = Contract("shop", "ticket", "1.0.0", "Tickets", TICKET.columns, minimum_volume=0.5, allows_empty=False)

    def kinds(*args: Any) -> list[tuple[str, str]]:
        return [(fault.check.kind, fault.check.severity) for fault in delivery_faults(contract, *args)]

    assert kinds(present, 60, 100.0) == []
    assert kinds(present, 49, 100.0) == [("volume", "error")]
    assert kinds(present, 49, None) == []
    assert kinds(present, 0, None) == [("empty", "error")]
    assert kinds([*present[1:], "surprise"]) == [("columns_missing", "error"), ("columns_added", "warning")]
    missing = delivery_faults(contract, present[:-1])[0]
    assert missing.args == {"columns": "Comment text"}


ODD = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "",
            " ",
            "0",
            "-0",
            "7",
            " 7 ",
            "7.0",
            "12.7",
            "1e3",
            "1e-1",
            "0x1F",
            "1_000",
            "+5",
            "5.",
            ".5",
            "1.005",
            "0.1",
            "99999.99",
            "100000.001",
            "9007199254740993",
            "9223372036854775808",
            "1e400",
            "nan",
            "inf",
            "-inf",
            "2024-02-29",
            "2023-02-29",
            "epoch",
            "infinity",
            "20240101",
            "10:00",
            "2024-01-01 25:00:00",
            "2024-03-01T01:30:00+05:00",
            "t",
            "no",
            "new",
            "+998901234567",
            "яя",
        ]
    ),
    st.text(max_size=8),
    st.integers().map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
)


@settings(max_examples=70, deadline=None)
@given(rows=st.lists(st.fixed_dictionaries({name: ODD for name in GOOD}), min_size=1, max_size=8))
def test_the_quick_proof_never_lets_through_what_the_rules_refuse(rows: list[dict[str, Any]]) -> None:
    """With the proof switched off every row is judged rule by rule: values and faults must be the same."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    take(con, rows)
    quick = con.execute("SELECT * EXCLUDE (_row_text) FROM batch ORDER BY _line").fetchall()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql, "_proof", lambda fields: "false")
        take(con, rows)
    exact = con.execute("SELECT * EXCLUDE (_row_text) FROM batch ORDER BY _line").fetchall()
    assert repr(quick) == repr(exact)  # by text, because nan is not equal to itself
    con.close()


def test_the_examples_in_the_docstrings_run() -> None:
    for module in (sql, checks, diff):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0
