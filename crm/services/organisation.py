"""Departments and employees as people edit them. Loading them from the mart is `organisation_load`."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Department, Employee, UserEmployee
from crm.services.accounts import found, required
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record
from crm.services.rights_version import rights_changed
from crm.services.tree import KINDS, DepartmentInfo, has_loop

DEPARTMENT_FIELDS = ("parent_id", "name", "kind", "region_code", "is_active")
EMPLOYEE_FIELDS = ("department_id", "full_name", "position", "email", "phone", "is_employed")


@dataclass(frozen=True)
class EmployeeInfo:
    """An employee. `user_id` is the account he signs in with, if any."""

    employee_id: str
    department_id: str | None
    full_name: str
    position: str
    email: str
    phone: str
    is_employed: bool
    user_id: int | None
    edited_fields: frozenset[str]


def departments(session: Session) -> dict[str, DepartmentInfo]:
    """The whole tree by id, departments that are no more included."""
    return {row.department_id: _department(row) for row in session.scalars(select(Department))}


def employees(session: Session, department_id: str | None = None) -> list[EmployeeInfo]:
    """All employees by name, or those of one department; those who left are included."""
    query = select(Employee, UserEmployee.user_id).outerjoin(
        UserEmployee, UserEmployee.employee_id == Employee.employee_id
    )
    if department_id is not None:
        query = query.where(Employee.department_id == department_id)
    return [_employee(row, user_id) for row, user_id in session.execute(query.order_by(Employee.full_name))]


def add_department(
    session: Session, department_id: str, values: Mapping[str, Any], actor: Actor, now: dt.datetime, reason: str
) -> None:
    """A department that no source knows. `values`: `name`, `kind`, `parent_id`, optionally `region_code`."""
    if session.get(Department, department_id):
        raise CrmError("department_exists", department=department_id)
    row = Department(department_id=department_id, is_active=True, edited_fields=[], **dict(values))
    session.add(row)
    _check(session, row)
    _changed(session, actor, now, reason, {"what": "department_added", "department": department_id})


def edit_department(
    session: Session, department_id: str, values: Mapping[str, Any], actor: Actor, now: dt.datetime, reason: str
) -> None:
    """Change fields of a department (`DEPARTMENT_FIELDS`); later loads leave them alone. Raises `CrmError`."""
    row = session.get(Department, department_id, with_for_update=True)
    if row is None:
        raise CrmError("department_unknown", department=department_id)
    _edit(row, values, DEPARTMENT_FIELDS)
    _check(session, row)
    if not row.is_active:
        _require_empty(session, row)
    details = {"what": "department_edited", "department": department_id, "fields": sorted(values)}
    _changed(session, actor, now, reason, details)


def edit_employee(
    session: Session, employee_id: str, values: Mapping[str, Any], actor: Actor, now: dt.datetime, reason: str
) -> None:
    """Change fields of an employee (`EMPLOYEE_FIELDS`), or add one whom no source knows; later loads leave them."""
    row = session.get(Employee, employee_id, with_for_update=True)
    if row is None:
        row = Employee(employee_id=employee_id, is_employed=True, edited_fields=[], full_name="")
        session.add(row)
    _edit(row, values, EMPLOYEE_FIELDS)
    _require_department(session, row.department_id)
    session.flush()
    details = {"what": "employee_edited", "employee": employee_id, "fields": sorted(values)}
    _changed(session, actor, now, reason, details)


def follow_source(session: Session, what: str, key: str, actor: Actor, now: dt.datetime, reason: str) -> None:
    """Give up the edits of a department or employee (`what`): it is again as the source last sent it."""
    row: Department | Employee | None
    if what == "department":
        row = session.get(Department, key, with_for_update=True)
    else:
        row = session.get(Employee, key, with_for_update=True)
    if row is None or row.loaded is None:
        raise CrmError(f"{what}_unknown", **{what: key})
    for name in row.edited_fields:
        setattr(row, name, row.loaded[name])
    row.edited_fields = []
    if isinstance(row, Department):
        _check(session, row)
    _changed(session, actor, now, reason, {"what": f"{what}_follows_source", what: key})


def link_employees(
    session: Session, user_id: int, employee_ids: set[str], actor: Actor, now: dt.datetime, reason: str
) -> None:
    """Say which employees a user is (usually one). Raises `CrmError` for one who is another user."""
    found(session, user_id)
    for employee_id in sorted(employee_ids):
        if session.get(Employee, employee_id) is None:
            raise CrmError("employee_unknown", employee=employee_id)
        link = session.get(UserEmployee, employee_id)
        if link is not None and link.user_id != user_id:
            raise CrmError("employee_linked", employee=employee_id)
    present = {link.employee_id: link for link in session.scalars(select(UserEmployee).filter_by(user_id=user_id))}
    for employee_id in present.keys() - employee_ids:
        session.delete(present[employee_id])
    session.add_all(UserEmployee(employee_id=each, user_id=user_id) for each in sorted(employee_ids - present.keys()))
    session.flush()
    rights_changed(session)
    details = {"what": "employees_linked", "employees": sorted(employee_ids)}
    entry = Entry(AuditKind.RIGHTS_CHANGED, "users", str(user_id), (), required(reason), details)
    record(session, actor, entry, now)


def linked_employees(session: Session, user_id: int) -> frozenset[str]:
    """The employee ids of a user."""
    return frozenset(session.scalars(select(UserEmployee.employee_id).where(UserEmployee.user_id == user_id)))


def _edit(row: Department | Employee, values: Mapping[str, Any], fields: tuple[str, ...]) -> None:
    if unknown := set(values) - set(fields):
        raise ValueError(f"no such fields: {sorted(unknown)}")
    for name, value in values.items():
        setattr(row, name, value)
    if row.loaded is not None:
        row.edited_fields = sorted({*row.edited_fields, *values})


def _check(session: Session, row: Department) -> None:
    if row.kind not in KINDS:
        raise CrmError("department_kind", kind=row.kind)
    if row.parent_id == row.department_id:
        raise CrmError("department_loop", department=row.name)
    _require_department(session, row.parent_id)
    session.flush()
    if has_loop(row.department_id, departments(session)):
        raise CrmError("department_loop", department=row.name)


def _require_department(session: Session, department_id: str | None) -> None:
    # Looked up before anything is written: the database's own refusal would be no sentence for people.
    with session.no_autoflush:
        if department_id is not None and session.get(Department, department_id) is None:
            raise CrmError("department_unknown", department=department_id)


def _require_empty(session: Session, row: Department) -> None:
    staff = select(func.count()).where(Employee.department_id == row.department_id, Employee.is_employed.is_(True))
    below = select(func.count()).where(Department.parent_id == row.department_id, Department.is_active.is_(True))
    if session.scalar(staff) or session.scalar(below):
        raise CrmError("department_in_use", department=row.name)


def _changed(session: Session, actor: Actor, now: dt.datetime, reason: str, details: dict[str, Any]) -> None:
    rights_changed(session)
    key = str(details.get("department") or details.get("employee") or "")
    entry = Entry(AuditKind.RIGHTS_CHANGED, "organisation", key, (), required(reason), details)
    record(session, actor, entry, now)


def _department(row: Department) -> DepartmentInfo:
    return DepartmentInfo(
        row.department_id, row.parent_id, row.name, row.kind, row.region_code, row.is_active,
        frozenset(row.edited_fields), row.loaded is not None,
    )  # fmt: skip


def _employee(row: Employee, user_id: int | None) -> EmployeeInfo:
    return EmployeeInfo(
        row.employee_id, row.department_id, row.full_name, row.position, row.email, row.phone, row.is_employed,
        user_id, frozenset(row.edited_fields),
    )  # fmt: skip
