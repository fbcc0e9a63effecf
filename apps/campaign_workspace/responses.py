"""What people answered: by type, channel and step; and answers that nobody could place, matched here by hand.

`responses(info)` draws the whole tab.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from apps.campaign_workspace import flow_said
from apps.campaign_workspace.access import may_lead
from apps.campaign_workspace.unplanned import unplanned
from apps.campaign_workspace.words import channel_name
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, empty_state
from campaigns.flow import parse
from crm.services.campaigns.values import CampaignInfo
from crm.services.delivery.response_figures import ResponseCount, latest_responses, response_counts
from segments.errors import DefinitionError


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


TYPES: Final = {1: _("Delivered, type"), 2: _("Interest"), 3: _("Conversion, type")}
KINDS: Final[Mapping[str, str]] = {
    "delivered": _("delivered, kind"),
    "read": _("read, kind"),
    "open": _("opened, kind"),
    "click": _("followed a link"),
    "reply": _("answered, kind"),
    "visit": _("visited the own page"),
    "yes": _("said yes on the phone"),
    "button": _("pressed the button"),
    "order": _("ordered, kind"),
    "activation": _("activated a service"),
    "payment": _("paid, kind"),
    "stop": _("asked for no more messages"),
}


def responses(info: CampaignInfo) -> None:
    """Counts, the latest answers, and for those who lead the campaign the unplanned ones."""
    with services().database.read() as session:
        counts = response_counts(session, info.key)
    names = _steps(info)
    if counts:
        _glance(counts)
        _by_step(counts, names)
        _latest(info, names)
    else:
        empty_state(
            "forum",
            t("Nobody has answered yet"),
            t("Deliveries, clicks, replies and purchases stand here as they come in."),
        )
    if may_lead(info):
        unplanned(info, names)


def _steps(info: CampaignInfo) -> dict[str, str]:
    try:
        return flow_said.phrases(parse(info.flow or {}), flow_said.choices())
    except DefinitionError:
        return {}


def kind_said(kind: str) -> str:
    """How somebody responded, in words."""
    return t(KINDS[kind]) if kind in KINDS else kind


def _glance(counts: list[ResponseCount]) -> None:
    by: Counter[int] = Counter()
    for each in counts:
        by[each.type] += each.responses
    number = speaker().number
    with st.container(horizontal=True, gap="small"):
        for type_, label in TYPES.items():
            st.metric(t(label), number(by[type_]), border=True)
        st.metric(
            t("Came too late to count"), number(sum(each.responses - each.counted for each in counts)), border=True
        )
        st.metric(t("Placed by hand"), number(sum(each.by_hand for each in counts)), border=True)


def _by_step(counts: list[ResponseCount], names: Mapping[str, str]) -> None:
    number = speaker().number
    rows = [
        {
            "type": t(TYPES[each.type]),
            "kind": kind_said(each.kind),
            "channel": channel_name(each.channel) or "—",
            "step": names.get(each.node_id, each.node_id or "—"),
            "responses": number(each.responses),
            "customers": number(each.customers),
        }
        for each in counts
    ]
    columns = {
        "type": tables.text(t("Type"), 140),
        "kind": tables.text(t("How"), 190),
        "channel": tables.text(t("Channel"), 140),
        "step": tables.text(t("Step"), 330),
        "responses": tables.number(t("Responses"), 110),
        "customers": tables.number(t("Customers"), 110),
    }
    with card(t("By type, channel and step"), stretch=False):
        tables.plain(rows, columns, key="responses_counts")


def _latest(info: CampaignInfo, names: Mapping[str, str]) -> None:
    with card(t("The latest"), stretch=False):
        type_ = st.pills(
            t("Type"),
            list(TYPES),
            format_func=lambda each: t(TYPES[each]),
            default=2,
            key="responses_type",
            label_visibility="collapsed",
        )
        with services().database.read() as session:
            found = latest_responses(session, info.key, type_)
        if not found:
            st.caption(t("None of this type."))
            return
        say = speaker()
        rows: list[dict[str, Any]] = [
            {
                "at": say.moment(each.at),
                "kind": kind_said(each.kind),
                "channel": channel_name(each.channel),
                "step": names.get(each.node_id or "", "—"),
                "text": each.text,
                "value": say.number(each.value),
                "customer": each.customer_id,
            }
            for each in found
        ]
        columns = {
            "at": tables.text(t("When"), 140),
            "kind": tables.text(t("How"), 170),
            "channel": tables.text(t("Channel"), 120),
            "step": tables.text(t("Step"), 240),
            "text": tables.text(t("What was written"), 260),
            "value": tables.number(t("Sum, soʻm"), 100),
        }
        picked = tables.selectable(rows, columns, key=f"responses_latest_{type_}", height=420)
        if picked is not None and rows[picked]["customer"] is not None:
            st.switch_page("app_pages/customer.py", query_params={"id": str(rows[picked]["customer"])})
