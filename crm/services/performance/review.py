"""A plan on its way to being what counts: submitted by who wrote it, approved or returned by somebody else."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Department, PerformancePlan, PerformancePlanVersion, User
from crm.services.accounts import required
from crm.services.actor import Actor, printable
from crm.services.notices import notify
from crm.services.performance.access import approvers
from crm.services.performance.periods import Period, PeriodKind
from crm.services.performance.stored import add_event, approved_lines, locked, plan, plan_lines, version_row
from crm.services.performance.values import EMPLOYEE, PlanInfo, PlanState
from crm.services.versioned import note, touch

LINK = "/plans?plan={plan}"


def submit(session: Session, plan_id: int, actor: Actor, now: dt.datetime, comment: str = "") -> PlanInfo:
    """Ask for the approval of the newest version. Raises `CrmError` when it has no figures, or is not a draft."""
    row, version = _newest(session, plan_id, PlanState.DRAFT, PlanState.RETURNED)
    if not plan_lines(session, plan_id, version.number):
        raise CrmError("plan_empty")
    _require_planned_once(session, row, version.number)
    version.state, version.submitted_by, version.submitted_at = PlanState.SUBMITTED, printable(actor.login, 64), now
    writers = set(session.scalars(select(User.user_id).where(User.login.in_([*version.editors, version.submitted_by]))))
    for user_id in approvers(session):
        if user_id not in writers:
            _tell(session, user_id, "plan_submitted", row, actor, now)
    return _done(session, row, version, "submitted", comment, actor, now)


def approve(session: Session, plan_id: int, actor: Actor, now: dt.datetime, comment: str = "") -> PlanInfo:
    """Make the submitted version the one that counts. Nobody who wrote or submitted it may."""
    row, version = _newest(session, plan_id, PlanState.SUBMITTED)
    if printable(actor.login, 64) in {*version.editors, version.submitted_by}:
        raise CrmError("plan_own_approval")
    _require_planned_once(session, row, version.number)
    row.approved = version.number
    return _reviewed(session, row, version, PlanState.APPROVED, comment, actor, now)


def return_plan(session: Session, plan_id: int, actor: Actor, now: dt.datetime, comment: str) -> PlanInfo:
    """Send the submitted version back to be changed, saying why."""
    row, version = _newest(session, plan_id, PlanState.SUBMITTED)
    return _reviewed(session, row, version, PlanState.RETURNED, required(comment), actor, now)


def _newest(
    session: Session, plan_id: int, *states: PlanState
) -> tuple[PerformancePlan, PerformancePlanVersion]:  # fmt: skip
    row = locked(session, plan_id)
    version = version_row(session, plan_id, row.version)
    if version.state not in states:
        raise CrmError("plan_state")
    return row, version


def _require_planned_once(session: Session, row: PerformancePlan, number: int) -> None:
    """An employee whose figure stands in two plans of one period would be measured by the sum of accidents."""
    period = Period(row.period_start, PeriodKind(row.period_kind))
    own = {key for key in plan_lines(session, row.plan_id, number) if key[0].kind == EMPLOYEE}
    before, row.approved = row.approved, None
    session.flush()
    others = approved_lines(session, [period])[period].keys()
    row.approved = before
    session.flush()
    if twice := sorted({subject.id for subject, _ in own & others}):
        raise CrmError("plan_elsewhere", employees=", ".join(twice[:10]))


def _reviewed(
    session: Session, row: PerformancePlan, version: PerformancePlanVersion, state: PlanState, comment: str,
    actor: Actor, now: dt.datetime,
) -> PlanInfo:  # fmt: skip
    version.state, version.reviewer_login, version.reviewed_at = state, printable(actor.login, 64), now
    writer = session.scalar(select(User.user_id).where(User.login == version.submitted_by))
    _tell(session, writer, f"plan_{state.value}", row, actor, now)
    return _done(session, row, version, state.value, comment, actor, now)


def _done(
    session: Session, row: PerformancePlan, version: PerformancePlanVersion, what: str, comment: str, actor: Actor,
    now: dt.datetime,
) -> PlanInfo:  # fmt: skip
    touch(row, actor, now)
    add_event(
        session, row.plan_id, version.number, what, printable(comment, 2000), printable(actor.login, 64), now
    )  # fmt: skip
    note(session, row, actor, now, f"plan_{what}", comment, version=version.number)
    return plan(session, row.plan_id)


def _tell(
    session: Session, user_id: int | None, kind: str, row: PerformancePlan, actor: Actor, now: dt.datetime
) -> None:  # fmt: skip
    place = session.get(Department, row.department_id)
    values = {
        "department": place.name if place else row.department_id, "login": actor.login,
        "period": f"{row.period_start:%m.%Y}",
    }  # fmt: skip
    notify(session, user_id, kind, values, LINK.format(plan=row.plan_id), now)
