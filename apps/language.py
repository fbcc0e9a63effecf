"""The language of the session that is being served."""

import streamlit as st

from vitrina.i18n import DEFAULT_LANGUAGE, LANGUAGES, Translator, translator

STATE_KEY = "lang"


def speaker() -> Translator:
    """The translator of the current session; a page calls it once at its top."""
    chosen = st.session_state.get(STATE_KEY)
    return translator(chosen if chosen in LANGUAGES else DEFAULT_LANGUAGE)


def t(message: str, **values: object) -> str:
    """Shorthand for a message in the session's language."""
    return speaker().text(message, **values)


def language_switch() -> None:
    """The three-way switch in the sidebar; the choice is kept in the address, so a link opens in its language."""
    short = {"ru": "РУС", "uz": "OʻZB", "en": "ENG"}
    st.segmented_control(
        t("Language"),
        list(LANGUAGES),
        format_func=short.__getitem__,
        key=STATE_KEY,
        default=DEFAULT_LANGUAGE,
        required=True,
        label_visibility="collapsed",
        bind="query-params",
        width="stretch",
    )
