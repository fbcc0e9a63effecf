"""The messages of a campaign: each step's text on real customers, in every language that it is written in."""

import streamlit as st

from apps.campaign_workspace import flow_said
from apps.campaign_workspace.preview import LANGUAGE_NAMES, samples, shown
from apps.campaign_workspace.words import channel_name
from apps.language import t
from apps.services import services
from apps.ui.layout import card, empty_state, escape
from campaigns.flow import parse
from crm.services.campaigns import templates
from crm.services.campaigns.flow_reading import used
from crm.services.campaigns.values import CampaignInfo
from segments.errors import DefinitionError
from vitrina.errors import UserError


def texts(info: CampaignInfo) -> None:
    """One card a message of the flow."""
    messages = used(info.flow).messages
    st.page_link("app_pages/message_texts.py", label=t("Texts are written here"), icon=":material/chat:")
    if not messages:
        empty_state("chat", t("The flow sends nothing yet"), t("Add a message on the tab of the flow and save it."))
        return
    people = samples(info)
    language = st.segmented_control(
        t("Language of the message"), list(LANGUAGE_NAMES), default="ru", required=True, key="campaign_text_language",
        format_func=LANGUAGE_NAMES.__getitem__, label_visibility="collapsed",
    )  # fmt: skip
    steps = _steps(info)
    for node, channel, key in messages:
        with card(f"{channel_name(channel) or '—'}", steps.get(node), stretch=False):
            _message(channel, key, str(language), people)


def _steps(info: CampaignInfo) -> dict[str, str]:
    try:
        return flow_said.phrases(parse(info.flow or {}), flow_said.choices())
    except DefinitionError:
        return {}


def _message(channel: str, key: str, language: str, people: list[dict[str, object]]) -> None:
    if not key:
        st.caption(t("No text is chosen for this step yet."))
        return
    try:
        with services().database.read() as session:
            info, version = templates.template(session, key), templates.template_version(session, key)
    except UserError:
        st.caption(t("The text {template} is not published.", template=escape(key)))
        return
    st.caption(t("{name}, version {number}", name=escape(info.name), number=version.number))
    text = version.variants.get(language)
    if text is None:
        st.warning(t("It is not written in this language."))
        return
    shown(channel, text, people)
