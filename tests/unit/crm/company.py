"""A small company as the mart describes it: a head office, two regions with a sales unit and two groups each."""

from typing import Any

from crm_people import NOW, SYSTEM

from crm.database import Database
from crm.services import organisation
from crm.services.organisation_load import Loaded, load_organisation


def departments() -> list[dict[str, Any]]:
    """Rows of `dim_departments`, children before parents here and there."""
    rows = [department("G01-farmers", "U01-sales", "group", "01"), department("HQ", None, "head_office", None)]
    for region in ("01", "02"):
        rows += [
            department(f"R{region}", "HQ", "region", region),
            department(f"U{region}-sales", f"R{region}", "unit", region),
            department(f"U{region}-care", f"R{region}", "unit", region),
            department(f"G{region}-hunters", f"U{region}-sales", "group", region),
        ]
    return [*rows, department("G02-farmers", "U02-sales", "group", "02")]


def department(key: str, parent: str | None, kind: str, region: str | None) -> dict[str, Any]:
    """One row of `dim_departments`."""
    return {
        "department_id": key, "parent_department_id": parent, "department_name": key.lower(), "kind": kind,
        "region_code": region, "depth": 0, "path": key, "path_name": key, "updated_at": NOW,
    }  # fmt: skip


def employees() -> list[dict[str, Any]]:
    """Rows of `dim_employees`: E1 the director, then by region head, head of sales, two farmers, hunter, operator."""
    places = ["HQ"]
    for region in ("01", "02"):
        places += [
            f"R{region}",
            f"U{region}-sales",
            *[f"G{region}-farmers"] * 2,
            f"G{region}-hunters",
            f"U{region}-care",
        ]
    return [employee(f"E{number}", place) for number, place in enumerate(places, 1)]


def employee(key: str, place: str | None, employed: bool = True) -> dict[str, Any]:
    """One row of `dim_employees`."""
    return {
        "employee_id": key, "department_id": place, "full_name": f"Person {key}", "position": "manager",
        "email": f"{key}@operator.uz", "phone": "+998712000000", "hired_date": NOW.date(), "left_date": None,
        "is_employed": employed, "updated_at": NOW,
    }  # fmt: skip


def load(
    database: Database, places: list[dict[str, Any]] | None = None, people: list[dict[str, Any]] | None = None
) -> Loaded:
    """Take the company over."""
    with database.begin() as session:
        return load_organisation(
            session, departments() if places is None else places, employees() if people is None else people, SYSTEM, NOW
        )


def link(database: Database, user_id: int, *employee_ids: str) -> None:
    """The user is these employees."""
    with database.begin() as session:
        organisation.link_employees(session, user_id, set(employee_ids), SYSTEM, NOW, "test")
