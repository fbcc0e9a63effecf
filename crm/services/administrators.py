"""The company never locks itself out: somebody active can always administer users and roles; and nobody becomes an
administrator of roles by way of accounts."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import ADMINISTRATORS, one_at_a_time
from crm.errors import CrmError
from crm.models import MatrixVersion, User, UserRole
from crm.services.actor import Actor

STRONG = ("roles", "administer")
NEEDED = (("users", "administer"), STRONG)


def require_administrator(
    session: Session, grants: Mapping[str, Mapping[tuple[str, str], object]] | None = None
) -> None:
    """Raises `CrmError` when, after this transaction's changes, no active user could administer users and roles.

    `grants` by role code where the matrix itself is being changed.
    """
    # Two administrators who remove each other at once must not both find the other still there.
    one_at_a_time(session, ADMINISTRATORS)
    given = grants if grants is not None else _present_grants(session)
    active = select(User.user_id, UserRole.role_code).join(UserRole, UserRole.user_id == User.user_id)
    able: dict[int, set[tuple[str, str]]] = {}
    for user_id, code in session.execute(active.where(User.is_active.is_(True))):
        able.setdefault(user_id, set()).update(key for key in NEEDED if key in given.get(code, {}))
    if not any(set(NEEDED) <= keys for keys in able.values()):
        raise CrmError("last_administrator")


def require_strength(session: Session, actor: Actor, codes: Iterable[str]) -> None:
    """Raises `CrmError` when a role that administers roles is given, taken, or its holder's account changed by somebody
    who may not administer roles: he could make himself, or get in as, an administrator."""
    if actor.user_id is None:
        return
    given = _present_grants(session)
    held = session.scalars(select(UserRole.role_code).where(UserRole.user_id == actor.user_id))
    if not any(STRONG in given.get(code, {}) for code in held):
        for code in sorted(codes):
            if STRONG in given.get(code, {}):
                raise CrmError("role_too_strong", role=code)


def _present_grants(session: Session) -> Mapping[str, Mapping[tuple[str, str], object]]:
    query = select(MatrixVersion.content).order_by(MatrixVersion.version.desc()).limit(1)
    content = session.scalar(query) or {"roles": {}}
    return {
        code: {(name, action): scope for name, actions in role["grants"].items() for action, scope in actions.items()}
        for code, role in content["roles"].items()
    }
