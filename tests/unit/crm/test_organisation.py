"""The organisation comes from the mart, and what people changed here outlives every load."""

from typing import Any

import pytest
from company import department, departments, employee, employees, link, load
from crm_people import NOW, SYSTEM, add_user

from crm.database import Database
from crm.errors import CrmError
from crm.services import organisation
from crm.services.audit_log import AuditFilter, count
from crm.services.organisation_load import Loaded
from crm.services.rights_version import rights_version
from crm.services.tree import DepartmentInfo, children, has_loop, subtree, unit_of


def edit(database: Database, department_id: str, **values: Any) -> None:
    with database.begin() as session:
        organisation.edit_department(session, department_id, values, SYSTEM, NOW, "reorganised")


def place(database: Database, department_id: str) -> DepartmentInfo:
    with database.read() as session:
        return organisation.departments(session)[department_id]


def test_the_mart_s_rows_become_the_tree_whatever_their_order(database: Database) -> None:
    assert load(database) == Loaded(24, 0, 0)
    farmers = place(database, "G01-farmers")
    assert (farmers.parent_id, farmers.kind, farmers.region_code) == ("U01-sales", "group", "01")
    with database.read() as session:
        assert len(organisation.employees(session)) == 13
        assert [each.employee_id for each in organisation.employees(session, "R02")] == ["E8"]


def test_the_same_load_again_changes_nothing_and_leaves_no_trace(database: Database) -> None:
    load(database)
    with database.read() as session:
        before = (rights_version(session), count(session, AuditFilter()))
    assert load(database) == Loaded(0, 0, 0)
    with database.read() as session:
        assert (rights_version(session), count(session, AuditFilter())) == before


def test_an_edit_outlives_the_next_load_and_other_fields_follow_the_source(database: Database) -> None:
    load(database)
    edit(database, "U01-sales", name="Sales of the capital")
    changed = [
        {**row, "department_name": "Renamed", "region_code": "99"} if row["department_id"] == "U01-sales" else row
        for row in departments()
    ]
    assert load(database, changed) == Loaded(0, 1, 0)
    kept = place(database, "U01-sales")
    assert (kept.name, kept.region_code, kept.edited_fields) == ("Sales of the capital", "99", {"name"})


def test_an_edit_can_be_given_up_for_what_the_source_said_last(database: Database) -> None:
    load(database)
    edit(database, "U01-sales", name="Mine")
    load(database, [{**row, "department_name": row["department_name"].upper()} for row in departments()])
    with database.begin() as session:
        organisation.follow_source(session, "department", "U01-sales", SYSTEM, NOW, "the source is right now")
    assert (place(database, "U01-sales").name, place(database, "U01-sales").edited_fields) == ("U01-SALES", frozenset())


def test_what_the_source_no_longer_has_becomes_inactive_and_what_people_made_stays(database: Database) -> None:
    load(database)
    with database.begin() as session:
        values = {"name": "Key accounts", "kind": "group", "parent_id": "U01-sales", "region_code": "01"}
        organisation.add_department(session, "K1", values, SYSTEM, NOW, "new group")
    fewer = [row for row in departments() if row["department_id"] != "G02-hunters"]
    staff = [row for row in employees() if row["employee_id"] != "E12"]
    assert load(database, fewer, staff) == Loaded(0, 0, 2)
    assert not place(database, "G02-hunters").is_active
    assert (place(database, "K1").is_active, place(database, "K1").from_source) == (True, False)
    with database.read() as session:
        assert [each.is_employed for each in organisation.employees(session) if each.employee_id == "E12"] == [False]


def test_a_mart_without_departments_is_taken_for_no_mart(database: Database) -> None:
    load(database)
    assert load(database, [], []) == Loaded(0, 0, 0)
    assert place(database, "HQ").is_active


def test_an_employee_of_an_unknown_department_is_kept_without_one(database: Database) -> None:
    load(database, people=[employee("E1", "NOWHERE")])
    with database.read() as session:
        assert [each.department_id for each in organisation.employees(session)] == [None]


def test_a_moved_employee_stays_where_people_put_him(database: Database) -> None:
    load(database)
    with database.begin() as session:
        organisation.edit_employee(session, "E4", {"department_id": "G02-farmers"}, SYSTEM, NOW, "moved")
    load(database)
    with database.read() as session:
        moved = {each.employee_id: each for each in organisation.employees(session)}["E4"]
    assert (moved.department_id, moved.edited_fields) == ("G02-farmers", {"department_id"})


@pytest.mark.parametrize(
    ("department_id", "values", "code"),
    [
        ("NOWHERE", {"name": "x"}, "department_unknown"),
        ("R01", {"parent_id": "NOWHERE"}, "department_unknown"),
        ("R01", {"parent_id": "R01"}, "department_loop"),
        ("R01", {"parent_id": "G01-farmers"}, "department_loop"),
        ("R01", {"kind": "village"}, "department_kind"),
        ("G01-farmers", {"is_active": False}, "department_in_use"),
        ("R01", {"is_active": False}, "department_in_use"),
    ],
)
def test_an_edit_that_breaks_the_tree_is_refused(
    database: Database, department_id: str, values: dict[str, Any], code: str
) -> None:
    load(database)
    with pytest.raises(CrmError) as refused:
        edit(database, department_id, **values)
    assert refused.value.code == code
    with database.read() as session:
        assert not has_loop("R01", organisation.departments(session))


def test_one_employee_is_not_two_users(database: Database) -> None:
    load(database)
    one, two = add_user(database, "one"), add_user(database, "two")
    link(database, one.user_id, "E4", "E5")
    with pytest.raises(CrmError) as refused:
        link(database, two.user_id, "E5")
    assert refused.value.code == "employee_linked"
    link(database, one.user_id, "E4")
    link(database, two.user_id, "E5")
    with database.read() as session:
        assert organisation.linked_employees(session, two.user_id) == {"E5"}
        with pytest.raises(CrmError):
            link(database, two.user_id, "E99")


def info(key: str, parent: str | None, kind: str) -> DepartmentInfo:
    row = department(key, parent, kind, None)
    return DepartmentInfo(key, parent, row["department_name"], kind, None, True, frozenset(), True)


def test_a_group_belongs_to_the_nearest_unit_above_and_a_unit_to_itself() -> None:
    tree = {each.department_id: each for each in (info("HQ", None, "head_office"), info("U", "HQ", "unit"),
            info("G", "U", "group"), info("GG", "G", "group"), info("LOST", "NOWHERE", "group"))}  # fmt: skip
    assert [unit_of(key, tree) for key in tree] == ["HQ", "U", "U", "U", "LOST"]
    below = children(tree.values())
    assert subtree("U", below) == {"U", "G", "GG"}


def test_a_loop_in_the_data_hangs_nothing() -> None:
    tree = {"A": info("A", "B", "group"), "B": info("B", "A", "group")}
    assert has_loop("A", tree)
    assert unit_of("A", tree) in {"A", "B"}
    assert subtree("A", children(tree.values())) == {"A", "B"}
