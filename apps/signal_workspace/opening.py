"""Which signal is read. The address carries it, so that it can be sent to a colleague; after a decision the next one of
the list opens by itself."""

from collections.abc import Sequence

import streamlit as st

from crm.services.signals import SignalInfo

PAGE = "app_pages/signals.py"
_PLACE, _ADVANCE = "_signal_place", "_signal_advance"


def opened_id() -> int | None:
    """The signal that the address names."""
    asked = st.query_params.get("signal", "")
    return int(asked) if asked.isdigit() and len(asked) < 18 else None


def open_signal(signal_id: int | None) -> None:
    """Read this one from now on; None closes what was read."""
    if signal_id is None:
        st.query_params.pop("signal", None)
    else:
        st.query_params["signal"] = str(signal_id)


def advance() -> None:
    """The signal that is read was decided on: the next run opens the one that takes its place in the list."""
    if opened_id() is not None:
        st.session_state[_ADVANCE] = True


def settle(rows: Sequence[SignalInfo]) -> int | None:
    """The signal to read on this run, given the page of the list that is shown."""
    ids, opened = [row.signal_id for row in rows], opened_id()
    if st.session_state.pop(_ADVANCE, False) and opened not in ids:
        place = int(st.session_state.get(_PLACE) or 0)
        opened = ids[min(place, len(ids) - 1)] if ids else None
        open_signal(opened)
    if opened in ids:
        st.session_state[_PLACE] = ids.index(opened)
    return opened
