"""The list itself: totals of all that is wanted, one page of rows, and what the operational database adds to them."""

import datetime as dt
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from apps.client_list.columns import drawn, open_columns, readable, usual
from apps.client_list.filters import is_wide
from apps.data import clients
from apps.data.clients import Wanted
from apps.identity import Person, person
from apps.language import speaker, t
from apps.services import services
from apps.snapshot import manifest, reader
from apps.ui import tables
from apps.ui.customer_list import open_card
from apps.ui.layout import empty_state
from crm.services import tasks
from crm.services.preferences import keep_preference, preference
from crm.services.signals import waiting_by_customer

_COLUMNS = "clients.columns"
_CURVES = {"data_curve": "data_mb", "voice_curve": "voice_minutes", "charges_curve": "charges"}


def column_choice(me: Person) -> list[str]:
    """The columns that he wants, kept from one sign-in to the next; who looks through another's eyes keeps nothing."""
    known, shared = open_columns(me), services()
    with shared.database.read() as session:
        kept = (preference(session, me.user_id, _COLUMNS) or {}).get("shown")
    first = usual(known, is_wide(me)) if not isinstance(kept, list) else [name for name in known if name in kept]
    with st.popover(t("Columns"), icon=":material/view_column:"):
        picked = st.pills(
            t("Columns"), list(known), selection_mode="multi", default=first, key="clients_columns",
            format_func=lambda name: known[name].title, label_visibility="collapsed", persist_state="session",
            width=420,
        )  # fmt: skip
    if set(picked) != set(first) and not me.is_viewing_as:
        # What his rights do not open now may be open again tomorrow: it stays chosen.
        closed = [name for name in kept or [] if name not in known]
        with shared.database.begin() as session:
            keep_preference(session, me.user_id, _COLUMNS, {"shown": [*picked, *closed]}, me.actor, shared.now())
    return list(picked)


def summary(figures: dict[str, Any]) -> None:
    """What all the clients wanted come to."""
    me, say = person(), speaker()
    with st.grid(5, gap="small", min_column_width=170):
        left = figures["clients"] - figures["staying"]
        gone: dict[str, Any] = {"delta": t("with us {count}, left {left}", count=say.number(figures["staying"]),
                                           left=say.number(left))} if left else {}  # fmt: skip
        st.metric(
            t("Clients"), say.number(figures["clients"]), border=True, height="stretch", delta_color="off",
            delta_arrow="off", **gone,
        )  # fmt: skip
        if me.may("services", "view"):
            change = int(figures["numbers_change"] or 0)
            signed = f"{'+' if change > 0 else '-'}{say.number(abs(change))}"
            told: dict[str, Any] = {"delta": signed, "delta_description": t("in 3 months")} if change else {}
            st.metric(t("Active numbers"), say.number(figures["numbers"]), border=True, height="stretch", **told)
        if me.may("finance", "view"):
            st.metric(t("Charges last month"), say.compact_money(figures["charges"]), border=True, height="stretch")
            st.metric(
                t("Overdue debt"), say.compact_money(figures["overdue"]), border=True, height="stretch",
                help=say.plural("{count} client has it", "{count} clients have it", figures["debtors"]),
            )  # fmt: skip
        st.metric(t("In poor health"), say.number(figures["poor"]), border=True, height="stretch")


def listing(wanted: Wanted, figures: dict[str, Any], shown: list[str]) -> None:
    """One page of the clients; a click on a row opens its card."""
    if not figures["clients"]:
        _nobody(wanted)
        return
    known = open_columns(person())

    def fetch(limit: int, offset: int) -> pa.Table:
        return clients.page(reader(), wanted, limit, offset)

    def prepared(frame: pd.DataFrame) -> pd.DataFrame:
        return _with_tasks(_with_signals(_with_curves(readable(frame), shown), shown), shown)

    picked = tables.paged("clients", figures["clients"], fetch, drawn(known, shown), selectable=True, prepare=prepared)
    open_card(picked)


def _nobody(wanted: Wanted) -> None:
    is_filtered = wanted != Wanted(wanted.parts, order=wanted.order, is_reversed=wanted.is_reversed)
    if is_filtered:
        empty_state("person_off", t("Nobody found"), t("Loosen the filters, or check the spelling of the search."))
    else:
        empty_state("groups", t("No clients"), t("No customer is assigned to you. Your head assigns them in FORIS."))


def _with_curves(frame: pd.DataFrame, shown: list[str]) -> pd.DataFrame:
    wanted = {name: measure for name, measure in _CURVES.items() if name in shown}
    if not wanted:
        return frame
    ids = [int(each) for each in frame["customer_id"]]
    since = manifest().as_of.replace(day=1) - dt.timedelta(days=396)
    found = clients.curves(reader(), ids, since)
    for name, measure in wanted.items():
        frame[name] = [found.get(each, {}).get(measure) for each in ids]
    return frame


def _with_signals(frame: pd.DataFrame, shown: list[str]) -> pd.DataFrame:
    if "signals" not in shown:
        return frame
    ids = [int(each) for each in frame["customer_id"]]
    with services().database.read() as session:
        waiting = waiting_by_customer(session, person().rights, ids)
    frame["signals"] = [str(waiting[each]) if each in waiting else None for each in ids]
    return frame


def _with_tasks(frame: pd.DataFrame, shown: list[str]) -> pd.DataFrame:
    """The open task that is due first, of each client of the page."""
    if "next_task" not in shown:
        return frame
    ids, shared, say = [int(each) for each in frame["customer_id"]], services(), speaker()
    wanted = tasks.TaskFilter(customers=ids)
    with shared.database.read() as session:
        found, _total = tasks.tasks(session, person().rights, shared.now(), wanted, limit=500)
    first: dict[int, str] = {}
    for each in found:
        first.setdefault(int(each.customer_id or 0), f"{say.date(each.due_at)} {each.title}")
    frame["next_task"] = [first.get(each) for each in ids]
    return frame
