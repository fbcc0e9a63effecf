"""The part of the organisation that a plan is for: departments, and the employees in them who have figures."""

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from crm.services.organisation import departments, employees
from crm.services.performance.values import DEPARTMENT, EMPLOYEE, Lines, Subject
from crm.services.tree import children

Below = dict[Subject, tuple[Subject, ...]]


def tree_below(session: Session, department_id: str, people: Iterable[str]) -> Below:
    """Who is right below whom from a department down; departments without any of `people` in them are left out."""
    wanted = frozenset(people)
    homes: dict[str | None, list[Subject]] = {}
    for each in employees(session):
        if each.employee_id in wanted:
            homes.setdefault(each.department_id, []).append(Subject(EMPLOYEE, each.employee_id))
    nested, found = children(departments(session).values()), Below()

    def gather(here: str, seen: frozenset[str]) -> bool:
        lower = [each for each in nested.get(here, []) if each not in seen and gather(each, seen | {here})]
        parts = (*(Subject(DEPARTMENT, each) for each in lower), *homes.get(here, []))
        if parts:
            found[Subject(DEPARTMENT, here)] = parts
        return bool(parts)

    gather(department_id, frozenset())
    return found


def above(below: Mapping[Subject, Iterable[Subject]]) -> dict[Subject, Subject]:
    """The subject right above each."""
    return {part: subject for subject, parts in below.items() for part in parts}


def summed_up(lines: Lines, below: Mapping[Subject, tuple[Subject, ...]]) -> dict[tuple[Subject, str], int]:
    """Lines in which every department that has planned parts is their sum, whatever it was before."""
    summed = dict(lines)

    def total(subject: Subject, kpi: str) -> int | None:
        known = [amount for part in below.get(subject, ()) if (amount := total(part, kpi)) is not None]
        if known:
            summed[subject, kpi] = sum(known)
        return summed.get((subject, kpi))

    for kpi in {kpi for _, kpi in lines}:
        for root in below.keys() - above(below).keys():
            total(root, kpi)
    return summed


def leaves(lines: Lines, below: Mapping[Subject, tuple[Subject, ...]]) -> dict[tuple[Subject, str], int]:
    """Only what no planned part stands behind."""

    def has_parts(subject: Subject, kpi: str) -> bool:
        return any((part, kpi) in lines or has_parts(part, kpi) for part in below.get(subject, ()))

    return {(subject, kpi): amount for (subject, kpi), amount in lines.items() if not has_parts(subject, kpi)}
