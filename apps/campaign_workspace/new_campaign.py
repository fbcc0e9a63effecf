"""The dialog in which a campaign begins: a name, its kind, and a flow to start from."""

import streamlit as st

from apps.actions import changing
from apps.campaign_workspace.register import PAGE
from apps.campaign_workspace.words import kind_name
from apps.identity import person
from apps.language import speaker, t
from apps.ui.layout import told
from campaigns.flow.templates import template, templates
from crm.services.campaigns import writing
from crm.services.campaigns.values import CampaignInfo, Kind
from vitrina.errors import UserError


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


_HINTS = {
    "targeted": _("To a chosen segment, each customer with messages of his own."),
    "trigger": _("Whenever a customer comes to fulfil a condition or reaches a limit."),
    "mass": _("To everybody, by TV, radio, outdoor and digital advertising; planned with an agency."),
}


def new_campaign_dialog() -> None:
    """Ask, create, open."""

    @st.dialog(t("New campaign"), width="large")
    def asked() -> None:
        name = st.text_input(t("Name"), key="new_campaign_name", max_chars=200,
                             placeholder=t("For example: Data bundle for those who stopped using it"))  # fmt: skip
        kind = st.radio(
            t("Kind"), [each.value for each in Kind], key="new_campaign_kind", format_func=kind_name,
            captions=[t(_HINTS[each.value]) for each in Kind],
        )  # fmt: skip
        flow = None
        if kind != Kind.MASS:
            known = {each.key: each for each in templates()}
            flow = st.selectbox(
                t("Flow to begin with"), list(known), index=None, key="new_campaign_flow",
                format_func=lambda key: t(known[key].name), placeholder=t("An empty flow"),
            )  # fmt: skip
            st.caption(t(known[flow].description) if flow else t("Everything of it can be changed later."))
        if st.button(t("Create"), type="primary", icon=":material/add:", key="new_campaign_create",
                     disabled=not (name or "").strip()):  # fmt: skip
            try:
                made = _created(name or "", str(kind), flow)
            except UserError as error:
                st.error(told(error))
                return
            st.switch_page(PAGE, query_params={"key": made.key})

    asked()


def _created(name: str, kind: str, flow: str | None) -> CampaignInfo:
    document = template(flow).document(speaker().text) if flow else None
    if document is None and kind != Kind.MASS:
        begin = {"id": "audience", "kind": "audience", "position": {"x": 0, "y": 0}, "data": {}}
        document = {"version": 1, "nodes": [begin], "edges": []}
    with changing("campaigns", "edit") as (session, actor, now):
        return writing.create_campaign(
            session, name.strip(), kind, actor, now, flow=document, responsible_login=person().login
        )  # fmt: skip
