"""The list of campaigns: at which stage each is, whose it is, how long it runs."""

from dataclasses import replace
from typing import Any, Final

import streamlit as st

from apps.campaign_workspace.words import channel_name, channel_names, days, kind_name, stage_name
from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.layout import empty_state
from crm import campaign_messages as said
from crm.services.campaigns import register as kept
from crm.services.campaigns.values import PERSONAL, CampaignInfo, Filter, Kind, Stage

PAGE: Final = "app_pages/campaign.py"
_ROWS: Final = 50
_KEY: Final = "campaigns"
_OVER: Final = (Stage.ANALYSED, Stage.STOPPED)


def register() -> None:
    """The filters and a page of the list; a row opens its campaign."""
    wanted = filters()
    page = tables.page_of(_KEY, 10**9, _ROWS)
    with services().database.read() as session:
        found = kept.campaigns(
            session, person().rights, wanted, now=services().now(), limit=_ROWS, offset=(page - 1) * _ROWS
        )
    if not found.total:
        empty_state("campaign", t("No campaign fits"), t("Begin one with the button above, or loosen the filters."))
        return
    if not found.campaigns:
        tables.first_page(_KEY)
        st.rerun()
    picked = tables.selectable(
        [_line(each) for each in found.campaigns], _columns(), key=f"campaigns_{page}", height=640
    )
    tables.pages_control(_KEY, found.total, _ROWS, page)
    if picked is not None:
        st.switch_page(PAGE, query_params={"key": found.campaigns[picked].key})


def filters() -> Filter:
    """What is asked for: stages with their counts, a text, kind, channel, one's own."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text = st.text_input(
            t("Search"), key="campaigns_text", type="search", max_chars=100, width=260, label_visibility="collapsed",
            placeholder=t("Name, goal or key of a campaign"),
        )  # fmt: skip
        kind = st.selectbox(
            t("Kind"), [each.value for each in Kind], index=None, key="campaigns_kind", width=230,
            format_func=kind_name, placeholder=t("All kinds"), label_visibility="collapsed",
        )  # fmt: skip
        channel = st.selectbox(
            t("Channel"), [*PERSONAL, "tv", "radio", "outdoor", "digital", "press", "office"], index=None,
            key="campaigns_channel", width=210, format_func=channel_name, placeholder=t("All channels"),
            label_visibility="collapsed",
        )  # fmt: skip
        is_mine = st.checkbox(t("Only mine"), key="campaigns_mine")
    wanted = Filter(
        text=text or "", kinds=(Kind(kind),) if kind else (), channels=(channel,) if channel else (),
        mine=person().rights.user_id if is_mine else None,
    )  # fmt: skip
    with services().database.read() as session:
        counts = kept.stage_counts(session, person().rights, wanted, now=services().now())
    picked = st.pills(
        t("Stage"), [each.value for each in Stage if counts[each]], key="campaigns_stage",
        label_visibility="collapsed",
        format_func=lambda code: f"{t(said.STAGES[code])} · {counts[Stage(code)]}",
    )  # fmt: skip
    return replace(wanted, stages=(Stage(picked),) if picked else ())


def _columns() -> dict[str, Any]:
    return {
        "name": tables.text(t("Campaign"), 290),
        "stage": tables.text(t("Stage"), 150),
        "kind": tables.text(t("Kind"), 160),
        "days": tables.text(t("Days of the campaign"), 175),
        "audience": tables.number(t("Customers"), 95),
        "channels": tables.text(t("Channels"), 180),
        "priority": tables.number(t("Priority"), 85),
        "whose": tables.text(t("Responsible"), 170),
    }


def _line(each: CampaignInfo) -> dict[str, Any]:
    stage = stage_name(each.stage)
    if each.is_overdue:
        stage += t(", overdue")
    return {
        "name": each.name,
        "stage": stage,
        "kind": kind_name(each.kind.value),
        "days": days(each.starts_on, each.ends_on),
        "audience": speaker().number(each.audience_size),
        "channels": channel_names(each) or "—",
        "priority": str(each.priority),
        "whose": each.responsible_name or each.owner_name or "—",
    }
