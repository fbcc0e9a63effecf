"""The role matrix: object x action x scope for every role. Each save is a whole new version, so all can be undone.

A saved version counts at once: the rights counter is raised with it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import ROLE_MATRIX, one_at_a_time
from crm.errors import CrmError
from crm.models import MatrixVersion
from crm.services.actor import Actor
from crm.services.administrators import require_administrator
from crm.services.audit import AuditKind, Entry, record
from crm.services.matrix_changes import Change, applied, require_unused
from crm.services.rights_version import rights_changed
from crm.services.role_file import Role, delivered, plain, role_from

# The reason of the first version, for pages to translate.
DELIVERED = "delivered roles"


@dataclass(frozen=True)
class VersionInfo:
    """When, by whom and why a version of the matrix was saved, and which older one it brought back, if any."""

    version: int
    created_at: dt.datetime
    actor_login: str
    reason: str
    restored_from: int | None


@dataclass(frozen=True)
class Matrix:
    """All roles of one version, by code. `objects` are those the matrix has ever known: the others are new."""

    info: VersionInfo
    roles: Mapping[str, Role]
    objects: frozenset[str]

    @property
    def version(self) -> int:
        """Number of the version."""
        return self.info.version


def matrix(session: Session, version: int | None = None) -> Matrix:
    """The matrix that counts, or an older one. Raises `CrmError` for an unknown version."""
    query = select(MatrixVersion).order_by(MatrixVersion.version.desc()).limit(1)
    if version is not None:
        query = query.where(MatrixVersion.version == version)
    row = session.scalar(query)
    if row is None:
        raise CrmError("matrix_unknown", version=version or 0)
    # PostgreSQL keeps no order of its own: delivered roles as in their file, then those made here.
    known = [code for code in delivered().roles if code in row.content["roles"]]
    own = sorted(set(row.content["roles"]) - set(known))
    roles = {code: role_from(code, row.content["roles"][code]) for code in (*known, *own)}
    return Matrix(_info(row), roles, frozenset(row.content["objects"]))


def versions(session: Session) -> list[VersionInfo]:
    """Every version, newest first."""
    return [_info(row) for row in session.scalars(select(MatrixVersion).order_by(MatrixVersion.version.desc()))]


def save_matrix(
    session: Session, changes: Sequence[Change], base: int, actor: Actor, now: dt.datetime, reason: str
) -> Matrix:
    """Save changes to version `base` as the next one. Raises `CrmError` when somebody else saved in the meantime,
    nothing would change, a reason is missing, or nobody could administer afterwards."""
    one_at_a_time(session, ROLE_MATRIX)
    present = matrix(session)
    if present.version != base:
        raise CrmError("matrix_changed", version=present.version)
    roles = applied(session, present.roles, changes)
    if roles == present.roles:
        raise CrmError("matrix_same")
    details = {"what": "matrix", "changes": [change.told() for change in changes]}
    return _save(session, roles, present, actor, now, reason, details)


def restore(session: Session, version: int, actor: Actor, now: dt.datetime, reason: str) -> Matrix:
    """Make an older version count again, as a new one; roles made since and still given to somebody must stay."""
    one_at_a_time(session, ROLE_MATRIX)
    present, older = matrix(session), matrix(session, version)
    if older.roles == present.roles:
        raise CrmError("matrix_same")
    require_unused(session, set(present.roles) - set(older.roles))
    details = {"what": "matrix_restored", "restored": version}
    return _save(session, older.roles, present, actor, now, reason, details, version)


def install(session: Session, actor: Actor, now: dt.datetime) -> bool:
    """The delivered roles as version 1; later, the delivered rights for objects and roles that are new in a release.

    True when something was added. What an administrator edited or removed stays as it is.
    """
    one_at_a_time(session, ROLE_MATRIX)
    file = delivered()
    if session.scalar(select(MatrixVersion.version).limit(1)) is None:
        _insert(session, 1, dict(file.roles), frozenset(file.actions), actor, now, DELIVERED, None)
        rights_changed(session)
        return True
    present = matrix(session)
    new = set(file.actions) - present.objects
    if not new:
        return False
    roles = {code: _with_new(role, file.roles.get(code), new) for code, role in present.roles.items()}
    reason = "new in this release: " + ", ".join(sorted(new))
    _insert(session, present.version + 1, roles, present.objects | new, actor, now, reason, None)
    rights_changed(session)
    return True


def _with_new(role: Role, shipped: Role | None, new: set[str]) -> Role:
    added = {key: scope for key, scope in (shipped.grants if shipped else {}).items() if key[0] in new}
    return Role(role.code, role.names, {**role.grants, **added}, role.masks)


def _save(
    session: Session, roles: Mapping[str, Role], present: Matrix, actor: Actor, now: dt.datetime, reason: str,
    details: Mapping[str, Any], restored_from: int | None = None,
) -> Matrix:  # fmt: skip
    if not reason.strip():
        raise CrmError("reason_missing")
    number = present.version + 1
    _insert(session, number, roles, present.objects, actor, now, reason.strip(), restored_from)
    require_administrator(session, {code: role.grants for code, role in roles.items()})
    rights_changed(session)
    told = {**details, "version": number}
    record(session, actor, Entry(AuditKind.RIGHTS_CHANGED, "roles", str(number), (), reason, told), now)
    return matrix(session)


def _insert(
    session: Session, number: int, roles: Mapping[str, Role], objects: frozenset[str], actor: Actor,
    now: dt.datetime, reason: str, restored_from: int | None,
) -> None:  # fmt: skip
    content = {"roles": {code: plain(role) for code, role in roles.items()}, "objects": sorted(objects)}
    row = MatrixVersion(
        version=number, content=content, created_at=now, actor_login=actor.login, reason=reason,
        restored_from=restored_from,
    )  # fmt: skip
    session.add(row)
    session.flush()


def _info(row: MatrixVersion) -> VersionInfo:
    return VersionInfo(row.version, row.created_at, row.actor_login, row.reason, row.restored_from)
