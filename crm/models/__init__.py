"""Tables of the operational database. Importing this package makes `Base.metadata` complete."""

from crm.models.accounts import PasswordHistory, SignInFailure, User
from crm.models.audit import AuditRow
from crm.models.base import Base
from crm.models.organisation import Department, Employee, StandIn, UserEmployee
from crm.models.roles import GroupRole, MatrixVersion, RightsState, UserRole
from crm.models.sessions import ApiToken, UserSession

__all__ = [
    "ApiToken",
    "AuditRow",
    "Base",
    "Department",
    "Employee",
    "GroupRole",
    "MatrixVersion",
    "PasswordHistory",
    "RightsState",
    "SignInFailure",
    "StandIn",
    "User",
    "UserEmployee",
    "UserRole",
    "UserSession",
]
