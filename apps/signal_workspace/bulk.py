"""One decision about several signals: what is ticked, and what is done with all of it."""

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.signal_workspace import deciding
from apps.signal_workspace.access import is_head
from crm.services.signals import SignalInfo


def switch(rows: list[SignalInfo]) -> bool:
    """The line above the list: whether several are to be chosen, and what to do with them."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        several = st.toggle(t("Choose several"), key="signals_several")
        if several and st.button(t("All on this page"), key="signals_all", type="tertiary"):
            for row in rows:
                st.session_state[_key(row.signal_id)] = True
            st.rerun()
    if several:
        ids = ticked(rows)
        if ids:
            _actions(ids)
        else:
            st.caption(t("Tick signals, then choose what to do with all of them."))
    return bool(several)


def tick(row: SignalInfo) -> None:
    """The box of one signal."""
    st.checkbox(t("Choose"), key=_key(row.signal_id), label_visibility="collapsed")


def ticked(rows: list[SignalInfo]) -> list[int]:
    """The signals of the page that are ticked."""
    return [row.signal_id for row in rows if st.session_state.get(_key(row.signal_id))]


def _actions(ids: list[int]) -> None:
    st.caption(speaker().plural("{count} signal chosen", "{count} signals chosen", len(ids)))
    deciding.actions(ids, "several", waiting=True)
    if is_head(person()):
        deciding.reassign(ids, "several")


def _key(signal_id: int) -> str:
    return f"signal_tick_{signal_id}"
