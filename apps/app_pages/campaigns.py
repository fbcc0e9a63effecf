"""All campaigns: the register, their calendar; a new one."""

import streamlit as st

from apps.actions import tell_done
from apps.campaign_workspace.calendar import calendar
from apps.campaign_workspace.new_campaign import new_campaign_dialog
from apps.campaign_workspace.register import register
from apps.identity import person
from apps.language import t
from apps.ui.layout import page_header

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    with st.container(width="stretch"):
        page_header(t("Campaigns"), t("From the idea to what it really brought"))
    may_make = person().own_rights.allows("campaigns", "edit") and not person().is_viewing_as
    if may_make and st.button(t("New campaign"), icon=":material/add:", type="primary", key="campaign_new"):
        new_campaign_dialog()
tell_done()
for tab, draw in zip(
    st.tabs([t("Register"), t("Calendar")], key="campaigns_tab", on_change="rerun"), (register, calendar), strict=True
):
    if tab.open:
        with tab:
            draw()
