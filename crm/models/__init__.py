"""Tables of the operational database. Importing this package makes `Base.metadata` complete."""

from crm.models.accounts import PasswordHistory, SignInFailure, User
from crm.models.audit import AuditRow
from crm.models.base import Base
from crm.models.customer_lists import CustomerList
from crm.models.notices import Notice
from crm.models.organisation import Department, Employee, StandIn, UserEmployee
from crm.models.roles import GroupRole, MatrixVersion, RightsState, UserRole
from crm.models.segments import Segment, SegmentExport, SegmentFixture, SegmentRun, SegmentVersion
from crm.models.sessions import ApiToken, UserSession

__all__ = [
    "ApiToken",
    "AuditRow",
    "Base",
    "CustomerList",
    "Department",
    "Employee",
    "GroupRole",
    "MatrixVersion",
    "Notice",
    "PasswordHistory",
    "RightsState",
    "Segment",
    "SegmentExport",
    "SegmentFixture",
    "SegmentRun",
    "SegmentVersion",
    "SignInFailure",
    "StandIn",
    "User",
    "UserEmployee",
    "UserRole",
    "UserSession",
]
