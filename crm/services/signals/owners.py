"""Who has to act: a rule's owner setting and a customer's account manager, resolved to an employee who works here."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import UserEmployee
from crm.services.organisation import EmployeeInfo, departments, employees
from crm.services.stand_ins import stand_ins
from crm.services.tree import DepartmentInfo
from signals.definition import Owner


@dataclass(frozen=True)
class Staff:
    """The company on one day, as owners are looked up in it; `heads` are the positions of those who lead."""

    people: Mapping[str, EmployeeInfo]
    tree: Mapping[str, DepartmentInfo]
    heads: frozenset[str]

    def owner(self, setting: Owner, manager_id: str | None, region_code: str | None) -> str | None:
        """The employee whom a rule's owner setting names for a customer; None when nobody is known.

        A manager who left is followed by the head of his department; a customer without one is nobody's, unless the
        rule names the head: then it is that of the customer's region.
        """
        if setting.kind == "employee":
            return self._employed(setting.employee_id) or self._head_over(setting.employee_id)
        if setting.kind == "department":
            return self._head(setting.department_id)
        if setting.kind == "manager":
            return self._employed(manager_id) or self._head_over(manager_id)
        return self._head_over(manager_id) or self._head_of_region(region_code)

    def works(self, employee_id: str | None) -> bool:
        """Whether an employee is known and still works here."""
        return self._employed(employee_id) is not None

    def _employed(self, employee_id: str | None) -> str | None:
        found = self.people.get(employee_id or "")
        return found.employee_id if found is not None and found.is_employed else None

    def _head_over(self, employee_id: str | None) -> str | None:
        found = self.people.get(employee_id or "")
        return self._head(found.department_id) if found is not None else None

    def _head(self, department_id: str | None) -> str | None:
        """Who leads a department, or the nearest above it that anybody leads."""
        here, seen = department_id, set[str]()
        while here is not None and here in self.tree and here not in seen:
            seen.add(here)
            leads = sorted(
                each.employee_id
                for each in self.people.values()
                if each.department_id == here and each.is_employed and each.position in self.heads
            )
            if leads:
                return leads[0]
            here = self.tree[here].parent_id
        return None

    def _head_of_region(self, region_code: str | None) -> str | None:
        regions = sorted(
            each.department_id
            for each in self.tree.values()
            if each.kind == "region" and each.is_active and each.region_code == region_code
        )
        return self._head(regions[0]) if regions and region_code else None


def staff(session: Session, heads: frozenset[str]) -> Staff:
    """The company as the database has it."""
    people = {each.employee_id: each for each in employees(session)}
    return Staff(people, departments(session), heads)


def users_of(session: Session, employee_id: str, today: dt.date) -> frozenset[int]:
    """Users to tell of what an employee has to do: himself, and who stands in for him on that day."""
    ids = {employee_id, *(each.substitute_id for each in stand_ins(session, today) if each.absent_id == employee_id)}
    return _users(session, ids)


def users_in(session: Session, department_id: str) -> frozenset[int]:
    """Users who work in a department."""
    return _users(session, {each.employee_id for each in employees(session, department_id) if each.is_employed})


def _users(session: Session, employee_ids: Collection[str]) -> frozenset[int]:
    query = select(UserEmployee.user_id).where(UserEmployee.employee_id.in_(employee_ids))
    return frozenset(session.scalars(query))
