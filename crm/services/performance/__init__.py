"""Plans of sales and bonuses: writing, approval, what counts, and pure functions that build, split and count."""

from crm.services.performance.access import (
    OBJECT,
    approvers,
    departments_seen,
    require_approve,
    require_schemes,
    require_write,
    writable,
)
from crm.services.performance.bonus import Bonus, Part, Scheme, bonus, done_pct, is_planned
from crm.services.performance.building import Method, Shares, added_up, build, total_of, weights_by
from crm.services.performance.drafting import Wish, built_lines, participants
from crm.services.performance.loading import Known, Loaded, Refused, load
from crm.services.performance.periods import Period, PeriodKind
from crm.services.performance.review import approve, return_plan, submit
from crm.services.performance.scheme_reading import dump_scheme, read_scheme
from crm.services.performance.schemes import SchemeVersion, save_scheme, scheme_for, scheme_versions
from crm.services.performance.splitting import split, split_tree
from crm.services.performance.stored import approved_lines, plan, plan_events, plan_lines, plan_versions, plans
from crm.services.performance.tree import leaves, summed_up, tree_below
from crm.services.performance.values import (
    DEPARTMENT,
    EMPLOYEE,
    WHOLE,
    Kpi,
    Lines,
    PlanEvent,
    PlanInfo,
    PlanState,
    Subject,
    VersionInfo,
)
from crm.services.performance.writing import new_plan, save_lines

__all__ = [
    "DEPARTMENT",
    "EMPLOYEE",
    "OBJECT",
    "WHOLE",
    "Bonus",
    "Known",
    "Kpi",
    "Lines",
    "Loaded",
    "Method",
    "Part",
    "Period",
    "PeriodKind",
    "PlanEvent",
    "PlanInfo",
    "PlanState",
    "Refused",
    "Scheme",
    "SchemeVersion",
    "Shares",
    "Subject",
    "VersionInfo",
    "Wish",
    "added_up",
    "approve",
    "approved_lines",
    "approvers",
    "bonus",
    "build",
    "built_lines",
    "departments_seen",
    "done_pct",
    "dump_scheme",
    "is_planned",
    "leaves",
    "load",
    "new_plan",
    "participants",
    "plan",
    "plan_events",
    "plan_lines",
    "plan_versions",
    "plans",
    "read_scheme",
    "require_approve",
    "require_schemes",
    "require_write",
    "return_plan",
    "save_lines",
    "save_scheme",
    "scheme_for",
    "scheme_versions",
    "split",
    "split_tree",
    "submit",
    "summed_up",
    "total_of",
    "tree_below",
    "weights_by",
    "writable",
]  # fmt: skip
