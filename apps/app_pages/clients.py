"""My clients: a manager's own, a head's whole unit, one page at a time, with what has changed about each."""

import streamlit as st

from apps.client_list.columns import health_in_words
from apps.client_list.filters import chosen, is_wide, order_control
from apps.client_list.listing import column_choice, listing, summary
from apps.client_list.taking import taking
from apps.data import clients
from apps.identity import person
from apps.language import t
from apps.snapshot import reader
from apps.ui import tables
from apps.ui.layout import page_header

me = person()
title, about = (
    (t("Clients"), t("Clients of your unit; select a row to open the card"))
    if is_wide(me)
    else (t("My clients"), t("Clients who are assigned to you; select a row to open the card"))
)
page_header(title, about)
wanted = chosen()
if st.session_state.get("clients_seen") != wanted:
    st.session_state.clients_seen = wanted
    tables.first_page("clients")
figures = clients.totals(reader(), wanted)
summary(figures)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    order_control()
    st.space("stretch")
    shown = column_choice(me)
    with st.popover(t("What is health?"), icon=":material/monitor_heart:", width="content"):
        st.markdown(health_in_words(wanted.parts))
    taking(me, wanted, shown)
listing(wanted, figures, shown)
