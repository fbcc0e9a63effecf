"""The organisation tree as a value: who is below whom. Pure functions, no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

KINDS = ("head_office", "region", "unit", "group")


@dataclass(frozen=True)
class DepartmentInfo:
    """A department. `edited_fields` were changed here by people; `from_source` is False for one made by hand."""

    department_id: str
    parent_id: str | None
    name: str
    kind: str
    region_code: str | None
    is_active: bool
    edited_fields: frozenset[str]
    from_source: bool


def children(departments: Iterable[DepartmentInfo]) -> dict[str | None, list[str]]:
    """Ids of the departments right below each one, in order of name."""
    below: dict[str | None, list[str]] = {}
    for department in sorted(departments, key=lambda each: (each.name, each.department_id)):
        below.setdefault(department.parent_id, []).append(department.department_id)
    return below


def subtree(start: str, below: Mapping[str | None, list[str]]) -> frozenset[str]:
    """A department and all below it; a loop in the data ends where it closes."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += below.get(here, [])
    return frozenset(reached)


def unit_of(start: str, departments: Mapping[str, DepartmentInfo]) -> str:
    """The nearest department from `start` upwards that somebody heads as a unit: any kind but a group."""
    here, seen = start, set()
    while here not in seen and departments[here].kind == "group":
        seen.add(here)
        parent = departments[here].parent_id
        if parent is None or parent not in departments:
            break
        here = parent
    return here


def has_loop(start: str, departments: Mapping[str, DepartmentInfo]) -> bool:
    """Whether one meets `start` again on the way up from it."""
    seen, here = {start}, departments[start].parent_id
    while here is not None and here in departments:
        if here == start:
            return True
        if here in seen:
            return False
        seen.add(here)
        here = departments[here].parent_id
    return False
