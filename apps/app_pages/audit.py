"""The audit log: search, details of an entry, the check of the chain, and the export."""

import streamlit as st

from apps import identity
from apps.actions import tell_done
from apps.administration.audit_chain import chain_card
from apps.administration.audit_search import entry_card, filters, results
from apps.language import t
from apps.ui.layout import page_header

me = identity.person()
page_header(t("Audit log"), t("Sign-ins, refusals, changes of rights and accounts, and every look at personal data"))
tell_done()
wanted = filters()
left, right = st.columns([3, 1], gap="small")
with left:
    entry = results(wanted)
with right:
    chain_card(me, wanted)
    if entry is not None:
        entry_card(entry)
