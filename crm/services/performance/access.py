"""Whose figures and plans a person may see, write and approve: his rights on `kpis`, applied to the organisation."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import UserRole
from crm.services.matrix import matrix
from crm.services.organisation import departments, employees
from crm.services.tree import children, subtree, unit_of
from vitrina.access.rights import Rights, Scope

OBJECT = "kpis"


def departments_seen(session: Session, rights: Rights, action: str = "view") -> frozenset[str]:
    """Departments whose plans the right reaches: all, those of his unit, his own group, or none."""
    scope = rights.scope(OBJECT, action)
    tree = departments(session)
    if scope is Scope.ALL:
        return frozenset(tree)
    if scope is None or scope is Scope.OWN:
        return frozenset()
    own = rights.employees_in(Scope.OWN)
    homes = {each.department_id for each in employees(session) if each.employee_id in own}
    groups = [home for home in homes if home is not None and home in tree]
    if scope is Scope.GROUP:
        return frozenset(groups)
    below = children(tree.values())
    return frozenset().union(*(subtree(unit_of(home, tree), below) for home in groups))


def writable(session: Session, rights: Rights) -> frozenset[str]:
    """Departments whose plans he may write: by `edit`, or as who administers plans at all."""
    return departments_seen(session, rights, "edit") | departments_seen(session, rights, "administer")


def require_write(session: Session, rights: Rights, department_id: str) -> None:
    """Raises `CrmError` unless he may write plans of this department."""
    if department_id not in writable(session, rights):
        raise CrmError("plan_out_of_reach")


def require_approve(session: Session, rights: Rights, department_id: str) -> None:
    """Raises `CrmError` unless he may approve plans of this department."""
    if department_id not in departments_seen(session, rights, "administer"):
        raise CrmError("plan_out_of_reach")


def require_schemes(rights: Rights) -> None:
    """Raises `CrmError` unless he may change bonus schemes."""
    if not rights.allows(OBJECT, "administer"):
        raise CrmError("plan_out_of_reach")


def approvers(session: Session) -> list[int]:
    """User ids of all whose roles let them approve plans."""
    roles = [code for code, role in matrix(session).roles.items() if (OBJECT, "administer") in role.grants]
    return sorted(set(session.scalars(select(UserRole.user_id).where(UserRole.role_code.in_(roles)))))
