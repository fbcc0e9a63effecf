"""Plans as they are in the database: reading them, and the rows behind a change."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import PerformancePlan, PerformancePlanEvent, PerformancePlanLine, PerformancePlanVersion
from crm.services.performance.periods import Period, PeriodKind
from crm.services.performance.values import PlanEvent, PlanInfo, PlanState, Subject, VersionInfo


def plans(session: Session, seen: frozenset[str], period: Period | None = None) -> list[PlanInfo]:
    """Plans of these departments, the latest period first."""
    query = select(PerformancePlan).where(PerformancePlan.department_id.in_(seen))
    if period is not None:
        query = query.where(
            PerformancePlan.period_kind == period.kind, PerformancePlan.period_start == period.start
        )  # fmt: skip
    order = (PerformancePlan.period_start.desc(), PerformancePlan.period_kind, PerformancePlan.department_id)
    return [_info(session, row) for row in session.scalars(query.order_by(*order))]


def plan(session: Session, plan_id: int) -> PlanInfo:
    """One plan. Raises `CrmError`."""
    row = session.get(PerformancePlan, plan_id)
    if row is None:
        raise CrmError("plan_unknown")
    return _info(session, row)


def plan_versions(session: Session, plan_id: int) -> list[VersionInfo]:
    """All versions of a plan, the newest first."""
    query = select(PerformancePlanVersion).where(PerformancePlanVersion.plan_id == plan_id)
    return [version_info(row) for row in session.scalars(query.order_by(PerformancePlanVersion.number.desc()))]


def plan_events(session: Session, plan_id: int) -> list[PlanEvent]:
    """What happened to a plan, the newest first."""
    query = select(PerformancePlanEvent).where(PerformancePlanEvent.plan_id == plan_id)
    return [
        PlanEvent(row.version, row.what, row.comment, row.login, row.at)
        for row in session.scalars(query.order_by(PerformancePlanEvent.event_id.desc()))
    ]


def plan_lines(session: Session, plan_id: int, number: int) -> dict[tuple[Subject, str], int]:
    """The figures of a version, in hundredths."""
    query = select(PerformancePlanLine).where(
        PerformancePlanLine.plan_id == plan_id, PerformancePlanLine.version == number
    )
    return {
        (Subject(row.subject_kind, row.subject_id), row.kpi): row.hundredths for row in session.scalars(query)
    }  # fmt: skip


def approved_lines(session: Session, periods: list[Period]) -> dict[Period, dict[tuple[Subject, str], int]]:
    """The figures that count in each of the periods, of all approved plans together."""
    found: dict[Period, dict[tuple[Subject, str], int]] = {period: {} for period in periods}
    query = (
        select(PerformancePlan, PerformancePlanLine)
        .join(
            PerformancePlanLine,
            (PerformancePlanLine.plan_id == PerformancePlan.plan_id)
            & (PerformancePlanLine.version == PerformancePlan.approved),
        )
        .where(PerformancePlan.period_start.in_({each.start for each in periods}))
        .order_by(PerformancePlan.plan_id)
    )
    for row, line in session.execute(query):
        period = Period(row.period_start, PeriodKind(row.period_kind))
        if period in found:
            found[period][Subject(line.subject_kind, line.subject_id), line.kpi] = line.hundredths
    return found


def locked(session: Session, plan_id: int) -> PerformancePlan:
    """The row to change, nobody else changing it meanwhile. Raises `CrmError`."""
    row = session.get(PerformancePlan, plan_id, with_for_update=True)
    if row is None:
        raise CrmError("plan_unknown")
    return row


def version_row(session: Session, plan_id: int, number: int) -> PerformancePlanVersion:
    """The row of a version. Raises `CrmError`."""
    row = session.get(PerformancePlanVersion, (plan_id, number))
    if row is None:
        raise CrmError("plan_unknown")
    return row


def version_info(row: PerformancePlanVersion) -> VersionInfo:
    """A version as a value."""
    return VersionInfo(
        row.plan_id, row.number, PlanState(row.state), tuple(row.editors), dict(row.origin), row.author_login, row.at,
        row.submitted_by, row.submitted_at, row.reviewer_login, row.reviewed_at,
    )  # fmt: skip


def add_event(
    session: Session, plan_id: int, version: int, what: str, comment: str, login: str, now: dt.datetime
) -> None:
    """Write down what happened."""
    session.add(
        PerformancePlanEvent(plan_id=plan_id, version=version, what=what, comment=comment, login=login, at=now)
    )  # fmt: skip


def _info(session: Session, row: PerformancePlan) -> PlanInfo:
    return PlanInfo(
        row.plan_id, Period(row.period_start, PeriodKind(row.period_kind)), row.department_id,
        version_info(version_row(session, row.plan_id, row.version)), row.approved, row.revision, row.updated_at,
        row.updated_by,
    )  # fmt: skip
