"""Every version of the role matrix, and bringing one back."""

import streamlit as st

from apps.actions import attempt, changing, reason_field
from apps.administration.role_choice import version_reason
from apps.identity import Person
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card
from crm.services.matrix import restore, versions


def matrix_versions(me: Person) -> None:
    """Newest first; an older one can be made to count again, as a new version."""
    say = speaker()
    with services().database.read() as session:
        known = versions(session)
    with card(t("Versions of the matrix"), t("Select an older version to bring it back."), stretch=False):
        picked = tables.selectable(
            [
                {
                    "version": str(each.version), "at": say.moment(each.created_at), "who": each.actor_login,
                    "reason": version_reason(each.reason),
                    "restored": t("as version {version}", version=each.restored_from) if each.restored_from else "",
                }
                for each in known
            ],
            {
                "version": tables.number(t("Version"), 80), "at": tables.text(t("Saved"), 140),
                "who": tables.text(t("Who"), 160), "reason": tables.text(t("Reason"), "large"),
                "restored": tables.text(t("Brought back"), 140),
            },
            key="matrix_versions",
        )  # fmt: skip
        if picked is None or picked == 0 or not me.may("roles", "administer"):
            return
        chosen = known[picked].version
        with st.container(horizontal=True, vertical_alignment="bottom"):
            reason = reason_field("restore_reason")
            if st.button(t("Bring back version {version}", version=chosen), type="primary", key="matrix_restore"):
                attempt(lambda: _restore(chosen, reason))


def _restore(version: int, reason: str) -> str:
    with changing("roles") as (session, actor, now):
        saved = restore(session, version, actor, now, reason)
    return t("Version {version} is saved and counts at once.", version=saved.version)
