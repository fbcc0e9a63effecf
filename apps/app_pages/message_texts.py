"""Texts of messages: by channel and language, with versions; how each looks on real customers."""

import streamlit as st

from apps.actions import tell_done
from apps.campaign_workspace.text_form import text_form
from apps.campaign_workspace.text_list import new_text_dialog, text_list
from apps.identity import person
from apps.language import t
from apps.ui.layout import page_header

chosen = st.query_params.get("key")
if chosen:
    st.page_link("app_pages/message_texts.py", label=t("All texts"), icon=":material/arrow_back:")
    tell_done()
    text_form(chosen)
else:
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        with st.container(width="stretch"):
            page_header(t("Message texts"), t("What campaigns say, by channel and language"))
        may_make = person().own_rights.allows("campaigns", "edit") and not person().is_viewing_as
        if may_make and st.button(t("New text"), icon=":material/add:", type="primary", key="text_new"):
            new_text_dialog()
    tell_done()
    text_list()
