"""Taking the organisation over from the mart (`dim_departments`, `dim_employees`); what people edited here stays."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import Department, Employee
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record
from crm.services.organisation import DEPARTMENT_FIELDS, EMPLOYEE_FIELDS
from crm.services.rights_version import rights_changed

Row = Mapping[str, Any]
Model = TypeVar("Model", Department, Employee)


@dataclass(frozen=True)
class Loaded:
    """How many rows a load added, changed, and found gone from the source."""

    added: int
    changed: int
    gone: int


def load_organisation(
    session: Session, department_rows: Iterable[Row], employee_rows: Iterable[Row], actor: Actor, now: dt.datetime
) -> Loaded:
    """Bring departments and employees to what the mart says, given its rows as mappings by column name.

    Rows that the mart no longer has become inactive; edited fields keep their value, rows made by hand stay. No rows
    of departments at all is taken for a mart that is not there, and changes nothing.
    """
    wanted = {str(row["department_id"]): _department(row) for row in department_rows}
    if not wanted:
        return Loaded(0, 0, 0)
    parents = {key: values["parent_id"] for key, values in wanted.items()}
    # A parent comes before its children, or the reference would not hold.
    order = sorted(wanted, key=lambda key: _depth(key, parents))
    first = _bring(session, Department, "department_id", {key: wanted[key] for key in order}, "is_active")
    staff = {str(row["employee_id"]): _employee(row, wanted) for row in employee_rows}
    second = _bring(session, Employee, "employee_id", staff, "is_employed")
    total = Loaded(first.added + second.added, first.changed + second.changed, first.gone + second.gone)
    if total != Loaded(0, 0, 0):
        rights_changed(session)
        details = {"what": "loaded", "added": total.added, "changed": total.changed, "gone": total.gone}
        record(session, actor, Entry(AuditKind.DATA_CHANGED, "organisation", details=details), now)
    return total


def _bring(
    session: Session,
    model: type[Model],
    key: str,
    wanted: Mapping[str, dict[str, Any]],
    alive: str,
) -> Loaded:
    present = {getattr(row, key): row for row in session.scalars(select(model))}
    added = changed = gone = 0
    for name, values in wanted.items():
        row = present.get(name)
        if row is None:
            session.add(model(**{key: name}, **values, loaded=values, edited_fields=[]))
            session.flush()
            added += 1
        else:
            changed += _follow(row, values)
    for name, row in present.items():
        if name not in wanted and row.loaded is not None:
            gone += _follow(row, {**row.loaded, alive: False})
    session.flush()
    return Loaded(added, changed, gone)


def _follow(row: Department | Employee, values: dict[str, Any]) -> bool:
    """Take over the fields that nobody edited; True when something became different."""
    before = dict(row.loaded or {})
    row.loaded = values
    different = False
    for name, value in values.items():
        if name not in row.edited_fields and getattr(row, name) != value:
            setattr(row, name, value)
            different = True
    return different or before != values


def _department(row: Row) -> dict[str, Any]:
    values = {
        "parent_id": row["parent_department_id"], "name": str(row["department_name"] or row["department_id"]),
        "kind": str(row["kind"]), "region_code": row["region_code"], "is_active": True,
    }  # fmt: skip
    return {name: values[name] for name in DEPARTMENT_FIELDS}


def _employee(row: Row, known: Mapping[str, Any]) -> dict[str, Any]:
    department = row["department_id"]
    values = {
        "department_id": department if department in known else None, "full_name": str(row["full_name"] or ""),
        "position": str(row["position"] or ""), "email": str(row["email"] or ""), "phone": str(row["phone"] or ""),
        "is_employed": bool(row["is_employed"]),
    }  # fmt: skip
    return {name: values[name] for name in EMPLOYEE_FIELDS}


def _depth(key: str, parents: Mapping[str, str | None]) -> int:
    depth, here = 0, parents.get(key)
    while here is not None and here in parents and depth <= len(parents):
        depth, here = depth + 1, parents[here]
    return depth
