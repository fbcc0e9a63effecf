"""Properties of the gate over rights, values and queries that nobody thought of."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.access import expected
from tests.unit.access.conftest import SECRET, Snapshot
from tests.unit.access.contract_operator import contracts
from tests.unit.access.people import DATA
from vitrina.access.errors import GateError
from vitrina.access.gate import Gate, Limits, Purpose
from vitrina.access.masking import SHAPES, masked
from vitrina.access.rights import COLUMN_CLASSES, Mask, Rights, Scope
from vitrina.access.sql import check
from vitrina.access.tree import read

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
IDS = st.frozensets(st.sampled_from([f"E{i}" for i in range(6)] + ["E'; DROP SCHEMA marts; --", "", '"']), max_size=4)
CODES = st.frozensets(st.sampled_from(["170", "171", "172", "' OR true --"]), max_size=3)
TEXTS = sorted(name for name, (types, _) in SHAPES.items() if "VARCHAR" in types and name != "coarse")
CLASSES = sorted(COLUMN_CLASSES - {"open"})


@st.composite
def any_rights(draw: st.DrawFn) -> Rights:
    """Rights as an administrator may make them: any scope for any object, any mask for any class, any people."""
    pairs = st.tuples(st.sampled_from(DATA), st.sampled_from(["view", "query", "export"]))
    grants = draw(st.dictionaries(pairs, st.sampled_from(list(Scope)), max_size=12))
    return Rights(
        1, "anyone", "Anyone", frozenset(), grants,
        draw(st.dictionaries(st.sampled_from(CLASSES), st.sampled_from(list(Mask)))),
        draw(st.dictionaries(st.sampled_from([Scope.OWN, Scope.GROUP, Scope.UNIT]), IDS)),
        draw(st.dictionaries(st.sampled_from([Scope.OWN, Scope.GROUP, Scope.UNIT]), CODES)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def shared_gate(snapshot: Snapshot) -> Iterator[Gate]:
    """One gate for all examples."""
    opened = Gate.open(
        snapshot.published, lambda access: None, SECRET, lambda: dt.datetime(2026, 11, 23, tzinfo=dt.UTC),
        limits=Limits(looks=10**9),
    )  # fmt: skip
    yield opened
    opened.close()


@FEW
@given(rights=any_rights(), table=st.sampled_from(sorted(contracts())), purpose=st.sampled_from(["page", "export"]))
def test_whatever_the_rights_the_rows_are_those_that_python_finds(
    shared_gate: Gate, snapshot: Snapshot, rights: Rights, table: str, purpose: str
) -> None:
    action = "export" if purpose == "export" else "view"
    wanted = expected.rows(table, snapshot.raw[table], rights, action)
    reader = shared_gate.reader(rights, Purpose(purpose), "x")
    if purpose == "export" and expected.scope_of(table, rights, action) is None:
        with pytest.raises(GateError):
            reader.query(f"SELECT * FROM {table}")
        return
    found = reader.query(f"SELECT * FROM {table}")
    rows = list(zip(*(column.to_pylist() for column in found.columns), strict=True))
    assert Counter(rows) == Counter(wanted)


@FEW
@given(rights=any_rights(), wider=any_rights())
def test_more_rights_never_show_fewer_rows(shared_gate: Gate, rights: Rights, wider: Rights) -> None:
    keys = {*rights.grants, *wider.grants}
    both = Rights(
        1, "anyone", "Anyone", frozenset(),
        {key: max(each.grants[key] for each in (rights, wider) if key in each.grants) for key in keys},
        rights.masks,
        {s: rights.employees.get(s, frozenset()) | wider.employees.get(s, frozenset()) for s in Scope},
        {s: rights.regions.get(s, frozenset()) | wider.regions.get(s, frozenset()) for s in Scope},
    )  # fmt: skip
    for table in ("dim_customers", "fct_payments", "dim_employees", "cohort_retention"):
        key = "customer_id" if "customer_id" in contracts()[table] else next(iter(contracts()[table]))
        few, many = (
            {row[0] for row in shared_gate.reader(each, Purpose.PAGE, "x").rows(f"SELECT {key} FROM {table}")}
            for each in (rights, both)
        )
        assert few <= many


@given(rights=any_rights(), other=any_rights())
def test_equal_fingerprints_mean_equal_rights(rights: Rights, other: Rights) -> None:
    same = (rights.grants, {c: rights.mask(c) for c in CLASSES}) == (other.grants, {c: other.mask(c) for c in CLASSES})
    people = all(
        (rights.employees_in(s), rights.regions_in(s)) == (other.employees_in(s), other.regions_in(s)) for s in Scope
    )
    assert (rights.fingerprint == other.fingerprint) == (same and people)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine to try masks in."""
    with duckdb.connect() as connection:
        yield connection


