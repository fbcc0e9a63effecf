"""Users: who may sign in, with which roles, as which employee."""

import streamlit as st

from apps import identity
from apps.actions import tell_done
from apps.administration.group_roles import group_roles_card
from apps.administration.new_user import new_user
from apps.administration.one_user import one_user
from apps.administration.user_list import user_list
from apps.language import t
from apps.ui.layout import empty_state, page_header

me = identity.person()
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    with st.container(width="content"):
        page_header(t("Users"), t("Who may sign in, with which roles, as which employee"))
    if me.may("users", "administer") and st.button(t("New user"), icon=":material/person_add:", type="primary"):
        new_user()
tell_done()
accounts_tab, groups_tab = st.tabs([t("Accounts"), t("Groups of directories")], key="users_tab", on_change="rerun")
if accounts_tab.open:
    with accounts_tab:
        chosen = user_list()
        if chosen is None:
            empty_state("person", t("No user selected"), t("Select a row to see and change the account."))
        else:
            one_user(me, chosen)
if groups_tab.open:
    with groups_tab:
        group_roles_card(me)
