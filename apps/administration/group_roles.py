"""Which group of a directory gives which roles."""

import streamlit as st

from apps import identity
from apps.actions import attempt, changing, reason_field
from apps.administration.role_choice import role_choice, role_titles
from apps.identity import Person
from apps.language import t
from apps.services import services
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state
from crm.errors import CrmError
from crm.services import user_roles
from crm.services.administrators import require_strength
from vitrina.access.rights import Scope

PROVIDERS = ("ldap", "oidc")


def group_roles_card(me: Person) -> None:
    """The table, and a form that sets the roles of one group."""
    with services().database.read() as session:
        known = user_roles.group_mappings(session)
    names = role_titles()
    left, right = st.columns([3, 2], gap="small")
    with left, card(t("Groups and their roles"), t("Counts at the next sign-in of a member.")):
        if not known:
            empty_state("groups", t("No group has a role"), t("Without one nobody signs in through a directory."))
        else:
            groups = dict.fromkeys((each.provider, each.group_name) for each in known)
            tables.plain(
                [
                    {
                        "provider": label("provider", provider), "group": group,
                        "roles": ", ".join(
                            names.get(each.role_code, each.role_code)
                            for each in known
                            if (each.provider, each.group_name) == (provider, group)
                        ),
                    }
                    for provider, group in groups
                ],
                {
                    "provider": tables.text(t("Directory"), 140), "group": tables.text(t("Group"), "large"),
                    "roles": tables.text(t("Roles"), "large"),
                },
            )  # fmt: skip
    if me.rights.scope("users", "administer") is Scope.ALL:
        with right, card(t("Set the roles of a group")), st.form("group_roles", border=False):
            provider = st.selectbox(t("Directory"), PROVIDERS, format_func=lambda code: label("provider", code))
            group = st.text_input(t("Group"), max_chars=400, help=t("The whole name, as the directory writes it."))
            codes = role_choice(t("Roles"), "group_role_codes", frozenset())
            reason = reason_field("group_roles_reason")
            if st.form_submit_button(t("Save"), type="primary"):
                attempt(lambda: _save(provider or "ldap", group or "", codes, reason))


def _save(provider: str, group: str, codes: list[str], reason: str) -> str:
    with changing("users") as (session, actor, now):
        if identity.person().own_rights.scope("users", "administer") is not Scope.ALL:
            raise CrmError("out_of_reach")
        require_strength(session, actor, codes)
        user_roles.set_group_roles(session, provider, group, codes, actor, now, reason)
    return t("The roles of the group are saved.")
