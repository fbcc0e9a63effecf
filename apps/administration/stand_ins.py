"""Who works for whom on leave."""

import datetime as dt

import streamlit as st

from apps import identity
from apps.actions import attempt, changing_department, reason_field
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, empty_state
from crm.services import organisation
from crm.services import stand_ins as service
from crm.services.reach import require_department_in_reach
from crm.services.stand_ins import StandInInfo


def stand_ins_tab() -> None:
    """All stand-ins, and a form for a new one."""
    with services().database.read() as session:
        known = service.stand_ins(session)
        names = {each.employee_id: each.full_name for each in organisation.employees(session)}
    left, right = st.columns([3, 2], gap="small")
    with (
        left,
        card(t("Stand-ins"), t("From the first day to the last the substitute also sees the colleague's customers.")),
    ):
        _list(known, names)
    with right:
        _add(names)


def _state(each: StandInInfo, today: dt.date) -> str:
    if each.cancelled_at is not None:
        return t("cancelled")
    if each.first_day > today:
        return t("later")
    return t("in force") if each.last_day >= today else t("past")


def _list(known: list[StandInInfo], names: dict[str, str]) -> None:
    say, today = speaker(), identity.today(services())
    if not known:
        empty_state("event_busy", t("No stand-ins"), t("Nobody stands in for anybody."))
        return
    picked = tables.selectable(
        [
            {
                "absent": names.get(each.absent_id, each.absent_id),
                "substitute": names.get(each.substitute_id, each.substitute_id),
                "from": say.date(each.first_day), "to": say.date(each.last_day), "state": _state(each, today),
                "reason": each.reason,
            }
            for each in known
        ],
        {
            "absent": tables.text(t("Absent"), "medium"), "substitute": tables.text(t("Stands in"), "medium"),
            "from": tables.text(t("From"), 95), "to": tables.text(t("To"), 95), "state": tables.text(t("State"), 95),
            "reason": tables.text(t("Reason"), "medium"),
        },
        key="stand_ins",
        height=16 * tables.ROW_HEIGHT,
    )  # fmt: skip
    chosen = known[picked] if picked is not None else None
    if chosen is not None and chosen.cancelled_at is None and chosen.last_day >= today:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            reason = reason_field("stand_in_cancel_reason")
            if st.button(t("End this stand-in"), key="stand_in_cancel"):
                attempt(lambda: _cancel(chosen, reason))


def _add(names: dict[str, str]) -> None:
    today = identity.today(services())

    def titled(code: str) -> str:
        return f"{names[code]} ({code})"

    with card(t("New stand-in"), stretch=False), st.form("stand_in", border=False):
        absent = st.selectbox(t("Absent"), list(names), index=None, format_func=titled, placeholder=t("Choose"))
        substitute = st.selectbox(t("Stands in"), list(names), index=None, format_func=titled, placeholder=t("Choose"))
        first = st.date_input(t("First day"), value=today, format="DD.MM.YYYY")
        last = st.date_input(t("Last day"), value=today + dt.timedelta(days=14), format="DD.MM.YYYY")
        reason = reason_field("stand_in_reason")
        if st.form_submit_button(t("Save"), type="primary"):
            attempt(lambda: _save(absent or "", substitute or "", first, last, reason))


def _save(absent: str, substitute: str, first: dt.date, last: dt.date, reason: str) -> str:
    with changing_department(_home(absent)) as (session, actor, now):
        require_department_in_reach(session, identity.person().own_rights, "edit", _home(substitute))
        service.add_stand_in(session, absent, substitute, first, last, actor, now, reason)
    return t("The stand-in is saved.")


def _home(employee_id: str) -> str | None:
    with services().database.read() as session:
        staff = organisation.employees(session)
    return next((each.department_id for each in staff if each.employee_id == employee_id), None)


def _cancel(stand_in: StandInInfo, reason: str) -> str:
    with changing_department(_home(stand_in.absent_id)) as (session, actor, now):
        service.cancel_stand_in(session, stand_in.stand_in_id, actor, now, reason)
    return t("The stand-in has ended.")
