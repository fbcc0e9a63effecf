"""Writing plans: a new one, its figures, and a next version after an approval. What was approved never changes."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crm.database import PERFORMANCE_PLANS, one_at_a_time
from crm.errors import CrmError
from crm.models import Department, PerformancePlan, PerformancePlanLine, PerformancePlanVersion
from crm.services.actor import Actor, printable
from crm.services.organisation import departments, employees
from crm.services.performance.periods import Period
from crm.services.performance.stored import add_event, locked, plan, plan_lines, version_row
from crm.services.performance.tree import summed_up, tree_below
from crm.services.performance.values import DEPARTMENT, EMPLOYEE, Lines, PlanInfo, PlanState, Subject
from crm.services.tree import children, subtree
from crm.services.versioned import note, touch

_LARGEST = 10**17


def new_plan(session: Session, period: Period, department_id: str, actor: Actor, now: dt.datetime) -> PlanInfo:
    """An empty plan of a department for a period, as version 1 in draft. Raises `CrmError` when there is one."""
    one_at_a_time(session, PERFORMANCE_PLANS)
    if session.get(Department, department_id) is None:
        raise CrmError("department_unknown", department=department_id)
    query = select(PerformancePlan.plan_id).where(
        PerformancePlan.period_kind == period.kind, PerformancePlan.period_start == period.start,
        PerformancePlan.department_id == department_id,
    )  # fmt: skip
    if session.scalar(query) is not None:
        raise CrmError("plan_exists")
    row = PerformancePlan(
        period_kind=period.kind, period_start=period.start, department_id=department_id, version=1, approved=None,
        revision=1, created_at=now, updated_at=now, updated_by=printable(actor.login, 64),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _add_version(session, row, actor, now, {})
    note(session, row, actor, now, "plan_created", period=str(period.start), department=department_id)
    return plan(session, row.plan_id)


def save_lines(
    session: Session, plan_id: int, lines: Lines, actor: Actor, now: dt.datetime, *, base: int,
    origin: Mapping[str, Any], kpis: frozenset[str], comment: str = "",
) -> PlanInfo:  # fmt: skip
    """Make these the figures of the plan, based on the revision that the writer had before him.

    Departments become the sum of what is planned below them. A version that was submitted is a draft again; after an
    approval the change begins the next version, and the approved one counts until that is approved as well.
    Raises `CrmError` when somebody saved in the meantime, or a line is of somebody outside.
    """
    row = locked(session, plan_id)
    if row.revision != base:
        raise CrmError("plan_changed", login=row.updated_by)
    whole = _checked(session, row.department_id, lines, kpis)
    before = plan_lines(session, plan_id, row.version)
    if whole == before:
        return plan(session, plan_id)
    version = _open_version(session, row, actor, now, origin)
    session.execute(
        delete(PerformancePlanLine).where(
            PerformancePlanLine.plan_id == plan_id, PerformancePlanLine.version == version.number
        )
    )
    session.add_all(
        PerformancePlanLine(
            plan_id=plan_id, version=version.number, subject_kind=subject.kind, subject_id=subject.id, kpi=kpi,
            hundredths=amount,
        )
        for (subject, kpi), amount in whole.items()
    )  # fmt: skip
    touch(row, actor, now)
    changed = sum(whole.get(key) != before.get(key) for key in whole.keys() | before.keys())
    add_event(session, plan_id, version.number, "saved", printable(comment, 2000), printable(actor.login, 64), now)
    note(session, row, actor, now, "plan_saved", comment, version=version.number, lines=len(whole), changed=changed)
    return plan(session, plan_id)


def _checked(
    session: Session, department_id: str, lines: Lines, kpis: frozenset[str]
) -> dict[tuple[Subject, str], int]:  # fmt: skip
    places = subtree(department_id, children(departments(session).values()))
    people = {each.employee_id for each in employees(session) if each.department_id in places}
    for (subject, kpi), amount in lines.items():
        inside = people if subject.kind == EMPLOYEE else places if subject.kind == DEPARTMENT else frozenset()
        if subject.id not in inside:
            raise CrmError("plan_subject", subject=subject.id)
        if kpi not in kpis:
            raise CrmError("plan_kpi", kpi=kpi)
        if abs(amount) > _LARGEST:
            raise CrmError("plan_amount")
    named = {subject.id for subject, _ in lines if subject.kind == EMPLOYEE}
    below = dict(tree_below(session, department_id, named))
    return summed_up(lines, below)


def _open_version(
    session: Session, row: PerformancePlan, actor: Actor, now: dt.datetime, origin: Mapping[str, Any]
) -> PerformancePlanVersion:
    version = version_row(session, row.plan_id, row.version)
    if version.state == PlanState.APPROVED:
        row.version += 1
        return _add_version(session, row, actor, now, origin)
    version.state, version.origin = PlanState.DRAFT, dict(origin)
    version.editors = sorted({*version.editors, printable(actor.login, 64)})
    version.submitted_by, version.submitted_at = "", None
    version.reviewer_login, version.reviewed_at = "", None
    session.flush()
    return version


def _add_version(
    session: Session, row: PerformancePlan, actor: Actor, now: dt.datetime, origin: Mapping[str, Any]
) -> PerformancePlanVersion:
    login = printable(actor.login, 64)
    version = PerformancePlanVersion(
        plan_id=row.plan_id, number=row.version, state=PlanState.DRAFT, editors=[login], origin=dict(origin),
        author_login=login, at=now,
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version
