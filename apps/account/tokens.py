"""Personal tokens for API clients: made here, shown once, revoked here."""

import datetime as dt

import streamlit as st

from apps.actions import attempt, changing
from apps.identity import Person
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.labels import LABELS, label
from apps.ui.layout import card, empty_state
from crm.services import tokens

_FRESH = "_fresh_token"


def tokens_tab(person: Person) -> None:
    """The tokens there are, and a form for a new one."""
    if not person.may("api", "query"):
        empty_state("key_off", t("No API for your role"), t("Tokens need the right to use the API."))
        return
    left, right = st.columns([5, 2], gap="small")
    with left:
        _list(person)
    with right:
        _new()
        st.link_button(t("What the API can do"), "/api/docs", icon=":material/menu_book:", type="tertiary")


def _list(person: Person) -> None:
    say, now = speaker(), services().now()
    with services().database.read() as session:
        known = tokens.tokens_of(session, person.user_id)
    with card(t("API tokens"), t("A client sends a token as “Authorization: Bearer …”. Select one to revoke it.")):
        if fresh := st.session_state.pop(_FRESH, None):
            st.success(t("Copy the token now: it is not shown again."))
            st.code(fresh, language=None, wrap_lines=True)
        if not known:
            empty_state("key", t("No tokens"), t("Programs that use the API sign in with a token of yours."))
            return
        picked = tables.selectable(
            [
                {
                    "name": info.name, "prefix": f"{info.prefix}…",
                    "scopes": ", ".join(sorted(label("token_scope", scope) for scope in info.scopes)),
                    "until": say.date(info.expires_at), "used": say.moment(info.last_used_at),
                    "state": _state(info, now),
                }
                for info in known
            ],
            {
                "name": tables.text(t("Name"), "medium"), "prefix": tables.text(t("Begins with"), 130),
                "scopes": tables.text(t("May use"), "medium"), "until": tables.text(t("Valid until"), 100),
                "used": tables.text(t("Last used"), 140), "state": tables.text(t("State"), 100),
            },
            key="tokens",
        )  # fmt: skip
        chosen = known[picked] if picked is not None else None
        if chosen is None or _state(chosen, now) != t("in force"):
            return
        if st.button(t("Revoke"), type="primary", key="token_revoke"):
            attempt(lambda: _revoke(person, chosen.token_id))


def _state(info: tokens.TokenInfo, now: dt.datetime) -> str:
    if info.revoked_at is not None:
        return t("revoked")
    return t("in force") if info.expires_at > now else t("expired")


def _new() -> None:
    with card(t("New token")), st.form("token_form", border=False, clear_on_submit=True):
        name = st.text_input(t("Name"), max_chars=100, placeholder=t("Which program uses it"))
        scopes = st.multiselect(
            t("May use"), list(LABELS["token_scope"]), format_func=lambda code: label("token_scope", code)
        )
        days = st.number_input(
            t("Days"), min_value=1, max_value=services().settings.accounts.token_longest_days, value=90
        )
        if st.form_submit_button(t("Make the token"), type="primary"):
            attempt(lambda: _make(name or "", scopes, int(days)))


def _make(name: str, scopes: list[str], days: int) -> str:
    with changing("api", "query") as (session, actor, now):
        until = now + dt.timedelta(days=days)
        token, _info = tokens.create_token(session, name, scopes, until, actor, now, services().settings.accounts)
    st.session_state[_FRESH] = token
    return t("The token is made.")


def _revoke(person: Person, token_id: int) -> str:
    with changing() as (session, actor, now):
        tokens.revoke_token(session, token_id, person.user_id, actor, now)
    return t("The token is revoked.")
