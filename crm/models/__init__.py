"""Tables of the operational database. Importing this package makes `Base.metadata` complete."""

from crm.models.accounts import PasswordHistory, SignInFailure, User
from crm.models.audit import AuditRow
from crm.models.base import Base
from crm.models.campaign_approvals import ApprovalRoute, CampaignApproval
from crm.models.campaign_budgets import BudgetEntry, BudgetLimit, CampaignBudgetLine, ChannelCost
from crm.models.campaign_content import ContactPolicy, MessageTemplate, MessageTemplateVersion
from crm.models.campaign_media import AgencyReport, AgencyReportRow, MediaPlanLine
from crm.models.campaign_runs import (
    CampaignFreeze,
    CampaignParticipant,
    CampaignPassage,
    CampaignResult,
    CampaignRun,
    CampaignTriggerEvent,
)
from crm.models.campaigns import (
    Campaign,
    CampaignComment,
    CampaignConclusion,
    CampaignEvent,
    CampaignKpi,
    CampaignVersion,
)
from crm.models.churn import ChurnDefinition, ModelPromotion
from crm.models.customer_lists import CustomerList
from crm.models.delivery import (
    CampaignResponse,
    ChannelState,
    DeliveryReport,
    LandingPage,
    OptOut,
    OutboxMessage,
    OutboxPart,
    OutboxPause,
)
from crm.models.notices import Digest, Notice, NoticeSettings
from crm.models.organisation import Department, Employee, StandIn, UserEmployee
from crm.models.performance import (
    BonusScheme,
    PerformancePlan,
    PerformancePlanEvent,
    PerformancePlanLine,
    PerformancePlanVersion,
)
from crm.models.preferences import Preference
from crm.models.roles import GroupRole, MatrixVersion, RightsState, UserRole
from crm.models.segments import Segment, SegmentExport, SegmentFixture, SegmentRun, SegmentVersion
from crm.models.sessions import ApiToken, UserSession
from crm.models.signals import Signal, SignalEvent, SignalRule, SignalRuleVersion, SignalRun
from crm.models.tasks import Task, TaskEvent

__all__ = [
    "AgencyReport",
    "AgencyReportRow",
    "ApiToken",
    "ApprovalRoute",
    "AuditRow",
    "Base",
    "BonusScheme",
    "BudgetEntry",
    "BudgetLimit",
    "Campaign",
    "CampaignApproval",
    "CampaignBudgetLine",
    "CampaignComment",
    "CampaignConclusion",
    "CampaignEvent",
    "CampaignFreeze",
    "CampaignKpi",
    "CampaignParticipant",
    "CampaignPassage",
    "CampaignResponse",
    "CampaignResult",
    "CampaignRun",
    "CampaignTriggerEvent",
    "CampaignVersion",
    "ChannelCost",
    "ChannelState",
    "ChurnDefinition",
    "ContactPolicy",
    "CustomerList",
    "DeliveryReport",
    "Department",
    "Digest",
    "Employee",
    "GroupRole",
    "LandingPage",
    "MatrixVersion",
    "MediaPlanLine",
    "MessageTemplate",
    "MessageTemplateVersion",
    "ModelPromotion",
    "Notice",
    "NoticeSettings",
    "OptOut",
    "OutboxMessage",
    "OutboxPart",
    "OutboxPause",
    "PasswordHistory",
    "PerformancePlan",
    "PerformancePlanEvent",
    "PerformancePlanLine",
    "PerformancePlanVersion",
    "Preference",
    "RightsState",
    "Segment",
    "SegmentExport",
    "SegmentFixture",
    "SegmentRun",
    "SegmentVersion",
    "SignInFailure",
    "Signal",
    "SignalEvent",
    "SignalRule",
    "SignalRuleVersion",
    "SignalRun",
    "StandIn",
    "Task",
    "TaskEvent",
    "User",
    "UserEmployee",
    "UserRole",
    "UserSession",
]
