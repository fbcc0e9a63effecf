"""Which roles a user has: given by hand, or by the groups of his directory."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import GroupRole, UserRole
from crm.services.accounts import UserInfo, found, info, required
from crm.services.actor import Actor
from crm.services.administrators import require_administrator, require_strength
from crm.services.audit import AuditKind, Entry, record
from crm.services.matrix import matrix
from crm.services.rights_version import rights_changed

MANUAL, FROM_GROUP = "manual", "group"


@dataclass(frozen=True)
class GroupMapping:
    """People of a directory's group have the role."""

    provider: str
    group_name: str
    role_code: str


def set_roles(
    session: Session, user_id: int, codes: Iterable[str], actor: Actor, now: dt.datetime, reason: str
) -> UserInfo:
    """Give a user exactly these roles by hand; those from his groups stay. Counts at once, also in open sessions."""
    wanted, user = _known(session, codes), found(session, user_id)
    before = set(_codes(session, user_id, MANUAL))
    if user_id == actor.user_id and before - wanted:
        raise CrmError("own_account")
    require_strength(session, actor, before ^ wanted)
    if not replace_roles(session, user_id, wanted, MANUAL):
        return info(session, user)
    if before - wanted:
        require_administrator(session)
    details = {"what": "roles", "added": sorted(wanted - before), "removed": sorted(before - wanted)}
    record(session, actor, Entry(AuditKind.RIGHTS_CHANGED, "users", str(user_id), (), required(reason), details), now)
    return info(session, user)


def replace_roles(session: Session, user_id: int, codes: set[str], origin: str) -> bool:
    """Make these the roles of one origin; True when that changed something."""
    before = set(_codes(session, user_id, origin))
    if before == codes:
        return False
    session.execute(
        delete(UserRole).where(
            UserRole.user_id == user_id, UserRole.origin == origin, UserRole.role_code.in_(before - codes)
        )
    )
    session.add_all(UserRole(user_id=user_id, role_code=code, origin=origin) for code in sorted(codes - before))
    session.flush()
    rights_changed(session)
    return True


def group_mappings(session: Session) -> list[GroupMapping]:
    """The whole table of groups and roles."""
    query = select(GroupRole).order_by(GroupRole.provider, GroupRole.group_name, GroupRole.role_code)
    return [GroupMapping(row.provider, row.group_name, row.role_code) for row in session.scalars(query)]


def set_group_roles(
    session: Session, provider: str, group: str, codes: Iterable[str], actor: Actor, now: dt.datetime, reason: str
) -> list[GroupMapping]:
    """Map a group of a directory to exactly these roles (none: the mapping goes); counts at the next sign-in."""
    wanted, name = _known(session, codes), group_key(group)
    if not provider or not name:
        raise CrmError("group_missing")
    session.execute(delete(GroupRole).where(GroupRole.provider == provider, GroupRole.group_name == name))
    session.add_all(GroupRole(provider=provider, group_name=name, role_code=code) for code in sorted(wanted))
    session.flush()
    details = {"what": "group_roles", "provider": provider, "group": name, "roles": sorted(wanted)}
    record(session, actor, Entry(AuditKind.RIGHTS_CHANGED, "roles", "", (), required(reason), details), now)
    return group_mappings(session)


def roles_of_groups(session: Session, provider: str, groups: Iterable[str]) -> set[str]:
    """The roles that the groups of a directory give."""
    names = {group_key(group) for group in groups}
    query = select(GroupRole.role_code).where(GroupRole.provider == provider, GroupRole.group_name.in_(names))
    return set(session.scalars(query))


def group_key(group: str) -> str:
    """Directories do not tell large letters from small ones in names, so neither does the table."""
    return group.strip().casefold()


def _codes(session: Session, user_id: int, origin: str) -> list[str]:
    query = select(UserRole.role_code).where(UserRole.user_id == user_id, UserRole.origin == origin)
    return list(session.scalars(query))


def _known(session: Session, codes: Iterable[str]) -> set[str]:
    wanted, known = set(codes), matrix(session).roles
    for code in sorted(wanted):
        if code not in known:
            raise CrmError("role_unknown", role=code)
    return wanted
