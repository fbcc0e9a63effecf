"""The list of accounts, with a search line."""

import streamlit as st

from apps import identity
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import empty_state
from apps.ui.whoami import role_names
from crm.services.accounts import UserInfo, users
from crm.services.reach import users_in_reach


def user_list() -> UserInfo | None:
    """Accounts that match the search; the selected one."""
    say = speaker()
    text = st.text_input(
        t("Search"), key="users_search", live=True, type="search", label_visibility="collapsed", max_chars=100,
        placeholder=t("Login or name"),
    )  # fmt: skip
    with services().database.read() as session:
        reached = users_in_reach(session, identity.person().own_rights, "users", "view")
        found = [user for user in users(session, search=text or "") if reached is None or user.user_id in reached]
    if not found:
        empty_state("person_off", t("Nobody found"), t("Try another part of the login or name."))
        return None
    picked = tables.selectable(
        [
            {
                "login": user.login,
                "name": user.display_name,
                "roles": ", ".join(role_names(user.roles)),
                "provider": label("provider", user.provider),
                "state": t("In force") if user.is_active else t("Switched off"),
                "seen": say.moment(user.last_sign_in_at),
            }
            for user in found
        ],
        {
            "login": tables.text(t("Login"), 180),
            "name": tables.text(t("Full name"), 225),
            "roles": tables.text(t("Roles"), 245),
            "provider": tables.text(t("Kind"), 100),
            "state": tables.text(t("State"), 95),
            "seen": tables.text(t("Last sign-in"), 125),
        },
        key=f"users_{hash(text or '')}",
        height=11 * tables.ROW_HEIGHT,
    )
    return found[picked] if picked is not None else None
