"""A new local account: the password is generated and told once."""

import streamlit as st

from apps import identity
from apps.actions import changing, reason_field, require_employees_in_reach
from apps.administration.role_choice import role_choice
from apps.language import speaker, t
from apps.services import services
from apps.ui.layout import told
from crm.services import accounts, organisation, passwords, user_roles
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
        employee = _employee()
        roles = role_choice(t("Roles"), "new_user_roles", frozenset())
        reason = reason_field("new_user_reason")
        sent = st.form_submit_button(t("Make the account"), type="primary")
    if not sent:
        return
    new = accounts.NewUser(login or "", name or "", email or "", language or "ru")
    try:
        password = _make(new, employee, roles, reason)
    except UserError as error:
        st.error(told(error))
        return
    st.success(t("The account is made. Tell the password once; it is not shown again."))
    st.code(f"{accounts.canonical(new.login)}\n{password}", language=None)


def _employee() -> str | None:
    """Which employee the new user is; an administrator of a part of the company makes accounts of its people alone."""
    with services().database.read() as session:
        staff = {each.employee_id: each.full_name for each in organisation.employees(session) if not each.user_id}
    return st.selectbox(
        t("Which employee this is"), [None, *staff],
        format_func=lambda code: "—" if code is None else f"{staff[code]} ({code})",
    )  # fmt: skip


def _make(new: accounts.NewUser, employee: str | None, roles: list[str], reason: str) -> str:
    options = services().settings.accounts
    password = passwords.generated(max(16, options.password_min_length))
    with changing("users") as (session, actor, now):
        user = accounts.create_user(session, new, password, actor, now, options)
        require_employees_in_reach(identity.person().own_rights, {employee} if employee else {""})
        if employee:
            organisation.link_employees(session, user.user_id, {employee}, actor, now, reason)
        if roles:
            user_roles.set_roles(session, user.user_id, roles, actor, now, reason)
    return password
