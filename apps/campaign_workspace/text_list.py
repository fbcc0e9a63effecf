"""The list of message texts, and the dialog in which one begins."""

from typing import Any, Final

import streamlit as st

from apps.actions import changing
from apps.campaign_workspace.preview import LANGUAGE_NAMES
from apps.campaign_workspace.words import channel_name
from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.layout import empty_state, told
from crm import campaign_messages as said
from crm.services.campaigns import access, templates
from crm.services.campaigns.templates import TemplateInfo
from crm.services.campaigns.values import Category
from vitrina.errors import UserError

PAGE: Final = "app_pages/message_texts.py"
CHANNELS: Final = ("sms", "email", "telegram", "push")


def text_list() -> None:
    """Pills of channels, a search, the table; a row opens its text."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text = st.text_input(t("Search"), key="texts_text", type="search", max_chars=100, width=280,
                             label_visibility="collapsed", placeholder=t("Name or key of a text"))  # fmt: skip
        channel = st.pills(t("Channel"), CHANNELS, key="texts_channel", format_func=channel_name,
                           label_visibility="collapsed")  # fmt: skip
        archived = st.checkbox(t("Archive"), key="texts_archive")
    with services().database.read() as session:
        found = templates.templates(session, channel=channel or "", text=text or "", archived=archived)
    if not found:
        empty_state("chat", t("No text fits"), t("Write one with the button above, or loosen the filters."))
        return
    columns = {
        "name": tables.text(t("Text"), 330), "channel": tables.text(t("Channel"), 130),
        "category": tables.text(t("Kind of messages"), 190), "languages": tables.text(t("Languages"), 210),
        "state": tables.text(t("State"), 230), "changed": tables.text(t("Last changed"), 200),
    }  # fmt: skip
    picked = tables.selectable([_line(each) for each in found], columns, key="message_texts", height=640)
    if picked is not None:
        st.switch_page(PAGE, query_params={"key": found[picked].key})


def _line(each: TemplateInfo) -> dict[str, Any]:
    return {
        "name": each.name, "channel": channel_name(each.channel), "category": t(said.CATEGORIES[each.category.value]),
        "languages": ", ".join(LANGUAGE_NAMES[code] for code in LANGUAGE_NAMES if code in each.variants),
        "state": state(each), "changed": f"{speaker().date(each.updated_at)} · {each.updated_by}",
    }  # fmt: skip


def state(each: TemplateInfo) -> str:
    """Which version counts, and whether another is being written."""
    if each.is_archived:
        return t("in the archive")
    if each.published is None:
        return t("draft, not published yet")
    told_ = t("version {number} counts", number=each.published)
    return told_ + (t(", draft begun") if each.state == templates.DRAFT else "")


def new_text_dialog() -> None:
    """Ask for name, channel and kind; the form opens with the new text."""

    @st.dialog(t("New text"))
    def asked() -> None:
        name = st.text_input(t("Name"), key="new_text_name", max_chars=200)
        channel = st.segmented_control(t("Channel"), CHANNELS, default="sms", required=True, key="new_text_channel",
                                       format_func=channel_name)  # fmt: skip
        category = st.selectbox(t("Kind of messages"), [each.value for each in Category], key="new_text_category",
                                format_func=lambda code: t(said.CATEGORIES[code]))  # fmt: skip
        text = st.text_area(f"{t('Text')} · {LANGUAGE_NAMES['ru']}", key="new_text_text", max_chars=1500, height=110,
                            placeholder=t("The other languages follow in the form"))  # fmt: skip
        subject = st.text_input(t("Subject"), key="new_text_subject", max_chars=300) if channel == "email" else ""
        if st.button(t("Create"), type="primary", key="new_text_create",
                     disabled=not ((name or "").strip() and (text or "").strip())):  # fmt: skip
            variant = {"text": text or "", **({"subject": subject} if subject else {})}
            try:
                with changing("campaigns", "edit") as (session, actor, now):
                    access.require_templates(person().own_rights)
                    made = templates.create_template(
                        session, name or "", str(channel), {"ru": variant}, actor, now, category=str(category)
                    )  # fmt: skip
            except UserError as error:
                problems = getattr(error, "problems", ())
                st.error(" ".join(t(each.message, **each.values) for each in problems) or told(error))
                return
            st.switch_page(PAGE, query_params={"key": made.key})

    asked()
