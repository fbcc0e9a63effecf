"""What can be changed in the role matrix, one small value per change."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import User, UserRole
from crm.services.role_file import Role, check_right
from vitrina.access.rights import COLUMN_CLASSES, Mask, Scope

_CODE = re.compile(r"[a-z][a-z0-9_]{1,62}")


@dataclass(frozen=True)
class GrantChange:
    """A right of a role reaches as far as `scope`, or is taken away (None)."""

    role: str
    object: str
    action: str
    scope: Scope | None

    def told(self) -> str:
        """For the audit log."""
        return f"{self.role}: {self.object}.{self.action} = {self.scope or '-'}"


@dataclass(frozen=True)
class MaskChange:
    """A role sees a column class in this form."""

    role: str
    column_class: str
    mask: Mask

    def told(self) -> str:
        """For the audit log."""
        return f"{self.role}: {self.column_class} = {self.mask}"


@dataclass(frozen=True)
class RoleAdded:
    """A new role with names by language; with the rights of `copy_of` or with none."""

    role: str
    names: Mapping[str, str] = field(hash=False)
    copy_of: str | None = None

    def told(self) -> str:
        """For the audit log."""
        return f"{self.role}: added" + (f" as {self.copy_of}" if self.copy_of else "")


@dataclass(frozen=True)
class RoleRenamed:
    """Other names for a role; its code stays."""

    role: str
    names: Mapping[str, str] = field(hash=False)

    def told(self) -> str:
        """For the audit log."""
        return f"{self.role}: renamed"


@dataclass(frozen=True)
class RoleRemoved:
    """A role that nobody has goes away."""

    role: str

    def told(self) -> str:
        """For the audit log."""
        return f"{self.role}: removed"


Change = GrantChange | MaskChange | RoleAdded | RoleRenamed | RoleRemoved


def applied(session: Session, roles: Mapping[str, Role], changes: Sequence[Change]) -> dict[str, Role]:
    """The roles after the changes, in order. Raises `CrmError` for what does not exist or cannot be."""
    result = dict(roles)
    for change in changes:
        if isinstance(change, RoleAdded):
            result[change.role] = _added(result, change)
        else:
            role = _role(result, change.role)
            if isinstance(change, RoleRemoved):
                require_unused(session, {role.code})
                del result[role.code]
            else:
                result[role.code] = _changed(role, change)
    return result


def require_unused(session: Session, codes: Iterable[str]) -> None:
    """Raises `CrmError` when a user still has one of the roles."""
    query = select(UserRole.role_code, func.count()).join(User, User.user_id == UserRole.user_id)
    for code, count in session.execute(query.where(UserRole.role_code.in_(codes)).group_by(UserRole.role_code)):
        raise CrmError("role_in_use", count=count, role=code)


def _added(roles: Mapping[str, Role], change: RoleAdded) -> Role:
    if change.role in roles:
        raise CrmError("role_exists", role=change.role)
    if not _CODE.fullmatch(change.role):
        raise CrmError("role_code", role=change.role)
    model = _role(roles, change.copy_of) if change.copy_of else Role("", {}, {}, {})
    return Role(change.role, dict(change.names), dict(model.grants), dict(model.masks))


def _changed(role: Role, change: GrantChange | MaskChange | RoleRenamed) -> Role:
    if isinstance(change, RoleRenamed):
        return replace(role, names=dict(change.names))
    if isinstance(change, MaskChange):
        if change.column_class not in COLUMN_CLASSES:
            raise CrmError("matrix_mask", column_class=change.column_class)
        return replace(role, masks={**role.masks, change.column_class: Mask(change.mask)})
    check_right(change.object, change.action)
    grants = {key: scope for key, scope in role.grants.items() if key != (change.object, change.action)}
    if change.scope is not None:
        grants[change.object, change.action] = Scope(change.scope)
    return replace(role, grants=grants)


def _role(roles: Mapping[str, Role], code: str) -> Role:
    if code not in roles:
        raise CrmError("role_unknown", role=code)
    return roles[code]
