"""For every role, scope, mask, table and column: all doors give the same answer, and it is the right one."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.unit.access import expected
from tests.unit.access.conftest import Snapshot
from tests.unit.access.contract_operator import contracts
from tests.unit.access.people import everywhere, roles, with_role
from vitrina.access.errors import Refused
from vitrina.access.gate import Gate, GatedReader, Purpose
from vitrina.access.rights import Mask, Rights, Scope

ADDRESS = "10.0.0.7"
ACTIONS = {
    Purpose.PAGE: "view",
    Purpose.REPORT: "view",
    Purpose.API: "view",
    Purpose.EXPORT: "export",
    Purpose.SQL: "query",
}


def all_rows(reader: GatedReader, table: str) -> list[tuple]:
    """Every row of a table by the surface that the door uses."""
    sql = f"SELECT * FROM {table}"
    if reader.purpose is Purpose.EXPORT:
        with reader.cursor() as cursor:
            found = cursor.stream(sql).read_all()
    elif reader.purpose is Purpose.SQL:
        found = reader.run(sql).table
    else:
        found = reader.query(sql)
    return list(zip(*(column.to_pylist() for column in found.columns), strict=True))


def compare(gate: Gate, snapshot: Snapshot, rights: Rights, purposes: list[Purpose]) -> None:
    """Every table through every door, against what Python makes of the raw rows."""
    answers: dict[tuple[str, str], Counter] = {}
    for purpose in purposes:
        reader = gate.reader(rights, purpose, ADDRESS)
        for table in contracts():
            if expected.scope_of(table, rights, ACTIONS[purpose]) is None and purpose is not Purpose.PAGE:
                with pytest.raises(Refused, match="closed to you"):
                    all_rows(reader, table)
                continue
            asked = (table, ACTIONS[purpose])
            if asked not in answers:
                answers[asked] = Counter(expected.rows(table, snapshot.raw[table], rights, ACTIONS[purpose]))
            assert Counter(all_rows(reader, table)) == answers[asked], (rights.login, purpose, table)


def open_doors(rights: Rights) -> list[Purpose]:
    """Doors that are open to him: everyone has pages, reports and exports, as far as the tables go."""
    return [
        Purpose.PAGE, Purpose.REPORT, Purpose.EXPORT,
        *([Purpose.API] if rights.allows("api", "query") else []),
        *([Purpose.SQL] if rights.allows("sql", "query") else []),
    ]  # fmt: skip


@pytest.mark.parametrize("role", roles())
def test_a_delivered_role_sees_through_every_door_what_it_ought_to(gate: Gate, snapshot: Snapshot, role: str) -> None:
    rights = with_role(role)
    compare(gate, snapshot, rights, open_doors(rights))


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("mask", Mask)
def test_every_scope_and_mask_over_every_table_and_column(
    gate: Gate, snapshot: Snapshot, scope: Scope, mask: Mask
) -> None:
    compare(gate, snapshot, everywhere(scope, mask), list(Purpose))


@pytest.mark.parametrize("role", roles())
def test_doors_that_a_role_does_not_have_are_closed(gate: Gate, role: str) -> None:
    rights = with_role(role)
    for purpose in set(Purpose) - set(open_doors(rights)):
        with pytest.raises(Refused):
            gate.reader(rights, purpose, ADDRESS)


def test_the_scopes_of_the_tests_differ_and_none_is_empty(snapshot: Snapshot) -> None:
    """Otherwise the comparison above could hold for a gate that ignores the scope."""
    seen = [len(expected.rows("dim_customers", snapshot.raw["dim_customers"], everywhere(s, Mask.OPEN))) for s in Scope]
    assert seen == sorted(set(seen))
    assert seen[0] > 0


def test_a_table_without_a_policy_is_closed_to_all(gate: Gate) -> None:
    for purpose in Purpose:
        reader = gate.reader(everywhere(Scope.ALL, Mask.OPEN), purpose, ADDRESS)
        with pytest.raises(Refused, match="fct_unlisted"):
            reader.query("SELECT * FROM fct_unlisted")
        assert "fct_unlisted" not in {table.name for table in reader.tables()}
        assert "fct_unlisted" not in reader.manifest.tables


def test_a_column_without_a_class_does_not_show(gate: Gate) -> None:
    reader = gate.reader(everywhere(Scope.ALL, Mask.OPEN), Purpose.SQL, ADDRESS)
    assert "unlisted" not in reader.query("SELECT * FROM dim_agreements").column_names
    assert "тайна" not in str(reader.query("SELECT dim_agreements FROM dim_agreements").to_pylist())
    with pytest.raises(Exception, match="no column unlisted"):
        reader.query("SELECT unlisted FROM dim_agreements")


def test_the_workspace_is_told_of_the_columns_that_queries_bring(gate: Gate) -> None:
    reader = gate.reader(with_role("first_line_operator"), Purpose.PAGE, ADDRESS)
    for table in reader.tables():
        assert [column.name for column in table.columns] == reader.query(f"SELECT * FROM {table.name}").column_names
    shown = {
        column.name: column.mask
        for table in reader.tables()
        for column in table.columns
        if table.name == "dim_contacts"
    }
    assert (shown["full_name"], shown["phone"], shown["role"]) == (Mask.OPEN, Mask.PARTIAL, Mask.OPEN)


def test_a_filter_on_a_masked_column_sees_the_mask(gate: Gate, snapshot: Snapshot) -> None:
    phone = snapshot.raw["dim_customers"][0]["contact_phone"]
    count = "SELECT count(*) AS n FROM dim_customers WHERE contact_phone "
    for mask in (Mask.PARTIAL, Mask.HASHED, Mask.ABSENT):
        reader = gate.reader(everywhere(Scope.ALL, mask), Purpose.SQL, ADDRESS)
        assert reader.rows(count + "= ?", [phone]) == [(0,)]
        assert reader.rows(count + "LIKE '%904560%'") == [(0,)]
    assert gate.reader(everywhere(Scope.ALL, Mask.OPEN), Purpose.SQL, ADDRESS).rows(count + "= ?", [phone]) == [(1,)]


def test_hashed_values_join_across_tables_and_differ_by_secret(
    gate: Gate, snapshot: Snapshot, log: Callable[..., None], clock: Callable[..., object]
) -> None:
    rights = everywhere(Scope.ALL, Mask.HASHED)
    joined = """SELECT count(*) FROM dim_customers a JOIN customer_profiles b USING (customer_id)
                WHERE a.pinfl = b.pinfl AND a.pinfl IS NOT NULL"""
    assert gate.reader(rights, Purpose.SQL, ADDRESS).rows(joined) == [(24,)]
    other = Gate.open(snapshot.published, log, b"another secret", clock)
    query = "SELECT pinfl FROM dim_customers ORDER BY customer_id"
    assert gate.reader(rights, Purpose.PAGE, ADDRESS).rows(query) != other.reader(rights, Purpose.PAGE, ADDRESS).rows(
        query
    )
    other.close()
