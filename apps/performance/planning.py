"""What the parts of the plans' page share: the plan before the person, and changes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps import actions
from apps.data import performance as data
from apps.identity import person
from apps.language import speaker, t
from apps.performance.standing import Staff, staff
from apps.performance.view import period_name
from apps.services import services
from apps.snapshot import ask
from crm.errors import CrmError
from crm.services import performance
from crm.services.performance import EMPLOYEE, Kpi, PlanInfo, PlanState, Subject

PARAM = "plan"
# Which part of the plan to show next, after a change that was made in another.
SHOW = "_plan_show"
Lines = dict[tuple[Subject, str], int]


@dataclass(frozen=True)
class Desk:
    """A plan with the lines of its newest version, and what the person may do with it."""

    plan: PlanInfo
    lines: Lines
    company: Staff
    rows: tuple[Mapping[str, Any], ...]
    may_write: bool
    may_approve: bool

    @property
    def kpis(self) -> dict[str, Kpi]:
        """Indicators by code."""
        return {row["kpi"]: data.kpi_of(dict(row)) for row in self.rows}

    def name(self, kpi: str) -> str:
        """What an indicator is called."""
        return next((str(row[f"label_{speaker().language}"]) for row in self.rows if row["kpi"] == kpi), kpi)

    @property
    def title(self) -> str:
        """Department and period."""
        place = self.company.paths.get(self.plan.department_id, self.plan.department_id)
        return f"{place}, {period_name(self.plan.period)}"


def open_plan(plan_id: int) -> Desk:
    """The plan, if it is open to the person. Raises `CrmError`."""
    me = person()
    with services().database.read() as session:
        plan = performance.plan(session, plan_id)
        if plan.department_id not in seen(session):
            raise CrmError("plan_unknown")
        lines = performance.plan_lines(session, plan_id, plan.newest.number)
        company = staff(session)
        may_write = not me.is_viewing_as and plan.department_id in performance.writable(session, me.own_rights)
        administered = performance.departments_seen(session, me.own_rights, "administer")
    editors = {*plan.newest.editors, plan.newest.submitted_by}
    may_approve = not me.is_viewing_as and plan.department_id in administered and me.login not in editors
    return Desk(plan, lines, company, tuple(ask(data.kpis)), may_write, may_approve)


def seen(session: Any) -> frozenset[str]:
    """Departments whose plans are open to the person."""
    rights = person().rights
    return (
        performance.departments_seen(session, rights)
        | performance.departments_seen(session, rights, "edit")
        | performance.departments_seen(session, rights, "administer")
    )  # fmt: skip


def changing(desk_plan: PlanInfo, change: Callable[[Any, Any, Any], object], *, approving: bool = False) -> None:
    """Make a change of a plan in a transaction, after asking the right once more."""
    action = "administer" if approving or not person().own_rights.allows(performance.OBJECT, "edit") else "edit"
    with actions.changing(performance.OBJECT, action) as (session, actor, now):
        check = performance.require_approve if approving else performance.require_write
        check(session, person().own_rights, desk_plan.department_id)
        change(session, actor, now)


def save(desk: Desk, lines: Mapping[tuple[Subject, str], int], origin: Mapping[str, Any], comment: str) -> str:
    """Keep lines as the plan's figures; returns what to tell."""

    def change(session: Any, actor: Any, now: Any) -> None:
        performance.save_lines(
            session, desk.plan.plan_id, lines, actor, now, base=desk.plan.revision, origin=origin,
            kpis=frozenset(desk.kpis), comment=comment,
        )  # fmt: skip

    changing(desk.plan, change)
    forget_edits()
    st.session_state[SHOW] = "figures"
    return t("The plan is saved as a draft")


def forget_edits() -> None:
    """Unsaved cells of the table are of the figures before."""
    for key in [key for key in st.session_state if str(key).startswith("plan_table_")]:
        del st.session_state[key]


def people_of(desk: Desk) -> list[str]:
    """Employees of the plan, by department and name."""
    company = desk.company
    found = {subject.id for subject, _ in desk.lines if subject.kind == EMPLOYEE}
    return sorted(found, key=lambda each: (company.paths.get(company.homes.get(each) or "", ""), company.names[each]))


def state_name(state: PlanState) -> str:
    """A state in words."""
    return {
        PlanState.DRAFT: t("plan in draft"), PlanState.SUBMITTED: t("plan waiting for approval"),
        PlanState.APPROVED: t("plan approved"), PlanState.RETURNED: t("plan returned"),
    }[state]  # fmt: skip
