"""All plans that the person sees; a row opens its plan. And a new one."""

from typing import Any

import streamlit as st

from apps import actions
from apps.data import performance as data
from apps.identity import person
from apps.language import speaker, t
from apps.performance.planning import PARAM, Lines, seen, state_name
from apps.performance.standing import Staff, staff
from apps.performance.view import period_name, periods
from apps.services import services
from apps.snapshot import ask, manifest
from apps.ui import tables
from apps.ui.layout import card, empty_state
from crm.services import performance
from crm.services.performance import DEPARTMENT, EMPLOYEE, WHOLE, Kpi, PeriodKind, PlanInfo, PlanState, Subject

_AHEAD = 3


def plan_list() -> None:
    """The table, those that wait for approval first."""
    with services().database.read() as session:
        company, found = staff(session), performance.plans(session, seen(session))
        sums = {each.plan_id: performance.plan_lines(session, each.plan_id, each.newest.number) for each in found[:200]}
    if not found:
        with st.container(border=True):
            empty_state("edit_calendar", t("No plans yet"), t("Make the first one: from history, or from a file."))
        return
    kpis = [data.kpi_of(row) for row in ask(data.kpis)][:2]
    names = {row["kpi"]: row[f"label_{speaker().language}"] for row in ask(data.kpis)}
    found.sort(key=lambda each: each.newest.state is not PlanState.SUBMITTED)
    rows = [_row(each, company, kpis, sums.get(each.plan_id, {})) for each in found]
    with card(t("Plans"), t("Select a row to open the plan."), stretch=False):
        columns = {
            "period": tables.text(t("Period"), 112), "state": tables.text(t("State"), 115),
            "place": tables.text(t("Department"), 228), "people": tables.number(t("Managers"), 95),
            **{kpi.code: tables.number(names[kpi.code], 138) for kpi in kpis},
            "at": tables.text(t("Changed"), 130),
        }  # fmt: skip
        picked = tables.selectable(rows, columns, key="plans_rows", height=560)
    if picked is not None:
        st.query_params[PARAM] = str(found[picked].plan_id)
        st.session_state.pop("plans_rows", None)
        st.rerun()


def _row(plan: PlanInfo, company: Staff, kpis: list[Kpi], lines: Lines) -> dict[str, Any]:
    say = speaker()
    state = state_name(plan.newest.state)
    if plan.approved is not None and plan.newest.state is not PlanState.APPROVED:
        state = t("{state}, version {number} counts", state=state, number=plan.approved)
    whole = {kpi.code: lines.get((Subject(DEPARTMENT, plan.department_id), kpi.code)) for kpi in kpis}
    place = company.paths.get(plan.department_id, plan.department_id)
    return {
        "period": period_name(plan.period), "place": _short_place(place),
        "state": state, "people": say.number(len({subject.id for subject, _ in lines if subject.kind == EMPLOYEE})),
        **{code: say.compact(None if amount is None else round(amount / WHOLE)) for code, amount in whole.items()},
        "at": say.moment(plan.updated_at),
    }  # fmt: skip


def _short_place(path: str) -> str:
    """The department itself, then where it is: a narrow column shows its beginning."""
    *above, own = path.split(" / ")
    return f"{own} ({above[-1]})" if above else own


def may_make() -> bool:
    """Whether the person may write any plan."""
    me = person()
    if me.is_viewing_as:
        return False
    with services().database.read() as session:
        return bool(performance.writable(session, me.own_rights))


def new_plan_dialog() -> None:
    """Ask for the period and the department of a new plan."""
    st.dialog(t("New plan"))(_new_plan)()


def _new_plan() -> None:
    me = person().own_rights
    with services().database.read() as session:
        company, writable = staff(session), performance.writable(session, me)
    with_people = frozenset(ask(data.managers))
    places = sorted(
        (each for each in writable if company.inside[each] & with_people),
        key=lambda each: (company.paths[each].count("/"), company.paths[each]),
    )
    kinds = {PeriodKind.MONTH: t("Month"), PeriodKind.QUARTER: t("Quarter")}
    kind = st.segmented_control(
        t("Period"), list(kinds), default=PeriodKind.MONTH, required=True, format_func=kinds.__getitem__, key="new_kind"
    )
    listed = periods(manifest().as_of, PeriodKind(kind or PeriodKind.MONTH), _AHEAD)
    period = st.selectbox(t("Which one"), listed, index=_AHEAD - 1, format_func=period_name, key=f"new_period_{kind}")
    place = st.selectbox(t("Department"), places, format_func=lambda each: company.paths[each], key="new_place")
    if st.button(t("Make the plan"), type="primary", key="new_plan_go", disabled=place is None):
        actions.attempt(lambda: _made(period, str(place)))


def _made(period: Any, place: str) -> str:
    rights = person().own_rights
    action = "edit" if rights.allows(performance.OBJECT, "edit") else "administer"
    with actions.changing(performance.OBJECT, action) as (session, actor, now):
        performance.require_write(session, rights, place)
        made = performance.new_plan(session, period, place, actor, now)
    st.query_params[PARAM] = str(made.plan_id)
    return t("The plan is made: now fill it")
