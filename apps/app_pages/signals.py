"""The panel of signals: whom to call, and why; a decision in two clicks. `?signal=` names one, `?rule=` narrows."""

import streamlit as st

from apps.actions import tell_done
from apps.identity import person
from apps.language import t
from apps.services import services
from apps.signal_workspace.access import is_wide
from apps.signal_workspace.filters import chosen
from apps.signal_workspace.glance import glance
from apps.signal_workspace.listing import listing, page_of_signals
from apps.signal_workspace.opened import beside, opened, see
from apps.signal_workspace.opening import settle
from apps.ui.layout import empty_state, page_header
from crm.errors import CrmError
from crm.services import signals as kept
from crm.services.signals import SignalInfo


def read(signal_id: int) -> SignalInfo | None:
    """The signal that is read; None with a word about it when it is not his to see."""
    try:
        with services().database.read() as session:
            return see(kept.signal(session, person().rights, signal_id))
    except CrmError:
        empty_state("search_off", t("No such signal"), t("It is not there, or not shown to you."))
        return None


me = person()
page_header(
    t("Signals"),
    t("What has changed about the customers of your unit, and who acts on it")
    if is_wide(me)
    else t("What has changed about your customers: whom to call, and why"),
)
tell_done()
wanted, sort = chosen()
rows, total, page = page_of_signals(wanted, sort)
chosen_id = settle(rows)
left, right = st.columns([5, 7], gap="medium")
with right:
    shown = read(chosen_id) if chosen_id is not None else None
    if shown is not None:
        opened(shown)
    else:
        glance(total)
with left:
    listing([shown if shown is not None and row.signal_id == shown.signal_id else row for row in rows], total, page,
            chosen_id)  # fmt: skip
if shown is not None:
    with right:
        beside(shown)