@MANY
@given(value=st.text(max_size=40), shape=st.sampled_from(TEXTS), mask=st.sampled_from(list(Mask)))
def test_no_mask_fails_or_shows_most_of_any_text(
    engine: duckdb.DuckDBPyConnection, value: str, shape: str, mask: Mask
) -> None:
    value = value.replace("\x00", "")
    found = engine.execute(
        f"SELECT {masked('v', 'VARCHAR', mask, shape, 'k')} FROM (SELECT ? AS v)", [value]
    ).fetchall()
    shown = found[0][0]
    if mask is Mask.PARTIAL:
        assert shown is not None
        # Of an address the part after the sign is shown, and of dots one cannot tell.
        assert len(value) < 9 or shape == "email" or set(value) == {"•"} or value not in shown
    if mask is Mask.HASHED:
        assert len(shown) == 32
    if mask is Mask.ABSENT:
        assert shown is None


NAMES = st.sampled_from(
    ["dim_customers", "marts.dim_customers", "duckdb_views", "'x.csv'", '"x.csv"', "x", "c", "getenv", "read_csv('x')",
     "range(3)", "query('SELECT 1')", "snapshot.main.dim_customers", "_customers_unit", "information_schema.tables"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["1", "*", "c.*", "full_name", "getenv('HOME')", "count(*)", "c", "current_user", "1::regclass", "upper(full_name)",
     "(SELECT 1)", "COLUMNS(*)", "#1", "'a' || 'b'", "[1]", "x -> 1", "{'a': 1}", "$1", "rowid", "current_setting('x')"]
)  # fmt: skip
TAILS = st.sampled_from(
    ["", "WHERE 1 = 1", "WHERE getenv('x') = 'y'", "ORDER BY 1", "LIMIT 5", "; SELECT 2", "-- x", "/*", "GROUP BY ALL",
     "USING SAMPLE 3", "UNION ALL SELECT 1", "UNION ALL FROM duckdb_views",
     "INTO x", "FOR UPDATE", "OFFSET 1", "'", '"'],
)  # fmt: skip
HEADS = st.sampled_from(
    ["", "WITH x AS (SELECT 1) ", "WITH duckdb_views AS (SELECT 1) ", "EXPLAIN ", "FROM (SELECT 1) ", "(", "DESCRIBE ",
     "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT 2 FROM x) ", "\ufeff", "COPY (", "CREATE TABLE t AS "]
)  # fmt: skip


@MANY
@given(head=HEADS, value=VALUES, name=NAMES, alias=st.sampled_from(["", " AS c", " c", ", x"]), tail=TAILS)
def test_what_passes_names_open_tables_and_known_functions_in_either_reading(
    head: str, value: str, name: str, alias: str, tail: str
) -> None:
    allowed = frozenset({"dim_customers"})
    try:
        checked = check(f"{head}SELECT {value} FROM {name}{alias} {tail}", allowed)
    except GateError:
        return
    assert read(checked.sql).tables == checked.tables
    assert checked.tables <= allowed
    for word in ("getenv", "duckdb_", "csv", "marts", "snapshot", "current_", "regclass", "COLUMNS", "SAMPLE", "rowid"):
        assert word not in checked.sql.replace("WITH duckdb_views", ""), checked.sql


@MANY
@given(text=st.text(max_size=200))
def test_no_text_whatever_brings_anything_but_an_answer_or_a_refusal(text: str) -> None:
    for sql in (text, f"SELECT '{text}'", f"SELECT 1 -- {text}", f'SELECT 1 AS "{text}"'):
        try:
            check(sql, frozenset({"dim_customers"}))
        except GateError:
            continue


@MANY
@given(value=st.text(max_size=60))
def test_a_text_written_anew_is_the_same_text(engine: duckdb.DuckDBPyConnection, value: str) -> None:
    value = value.replace("\x00", "")
    written = "SELECT '" + value.replace("'", "''") + "' AS v"
    assert engine.execute(check(written, frozenset()).sql).fetchall() == [(value,)]
