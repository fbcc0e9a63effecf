"""Sessions: everybody who is signed in now, and ending a session at once."""

from functools import partial

import streamlit as st

from apps import identity
from apps.actions import attempt, changing_user, reason_field, tell_done
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, page_header
from crm.services import sessions
from crm.services.accounts import required
from crm.services.reach import users_in_reach
from crm.services.sessions import SessionInfo


def _rows(live: list[SessionInfo], mine: int) -> list[dict[str, str]]:
    say = speaker()
    return [
        {
            "who": info.display_name, "login": info.login, "since": say.moment(info.created_at),
            "seen": say.moment(info.last_seen_at), "until": say.moment(info.expires_at), "address": info.address,
            "mine": t("this one") if info.session_id == mine else "", "agent": info.agent,
        }
        for info in live
    ]  # fmt: skip


def _end(session_id: int, user_id: int, reason: str) -> str:
    with changing_user(user_id, "sessions") as (session, actor, now):
        sessions.revoke(session, session_id, actor, now, required(reason))
    return t("The session has ended.")


def _end_user(user_id: int, reason: str) -> str:
    with changing_user(user_id, "sessions") as (session, actor, now):
        sessions.revoke_user(session, user_id, actor, now, required(reason))
    return t("All sessions of the user have ended.")


me = identity.person()
page_header(t("Sessions"), t("Everybody who is signed in now; a session that is ended closes within seconds"))
tell_done()
shared = services()
with shared.database.read() as db:
    reached = users_in_reach(db, me.own_rights, "sessions", "view")
    live = [
        info
        for info in sessions.live_sessions(db, shared.now(), shared.settings.accounts)
        if reached is None or info.user_id in reached
    ]
with card(speaker().plural("{count} session", "{count} sessions", len(live)), stretch=False):
    picked = tables.selectable(
        _rows(live, me.session_id),
        {
            "who": tables.text(t("Full name"), 190), "login": tables.text(t("Login"), 150),
            "since": tables.text(t("Signed in"), 125), "seen": tables.text(t("Last activity"), 135),
            "until": tables.text(t("Ends at the latest"), 140), "address": tables.text(t("Address"), 100),
            "mine": tables.text("", 50), "agent": tables.text(t("Browser"), 115),
        },
        key="sessions",
        height=16 * tables.ROW_HEIGHT,
    )  # fmt: skip
    chosen = live[picked] if picked is not None else None
    if chosen is not None and me.may("sessions", "administer"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            reason = reason_field("session_reason")
            if st.button(t("End this session"), type="primary", key="session_end"):
                attempt(partial(_end, chosen.session_id, chosen.user_id, reason))
            if st.button(t("End all of this user"), key="session_end_all"):
                attempt(partial(_end_user, chosen.user_id, reason))
