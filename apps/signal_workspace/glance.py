"""What stands beside the list while no signal is open: the day at a glance, and for heads who answers what."""

import datetime as dt

import streamlit as st

from apps.identity import person, today
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace.access import is_wide
from apps.ui import tables
from apps.ui.layout import card, empty_state
from crm.services import signals as kept
from crm.services.signals import Figures

_DAYS = 30


def glance(total: int) -> None:
    """How many there are, and what became of those of the last month."""
    if total:
        with st.container(border=True):
            empty_state("left_click", t("Choose a signal"), t("Its evidence, whom to call and the decision open here."))
    with services().database.read() as session:
        now = today(services())
        found = kept.figures(session, person().rights, now - dt.timedelta(days=_DAYS), now)
    if not found:
        return
    _together(found)
    if is_wide(person()) and len(found) > 1:
        _by_manager(found)


def _together(found: list[Figures]) -> None:
    say = speaker()
    raised, reacted = sum(each.raised for each in found), sum(each.reacted for each in found)
    ignored, waiting = sum(each.ignored for each in found), sum(each.open for each in found)
    with card(t("The last {days} days", days=_DAYS), stretch=False), st.grid(4, gap="small", min_column_width=110):
        st.metric(t("Raised"), say.number(raised), border=True)
        st.metric(t("Reacted"), say.number(reacted), border=True)
        st.metric(t("Left alone"), say.number(ignored), border=True)
        st.metric(t("To decide"), say.number(waiting), border=True)


def _by_manager(found: list[Figures]) -> None:
    say = speaker()
    rows = [
        {
            "name": each.employee_name or t("Nobody yet"), "raised": say.number(each.raised),
            "seen": say.number(each.seen), "reacted": say.number(each.reacted), "ignored": say.number(each.ignored),
            "open": say.number(each.open), "hours": say.number(each.median_hours, 1),
        }
        for each in sorted(found, key=lambda each: -each.open)
    ]  # fmt: skip
    with card(t("By manager"), stretch=False):
        tables.plain(
            rows,
            {
                "name": tables.text(t("Manager"), 190), "open": tables.number(t("To decide"), 85),
                "raised": tables.number(t("Raised"), 75), "seen": tables.number(t("Seen"), 75),
                "reacted": tables.number(t("Reacted"), 85), "ignored": tables.number(t("Left alone"), 95),
                "hours": tables.number(t("Hours to decision"), 110),
            },
            key="signals_by_manager",
        )  # fmt: skip
