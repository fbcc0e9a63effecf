"""Notices: what one was told, by kind and priority, and what one wants to be told of."""

import streamlit as st

from apps.actions import tell_done
from apps.identity import person
from apps.language import t
from apps.notice_list.choosing import choosing
from apps.notice_list.listing import listing
from apps.ui.layout import page_header

me = person()
page_header(t("Notices"), t("What you were told, and what you want to be told of"))
tell_done()
sections = {t("Messages"): lambda: listing(me), t("Settings"): lambda: choosing(me)}
for tab, draw in zip(st.tabs(list(sections), key="notices_tab", on_change="rerun"), sections.values(), strict=True):
    if tab.open:
        with tab:
            draw()
