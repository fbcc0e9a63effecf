"""A new password for one's own account."""

import streamlit as st

from apps.actions import attempt, changing
from apps.identity import Person
from apps.language import t
from apps.services import services
from apps.ui.layout import card, empty_state
from crm.services import accounts, sessions


def password_tab(person: Person) -> None:
    """The form; accounts of a directory change their password there."""
    with services().database.read() as session:
        account = accounts.user_by_id(session, person.user_id)
    with st.columns([2, 3])[0], card(t("Password"), stretch=False):
        if account.provider != accounts.LOCAL:
            empty_state("key", t("The password is kept by the directory"), t("Change it where the company does."))
            return
        with st.form("password_form", border=False, clear_on_submit=True):
            present = st.text_input(t("Present password"), type="password", autocomplete="current-password")
            new = st.text_input(t("New password"), type="password", autocomplete="new-password")
            again = st.text_input(t("New password once more"), type="password", autocomplete="new-password")
            sent = st.form_submit_button(t("Change the password"), type="primary")
        if not sent:
            return
        if new != again:
            st.error(t("The two new passwords differ."))
            return
        attempt(lambda: _change(person, present or "", new or ""))


def _change(person: Person, present: str, new: str) -> str:
    with changing() as (session, actor, now):
        accounts.change_password(session, person.user_id, present, new, actor, now, services().settings.accounts)
        sessions.end_all(session, person.user_id, now, "password_changed", but=person.session_id)
    return t("The password is changed; your other sessions have ended.")
