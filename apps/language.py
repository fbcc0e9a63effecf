"""The language of the session that is being served."""

import streamlit as st

from vitrina.i18n import DEFAULT_LANGUAGE, LANGUAGES, Translator, translator

STATE_KEY, _KEPT = "lang", "_language"
# Written by the sign-in pages, so that the workspace opens in the language of the form.
LANGUAGE_COOKIE = "vitrina_lang"


def speaker() -> Translator:
    """The translator of the current session; a page calls it once at its top."""
    chosen = st.session_state.get(STATE_KEY)
    return translator(chosen if chosen in LANGUAGES else DEFAULT_LANGUAGE)


def t(message: str, **values: object) -> str:
    """Shorthand for a message in the session's language."""
    return speaker().text(message, **values)


def language_switch() -> None:
    """The three-way switch in the sidebar; the choice is kept in the address, so a link opens in its language."""
    if st.session_state.get(STATE_KEY) not in LANGUAGES:
        # Going to another page by a row or a button may drop the switch's own state, and the address with it.
        kept = st.query_params.get(STATE_KEY) or st.session_state.get(_KEPT)
        asked = kept or st.context.cookies.get(LANGUAGE_COOKIE)
        st.session_state[STATE_KEY] = asked if asked in LANGUAGES else DEFAULT_LANGUAGE
    short = {"ru": "РУС", "uz": "OʻZB", "en": "ENG"}
    chosen = st.segmented_control(
        t("Language"),
        list(LANGUAGES),
        format_func=short.__getitem__,
        key=STATE_KEY,
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    st.session_state[_KEPT] = chosen
    # Not bound to the address by the widget itself, which would write the label there instead of the code.
    if chosen and chosen != DEFAULT_LANGUAGE:
        st.query_params[STATE_KEY] = chosen
    elif STATE_KEY in st.query_params:
        del st.query_params[STATE_KEY]
