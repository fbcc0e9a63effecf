"""Responses that nobody could place: a person finds the message that each belongs to, among suggestions."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from apps.actions import changing
from apps.campaign_workspace.words import channel_name
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card
from crm.services.campaigns import access, register
from crm.services.campaigns.values import CampaignInfo
from crm.services.delivery import responses as kept
from crm.services.delivery.responses import Suggestion
from crm.services.delivery.values import ResponseInfo
from vitrina.errors import UserError


def unplanned(info: CampaignInfo, names: Mapping[str, str]) -> None:
    """The list of open responses; a row opens the messages that it may belong to."""
    with services().database.read() as session:
        found = kept.waiting(session)
    with card(
        t("Answers without a campaign"),
        t("They came from outside of any flow: a call, a letter, another number."),
        stretch=False,
    ):
        if not found:
            st.caption(t("Every answer has been placed."))
            return
        say = speaker()
        rows: list[dict[str, Any]] = [
            {
                "at": say.moment(each.at),
                "channel": channel_name(each.channel) or each.source,
                "text": each.text,
                "value": say.number(each.value),
            }
            for each in found
        ]
        columns = {
            "at": tables.text(t("When"), 140),
            "channel": tables.text(t("Where"), 160),
            "text": tables.text(t("What was written"), 520),
            "value": tables.number(t("Sum, soʻm"), 110),
        }
        picked = tables.selectable(rows, columns, key="responses_open", height=320)
        if picked is not None:
            _place(info, found[picked], names)


def _place(info: CampaignInfo, response: ResponseInfo, names: Mapping[str, str]) -> None:
    customer = st.number_input(
        t("Customer number, when you know who it was"),
        min_value=1,
        value=response.customer_id,
        step=1,
        key=f"open_customer_{response.response_id}",
        width=320,
    )
    with services().database.read() as session:
        found = kept.suggestions(session, response.response_id, int(customer) if customer else None)
        titles = _titles(session, found)
    own = [each for each in found if each.campaign in titles]
    own.sort(key=lambda each: each.campaign != info.key)
    if not own:
        st.caption(t("No message fits. Name the customer, or put the answer away."))
    for each in own[:5]:
        _suggestion(response, each, titles, names if each.campaign == info.key else {})
    _put_away(response)


def _titles(session: Session, found: list[Suggestion]) -> dict[str, str]:
    """Names of those campaigns that the person may change."""
    rights, titles = person().own_rights, dict[str, str]()
    for key in {each.campaign for each in found}:
        try:
            access.require_edit(session, rights, key)
        except UserError:
            continue
        titles[key] = register.campaign(session, rights, key, services().now()).name
    return titles


def _suggestion(response: ResponseInfo, each: Suggestion, titles: Mapping[str, str], names: Mapping[str, str]) -> None:
    say = speaker()
    why = [t("same address")] if each.same_address else []
    why += [t("within the time that counts")] if each.is_counted else [t("too late to count")]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", border=True):
        st.markdown(
            f"**{titles[each.campaign]}** · {names.get(each.node_id, channel_name(each.channel))} · "
            f"{say.moment(each.contacted_at)}  \n:gray[:small[{', '.join(why)}]]",
            width="content",
        )
        st.page_link(
            "app_pages/customer.py",
            label=t("Customer {number}", number=each.customer_id),
            query_params={"id": str(each.customer_id)},
            width="content",
        )
        if st.button(t("It belongs here"), icon=":material/link:", key=f"open_match_{each.message_id}"):
            attempt(partial(_matched, response.response_id, each))


def _matched(response_id: int, each: Suggestion) -> str:
    with changing("campaigns", "edit") as (session, actor, now):
        access.require_edit(session, person().own_rights, each.campaign)
        kept.match(session, response_id, each.message_id, actor, now)
    return t("The answer has its place")


def _put_away(response: ResponseInfo) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        reason = st.text_input(
            t("Why it belongs to no campaign"), key=f"open_reason_{response.response_id}", max_chars=500
        )
        if st.button(
            t("Put away, response"), icon=":material/archive:", key="open_dismiss", disabled=not (reason or "").strip()
        ):
            attempt(partial(_dismissed, response.response_id, reason or ""))


def _dismissed(response_id: int, reason: str) -> str:
    with changing("campaigns", "edit") as (session, actor, now):
        kept.dismiss(session, response_id, reason, actor, now)
    return t("The answer is put away")
