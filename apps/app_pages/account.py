"""My account: what I may do, my password, my API tokens, where I am signed in."""

import streamlit as st

from apps import identity
from apps.account.password import password_tab
from apps.account.rights import rights_tab
from apps.account.sessions import sessions_tab
from apps.account.tokens import tokens_tab
from apps.actions import tell_done
from apps.language import t
from apps.ui.layout import escape, page_header
from apps.ui.whoami import role_names

me = identity.person()
page_header(
    t("My account"), " · ".join([escape(me.own_rights.display_name), me.login, *role_names(me.own_rights.roles)])
)
tell_done()
sections = {
    t("My rights"): rights_tab,
    t("API tokens"): tokens_tab,
    t("Where I am signed in"): sessions_tab,
    t("Password"): password_tab,
}
for tab, draw in zip(st.tabs(list(sections), key="account_tab", on_change="rerun"), sections.values(), strict=True):
    if tab.open:
        with tab:
            draw(me)
