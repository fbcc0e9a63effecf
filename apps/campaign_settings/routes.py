"""Routes of approval: which campaigns take which steps."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from apps.campaign_settings.route_form import Form, route_form
from apps.campaign_settings.route_words import condition_words, step_words
from apps.campaign_settings.saving import administered
from apps.campaign_workspace.access import may_administer
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui.layout import escape
from crm.services.campaigns import routes as kept
from crm.services.campaigns.access import roles_that_approve
from crm.services.campaigns.routes import RouteInfo
from crm.services.matrix import matrix
from crm.services.organisation import employees

_OPEN = "_route_open"


def routes() -> None:
    """All routes in their order; for administrators each with a form."""
    with services().database.read() as session:
        found = kept.routes(session)
        roles = {code: role.name(speaker().language) for code, role in matrix(session).roles.items()}
        people = {each.employee_id: each.full_name for each in employees(session)}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(t("The first route that fits a campaign counts. Nobody approves what he wrote himself."))
        if may_administer() and st.button(t("New route"), icon=":material/add:", type="primary", key="route_new"):
            st.session_state[_OPEN] = ""
    if st.session_state.get(_OPEN) == "" and may_administer():
        _edit(None, roles, people)
    for number, each in enumerate(found, 1):
        _route(number, each, roles, people)


def _route(number: int, each: RouteInfo, roles: Mapping[str, str], people: Mapping[str, str]) -> None:
    with st.container(border=True, key=f"route_card_{each.key}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            off = "" if each.is_active else f" :gray-badge[{t('switched off')}]"
            st.markdown(f"**{number}. {escape(each.name)}**{off}", width="content")
            if may_administer() and st.button(t("Change"), icon=":material/edit:", key=f"route_edit_{each.key}"):
                st.session_state[_OPEN] = each.key
        st.markdown(escape(condition_words(each.condition)))
        for place, step in enumerate(each.steps, 1):
            st.caption(f"{place}. {escape(step_words(step, roles, people))}")
        if st.session_state.get(_OPEN) == each.key and may_administer():
            _edit(each, roles, people)


def _edit(each: RouteInfo | None, roles: Mapping[str, str], people: Mapping[str, str]) -> None:
    with services().database.read() as session:
        approving = roles_that_approve(session)
    own = {code: roles[code] for code in sorted(approving, key=lambda code: roles.get(code, code)) if code in roles}
    found = route_form(each, own, people)
    reason = st.text_input(t("Reason"), key="route_reason", max_chars=500, placeholder=t("Why; kept in the audit log"))
    with st.container(horizontal=True, gap="small"):
        if st.button(t("Save route"), type="primary", key="route_save",
                     disabled=not (reason or "").strip() or not found.name.strip()):  # fmt: skip
            attempt(partial(_save, each, found, reason or ""))
        if st.button(t("Leave as it was"), key="route_cancel"):
            st.session_state.pop(_OPEN, None)
            st.rerun()


def _save(each: RouteInfo | None, found: Form, reason: str) -> str:
    more: dict[str, Any] = {"key": each.key, "base": each.revision} if each else {}
    administered(lambda session, actor, now: kept.save_route(
        session, found.name, found.condition, found.steps, actor, now, reason, position=found.position,
        is_active=found.is_active, **more))  # fmt: skip
    st.session_state.pop(_OPEN, None)
    return t("The route is saved")
