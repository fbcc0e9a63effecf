"""Rules of signals: what is watched, by whose rule, how it is answered; a new one from a template or from nothing."""

import streamlit as st

from apps.actions import tell_done
from apps.identity import person
from apps.language import t
from apps.rule_workspace.gallery import gallery_dialog
from apps.rule_workspace.register import register
from apps.ui.layout import page_header

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    with st.container(width="stretch"):
        page_header(t("Signal rules"), t("What the system watches, and whom it tells"))
    may_make = person().own_rights.allows("signal_rules", "edit") and not person().is_viewing_as
    if may_make and st.button(t("New rule"), icon=":material/add:", type="primary", key="rule_new"):
        gallery_dialog()
tell_done()
register()
