"""A new local account: the password is generated and told once."""

import streamlit as st

from apps.actions import changing, reason_field
from apps.administration.role_choice import role_choice
from apps.language import speaker, t
from apps.services import services
from apps.ui.layout import told
from crm.services import accounts, passwords, user_roles
from vitrina.errors import UserError
from vitrina.i18n import LANGUAGES


def new_user() -> None:
    """Open the dialogue; its title is in the reader's language, so it is made when it is opened."""
    st.dialog(t("New user"))(_dialogue)()


def _dialogue() -> None:
    with st.form("new_user", border=False):
        login = st.text_input(t("Login"), max_chars=64)
        name = st.text_input(t("Full name"), max_chars=200)
        email = st.text_input(t("E-mail"), max_chars=254)
        language = st.selectbox(t("Language"), list(LANGUAGES), format_func=LANGUAGES.__getitem__,
                                index=list(LANGUAGES).index(speaker().language))  # fmt: skip
        roles = role_choice(t("Roles"), "new_user_roles", frozenset())
        reason = reason_field("new_user_reason")
        sent = st.form_submit_button(t("Make the account"), type="primary")
    if not sent:
        return
    new = accounts.NewUser(login or "", name or "", email or "", language or "ru")
    try:
        password = _make(new, roles, reason)
    except UserError as error:
        st.error(told(error))
        return
    st.success(t("The account is made. Tell the password once; it is not shown again."))
    st.code(f"{accounts.canonical(new.login)}\n{password}", language=None)


def _make(new: accounts.NewUser, roles: list[str], reason: str) -> str:
    options = services().settings.accounts
    password = passwords.generated(max(16, options.password_min_length))
    with changing("users") as (session, actor, now):
        user = accounts.create_user(session, new, password, actor, now, options)
        if roles:
            user_roles.set_roles(session, user.user_id, roles, actor, now, reason)
    return password
