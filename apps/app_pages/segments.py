"""All segments that the person sees: by folder, tag, owner and words, with their state, size and its curve."""

import streamlit as st

from apps.actions import tell_done
from apps.identity import person
from apps.language import t
from apps.segment_workspace.gallery import gallery_dialog
from apps.segment_workspace.messages import messages_card
from apps.segment_workspace.register import chosen_filter, segment_table
from apps.ui.layout import page_header

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    with st.container(width="stretch"):
        page_header(t("Segments"), t("Audiences by conditions over everything that the mart knows"))
    may_make = person().own_rights.allows("segments", "edit") and not person().is_viewing_as
    if may_make and st.button(t("New segment"), icon=":material/add:", type="primary", key="new_segment"):
        gallery_dialog()
tell_done()
messages_card()
segment_table(chosen_filter())
