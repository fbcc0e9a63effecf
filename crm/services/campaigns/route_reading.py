"""What an approval route says: its conditions over a campaign's parameters and its steps, read and checked.

{"all": [{"parameter": "budget", "is": "at_least", "value": 50000000}, {"parameter": "channels", "is": "any_of", …}]}
[{"name": "Head of marketing", "role": "head_of_marketing", "parts": ["concept", "content"], "days": 2}]
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from crm.campaign_messages import PROBLEMS
from crm.models import Employee
from crm.services.campaigns.access import roles_that_approve
from crm.services.campaigns.values import CHANNELS, Category, Kind, Part
from segments.errors import DefinitionError, Problem

MOST_STEPS = 10
APPROVED_PARTS = tuple(part.value for part in Part if part is not Part.RESULT)
NUMBERS = ("budget", "audience_size", "priority")
LISTS = {
    "kind": tuple(kind.value for kind in Kind), "category": tuple(each.value for each in Category),
    "customer_type": ("", "person", "organisation"), "channels": CHANNELS,
}  # fmt: skip
TESTS = {"at_least", "below"}, {"any_of", "none_of"}


def checked(session: Session, condition: Any, steps: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A route's condition and steps in their full form. Raises `DefinitionError` with every place to mend."""
    problems = [*_condition_problems(condition), *_steps_problems(session, steps)]
    if problems:
        raise DefinitionError(problems)
    full = [
        {
            "name": str(each.get("name", "")).strip()[:200], "role": each.get("role", ""),
            "employee": each.get("employee", ""), "parts": list(each.get("parts") or APPROVED_PARTS),
            "days": each.get("days", 3),
        }
        for each in steps
    ]  # fmt: skip
    return {"all": [dict(each) for each in condition.get("all", [])]}, full


def holds(condition: Mapping[str, Any], parameters: Mapping[str, Any]) -> bool:
    """Whether a campaign with these parameters takes the route; a figure that is not known is as large as can be, so
    that nobody avoids a step by leaving it out."""
    return all(_test(each, parameters.get(each["parameter"])) for each in condition.get("all", []))


def _test(test: Mapping[str, Any], found: Any) -> bool:
    if test["parameter"] in NUMBERS:
        is_large = found is None or float(found) >= test["value"]
        return is_large if test["is"] == "at_least" else not is_large
    meets = bool(set(test["value"]) & (set(found) if isinstance(found, list | tuple) else {found}))
    return meets if test["is"] == "any_of" else not meets


def _condition_problems(condition: Any) -> Iterator[Problem]:
    tests = condition.get("all", []) if isinstance(condition, Mapping) else None
    if not isinstance(tests, list) or set(condition) - {"all"}:
        yield Problem(("condition",), PROBLEMS["shape"])
        return
    for number, test in enumerate(tests):
        yield from _test_problems(("condition", "all", number), test)


def _test_problems(path: tuple[str | int, ...], test: Any) -> Iterator[Problem]:
    if not isinstance(test, Mapping) or set(test) != {"parameter", "is", "value"}:
        yield Problem(path, PROBLEMS["shape"])
        return
    parameter, value = test["parameter"], test["value"]
    if not isinstance(parameter, str) or parameter not in (*NUMBERS, *LISTS):
        yield Problem((*path, "parameter"), PROBLEMS["parameter"], {"value": str(parameter)[:40]})
        return
    if test["is"] not in TESTS[parameter in LISTS]:
        told = {"value": str(test["is"])[:40], "parameter": parameter}
        yield Problem((*path, "is"), PROBLEMS["test"], told)
    elif parameter in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:
            yield Problem((*path, "value"), PROBLEMS["value"], {"value": str(value)[:40], "parameter": parameter})
    elif not isinstance(value, list) or not value or not all(each in LISTS[parameter] for each in value):
        yield Problem((*path, "value"), PROBLEMS["value"], {"value": str(value)[:80], "parameter": parameter})


def _steps_problems(session: Session, steps: Any) -> Iterator[Problem]:
    if not isinstance(steps, Sequence) or isinstance(steps, str) or not 1 <= len(steps) <= MOST_STEPS:
        yield Problem(("steps",), PROBLEMS["steps"], {"limit": MOST_STEPS})
        return
    roles = roles_that_approve(session)
    for number, step in enumerate(steps):
        path = ("steps", number)
        if not isinstance(step, Mapping):
            yield Problem(path, PROBLEMS["shape"])
            continue
        for field in sorted(set(step) - {"name", "role", "employee", "parts", "days"}):
            yield Problem((*path, field), PROBLEMS["unknown_field"], {"value": str(field)[:40]})
        yield from _who_problems(session, path, step, roles)
        parts, days = step.get("parts", []), step.get("days", 3)
        if not isinstance(parts, list) or not all(each in APPROVED_PARTS for each in parts):
            yield Problem((*path, "parts"), PROBLEMS["step_parts"])
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 60:
            yield Problem((*path, "days"), PROBLEMS["step_days"])


def _who_problems(
    session: Session, path: tuple[str | int, ...], step: Mapping[str, Any], roles: frozenset[str]
) -> Iterator[Problem]:  # fmt: skip
    role, employee = step.get("role", ""), step.get("employee", "")
    if bool(role) == bool(employee):
        yield Problem(path, PROBLEMS["step_who"])
    elif role and (not isinstance(role, str) or role not in roles):
        yield Problem((*path, "role"), PROBLEMS["step_role"], {"value": str(role)[:64]})
    elif employee:
        row = session.get(Employee, str(employee))
        if row is None or not row.is_employed:
            yield Problem((*path, "employee"), PROBLEMS["step_employee"], {"value": str(employee)[:64]})
