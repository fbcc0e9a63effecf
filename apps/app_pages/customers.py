"""Customer search: by name in any script, phone in any form, INN, PINFL, agreement or account number, id."""

from typing import Any

import streamlit as st

from apps.data import customers
from apps.data.customers import Filter
from apps.data.search import parse
from apps.identity import person
from apps.language import speaker, t
from apps.snapshot import ask, reader
from apps.ui import tables
from apps.ui.customer_list import customer_columns, open_card, readable
from apps.ui.labels import label
from apps.ui.layout import empty_state, page_header


def _choice(title: str, kind: str, codes: list[str], key: str, width: int) -> Any:
    return st.selectbox(
        title,
        [None, *codes],
        key=key,
        width=width,
        persist_state="session",
        format_func=lambda code: t("Any") if code is None else label(kind, code),
    )


def filters() -> Filter:
    """The search line and what narrows it."""
    orders = {
        "charges": t("Charges last month"),
        "debt": t("Debt"),
        "name": t("Name"),
        "newest": t("Newest first"),
    }
    text = st.text_input(
        t("Search"),
        key="q",
        bind="query-params",
        label_visibility="collapsed",
        max_chars=200,
        type="search",
        placeholder=t("Name, phone, INN, PINFL, agreement or account number"),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = _choice(t("Type"), "customer_type", ["person", "organisation"], "find_type", 180)
        segment = _choice(t("Segment"), "segment", ask(customers.values_of, "segment"), "find_segment", 230)
        status = _choice(t("Status"), "lifecycle", ask(customers.values_of, "lifecycle_status"), "find_status", 180)
        order = st.selectbox(t("Order"), list(orders), format_func=orders.__getitem__, key="find_order", width=230)
    query = parse(text or "")
    owners = customers.owners(reader(), person().rights, query)
    return Filter(query, kind, segment, status, order or "charges", owners)


def results(wanted: Filter) -> None:
    """How many were found, and one page of them."""
    total = customers.count(reader(), wanted)
    if not total:
        empty_state(
            "person_off",
            t("Nobody found"),
            t("Check the spelling, try fewer words or only the digits of the phone, and loosen the filters."),
        )
        return
    st.caption(
        speaker().plural(
            "{count} customer. Select a row to open the card.",
            "{count} customers. Select a row to open the card.",
            total,
        )
    )
    picked = tables.paged(
        "find",
        total,
        lambda limit, offset: customers.page(reader(), wanted, limit, offset),
        customer_columns("search"),
        selectable=True,
        prepare=readable,
    )
    open_card(picked)


page_header(t("Customer search"))
chosen = filters()
if st.session_state.get("find_seen") != chosen:
    st.session_state.find_seen = chosen
    tables.first_page("find")
results(chosen)
