"""Whom and which departments an administrator of a part of the company may touch: his scope, applied to accounts."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import UserEmployee
from crm.services.organisation import departments, employees
from crm.services.tree import children, subtree, unit_of
from vitrina.access.rights import Rights, Scope


def users_in_reach(session: Session, rights: Rights, subject: str, action: str) -> frozenset[int] | None:
    """User ids that a right on accounts or sessions reaches: None for all; himself always, when he has it at all."""
    scope = rights.scope(subject, action)
    if scope is Scope.ALL:
        return None
    if scope is None:
        return frozenset()
    return owners_of(session, rights.employees_in(scope)) | {rights.user_id}


def owners_of(session: Session, employee_ids: frozenset[str]) -> frozenset[int]:
    """User ids of these employees; those without an account are nobody."""
    return frozenset(session.scalars(select(UserEmployee.user_id).where(UserEmployee.employee_id.in_(employee_ids))))


def departments_in_reach(session: Session, rights: Rights, action: str) -> frozenset[str] | None:
    """Departments that a right on the organisation reaches: None for all; of his unit, of his group, or none."""
    scope = rights.scope("organisation", action)
    if scope is Scope.ALL:
        return None
    if scope is None or scope is Scope.OWN:
        return frozenset()
    tree = departments(session)
    own = rights.employees_in(Scope.OWN)
    homes = {each.department_id for each in employees(session) if each.employee_id in own}
    groups = [home for home in homes if home is not None and home in tree]
    if scope is Scope.GROUP:
        return frozenset(groups)
    below = children(tree.values())
    return frozenset().union(*(subtree(unit_of(home, tree), below) for home in groups))


def require_user_in_reach(session: Session, rights: Rights, subject: str, action: str, user_id: int) -> None:
    """Raises `CrmError` when the right does not reach this user."""
    reached = users_in_reach(session, rights, subject, action)
    if reached is not None and user_id not in reached:
        raise CrmError("out_of_reach")


def require_department_in_reach(session: Session, rights: Rights, action: str, department_id: str | None) -> None:
    """Raises `CrmError` when the right does not reach this department."""
    reached = departments_in_reach(session, rights, action)
    if reached is not None and department_id not in reached:
        raise CrmError("out_of_reach")
