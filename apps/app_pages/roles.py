"""Roles and rights: the matrix of objects, actions and scopes with the column classes, and its versions."""

import streamlit as st

from apps import identity
from apps.actions import tell_done
from apps.administration.matrix_editor import matrix_editor
from apps.administration.matrix_versions import matrix_versions
from apps.administration.new_role import new_role
from apps.language import t
from apps.ui.layout import page_header

me = identity.person()
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    with st.container(width="content"):
        page_header(
            t("Roles and rights"), t("Who may do what, how far it reaches, and how protected columns are shown")
        )
    if me.may("roles", "administer") and st.button(t("New role"), icon=":material/add:"):
        new_role()
tell_done()
sections = {t("Matrix"): matrix_editor, t("Versions"): matrix_versions}
for tab, draw in zip(st.tabs(list(sections), key="roles_tab", on_change="rerun"), sections.values(), strict=True):
    if tab.open:
        with tab:
            draw(me)
