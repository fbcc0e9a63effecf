"""Where one is signed in, and ending what one does not recognise."""

import streamlit as st

from apps.actions import attempt, changing
from apps.identity import Person
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card
from crm.services import sessions


def sessions_tab(person: Person) -> None:
    """My live sessions; any but this one can be ended."""
    say, shared = speaker(), services()
    with shared.database.read() as session:
        live = sessions.live_sessions(session, shared.now(), shared.settings.accounts, person.user_id)
    with card(t("Where I am signed in"), t("Select a session to end it."), stretch=False):
        picked = tables.selectable(
            [
                {
                    "since": say.moment(info.created_at), "seen": say.moment(info.last_seen_at),
                    "address": info.address, "agent": info.agent,
                    "here": t("this one") if info.session_id == person.session_id else "",
                }
                for info in live
            ],
            {
                "since": tables.text(t("Signed in"), 140), "seen": tables.text(t("Last activity"), 140),
                "address": tables.text(t("Address"), 130), "here": tables.text("", 90),
                "agent": tables.text(t("Browser"), "large"),
            },
            key="my_sessions",
        )  # fmt: skip
        chosen = live[picked] if picked is not None else None
        if chosen is not None and chosen.session_id == person.session_id:
            st.caption(t("This is the session you are using; sign out to end it."))
        elif chosen is not None and st.button(t("End this session"), type="primary", key="my_session_end"):
            attempt(lambda: _end(chosen.session_id))


def _end(session_id: int) -> str:
    with changing() as (session, actor, now):
        sessions.revoke(session, session_id, actor, now, "own session")
    return t("The session has ended.")
