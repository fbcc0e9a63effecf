"""A role of the company's own."""

import streamlit as st

from apps.actions import attempt, changing, reason_field
from apps.administration.role_choice import role_titles
from apps.language import t
from crm.services.matrix import matrix, save_matrix
from crm.services.matrix_changes import RoleAdded


def new_role() -> None:
    """Open the dialogue."""
    st.dialog(t("New role"))(_dialogue)()


def _dialogue() -> None:
    names = role_titles()
    with st.form("new_role", border=False):
        code = st.text_input(t("Code"), max_chars=63, help=t("Small Latin letters, digits and underscores."))
        titles = {
            "ru": st.text_input(t("Name in Russian"), max_chars=100),
            "uz": st.text_input(t("Name in Uzbek"), max_chars=100),
            "en": st.text_input(t("Name in English"), max_chars=100),
        }
        copy_of = st.selectbox(
            t("Begin with the rights of"), [None, *names],
            format_func=lambda known: t("no rights") if known is None else names[known],
        )  # fmt: skip
        reason = reason_field("new_role_reason")
        if st.form_submit_button(t("Make the role"), type="primary"):
            attempt(lambda: _make(code or "", {k: v or code or "" for k, v in titles.items()}, copy_of, reason))


def _make(code: str, titles: dict[str, str], copy_of: str | None, reason: str) -> str:
    with changing("roles") as (session, actor, now):
        base = matrix(session).version
        save_matrix(session, [RoleAdded(code, titles, copy_of)], base, actor, now, reason)
    return t("The role is made.")
