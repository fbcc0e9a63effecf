"""A plan on its way: its state, what the person can do next, and everything that happened to it."""

import streamlit as st

from apps import actions
from apps.identity import person
from apps.language import speaker, t
from apps.performance.planning import PARAM, Desk, changing, forget_edits, state_name
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, escape
from crm.performance_messages import EVENTS
from crm.services import performance
from crm.services.performance import WHOLE, PlanState

_COLORS = {
    PlanState.DRAFT: "gray",
    PlanState.SUBMITTED: "orange",
    PlanState.APPROVED: "green",
    PlanState.RETURNED: "red",
}


def header(desk: Desk) -> None:
    """Title, state, and the way back."""
    newest = desk.plan.newest
    if st.button(t("All plans"), icon=":material/arrow_back:", type="tertiary", key="plan_back"):
        forget_edits()
        st.query_params.pop(PARAM, None)
        st.rerun()
    st.subheader(desk.title, anchor=False)
    told = t("version {number}, written by {people}", number=newest.number, people=", ".join(newest.editors))
    if desk.plan.approved is not None and desk.plan.approved != newest.number:
        told += " · " + t("version {number} counts until then", number=desk.plan.approved)
    color = _COLORS[newest.state]
    st.markdown(f":{color}-badge[{escape(state_name(newest.state))}] :gray[{escape(told)}]")


def next_steps(desk: Desk) -> None:
    """Submit, approve, return: what is possible now for this person."""
    state = desk.plan.newest.state
    if state in (PlanState.DRAFT, PlanState.RETURNED) and desk.may_write and desk.lines:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            comment = st.text_input(t("Comment"), key="submit_comment", max_chars=500, width=420)
            if st.button(t("Submit for approval"), icon=":material/send:", type="primary", key="plan_submit"):
                actions.attempt(lambda: _submitted(desk, comment or ""))
    elif state is PlanState.SUBMITTED and desk.may_approve:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            comment = st.text_input(t("Comment"), key="review_comment", max_chars=500, width=420)
            if st.button(t("Approve"), icon=":material/check:", type="primary", key="plan_approve"):
                actions.attempt(lambda: _approved(desk, comment or ""))
            if st.button(t("Return"), icon=":material/undo:", key="plan_return"):
                actions.attempt(lambda: _returned(desk, comment or ""))
    elif state is PlanState.SUBMITTED:
        mine = person().login in {*desk.plan.newest.editors, desk.plan.newest.submitted_by}
        st.caption(
            t("Who wrote a plan does not approve it: it waits for somebody else.") if mine
            else t("The plan waits for who approves plans.")
        )  # fmt: skip


def history_card(desk: Desk) -> None:
    """Everything that happened, and what each version came to."""
    say = speaker()
    with services().database.read() as session:
        events = performance.plan_events(session, desk.plan.plan_id)
        versions = performance.plan_versions(session, desk.plan.plan_id)
        lines = {each.number: performance.plan_lines(session, desk.plan.plan_id, each.number) for each in versions[:20]}
    with card(t("History"), stretch=False):
        tables.plain(
            [{"at": say.moment(each.at), "version": say.number(each.version), "what": t(EVENTS[each.what]),
              "login": each.login, "comment": each.comment} for each in events],
            {"at": tables.text(t("When"), 140), "version": tables.number(t("Version"), 80),
             "what": tables.text(t("What"), 200), "login": tables.text(t("Who"), 180),
             "comment": tables.text(t("Comment"), 420)},
            key="plan_events",
        )  # fmt: skip
        if len(versions) > 1:
            st.caption(t("What each version plans for the whole"))
            top = performance.Subject(performance.DEPARTMENT, desk.plan.department_id)
            tables.plain(
                [{"version": say.number(each.number), "state": state_name(each.state)}
                 | {code: say.number(_whole(lines.get(each.number, {}).get((top, code)))) for code in desk.kpis}
                 for each in versions],
                {"version": tables.number(t("Version"), 80), "state": tables.text(t("State"), 160),
                 **{code: tables.number(desk.name(code), 140) for code in desk.kpis}},
                key="plan_versions",
            )  # fmt: skip


def _whole(amount: int | None) -> float | None:
    return None if amount is None else amount / WHOLE


def _submitted(desk: Desk, comment: str) -> str:
    changing(desk.plan, lambda session, actor, now: performance.submit(
        session, desk.plan.plan_id, actor, now, comment))  # fmt: skip
    return t("The plan waits for approval")


def _approved(desk: Desk, comment: str) -> str:
    changing(desk.plan, lambda session, actor, now: performance.approve(
        session, desk.plan.plan_id, actor, now, comment), approving=True)  # fmt: skip
    return t("The plan is approved and counts from now on")


def _returned(desk: Desk, comment: str) -> str:
    changing(desk.plan, lambda session, actor, now: performance.return_plan(
        session, desk.plan.plan_id, actor, now, comment), approving=True)  # fmt: skip
    return t("The plan is returned")
