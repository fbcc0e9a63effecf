"""The inbox: a page of signals as short cards, several of which can be taken together."""

from typing import Final

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace import bulk, customers
from apps.signal_workspace.access import is_wide, may_decide
from apps.signal_workspace.happened import happened
from apps.signal_workspace.opening import open_signal
from apps.signal_workspace.rules_of import rules_of
from apps.signal_workspace.words import dot
from apps.ui import tables
from apps.ui.layout import empty_state, escape
from crm.services import signals as kept
from crm.services.signals import Filter, SignalInfo, Sort, State
from signals.definition import Rule

PAGE: Final = 15
_HEIGHT: Final = 820


def page_of_signals(wanted: Filter, sort: Sort) -> tuple[list[SignalInfo], int, int]:
    """The signals of the current page, how many there are in all, and which page it is."""
    with services().database.read() as session:
        rights = person().rights
        page = int(st.session_state.get("signals_page") or 1)
        rows, total = kept.inbox(session, rights, wanted, sort=sort, limit=PAGE, offset=(page - 1) * PAGE)
        if not rows and total:
            page = tables.page_of("signals", total, PAGE)
            rows, total = kept.inbox(session, rights, wanted, sort=sort, limit=PAGE, offset=(page - 1) * PAGE)
    return rows, total, page


def listing(rows: list[SignalInfo], total: int, page: int, opened: int | None) -> None:
    """The cards of the page, in a column that scrolls by itself."""
    if not rows:
        empty_state("task_alt", t("Nothing waits here"), t("No signal fits the filters. New ones come with the data."))
        return
    names, rules = customers.names(row.customer_id for row in rows), rules_of(rows)
    several = bulk.switch(rows) if may_decide(person()) else False
    with st.container(height=_HEIGHT, border=False, gap="xsmall", key="signal_list"):
        for row in rows:
            _card(row, names.get(row.customer_id), rules.get((row.rule, row.rule_version)), row.signal_id == opened,
                  several)  # fmt: skip
    tables.pages_control("signals", total, PAGE, page)


def _card(row: SignalInfo, name: str | None, rule: Rule | None, is_opened: bool, several: bool) -> None:
    with st.container(border=True, gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
            if several:
                bulk.tick(row)
            title = escape(name or customers.number(row.customer_id))
            is_new = row.state is State.OPEN
            shown = f"{dot(row.priority)} **{title}**" if is_new else f"{dot(row.priority)} {title}"
            if st.button(shown, key=f"signal_open_{row.signal_id}", type="tertiary", wrap=False,
                         icon=":material/arrow_right:" if is_opened else None):  # fmt: skip
                open_signal(row.signal_id)
                st.rerun()
        st.markdown(escape(happened(row, rule)) or escape(row.rule_name))
        st.markdown(f":gray[:small[{_about(row)}]]")


def _about(row: SignalInfo) -> str:
    say = speaker()
    worth = t("{amount} a month", amount=say.compact_money(row.customer_value))
    parts = [f"**{worth}**", escape(row.rule_name), t("since {date}", date=say.date(row.day))]
    if row.times > 1:
        parts.append(t("worse since {date}", date=say.date(row.last_day)))
    if is_wide(person()):
        parts.append(escape(row.owner_name) or t("nobody has to act"))
    if row.snoozed_until is not None:
        parts.append(t("asleep until {date}", date=say.date(row.snoozed_until)))
    return " · ".join(parts)
