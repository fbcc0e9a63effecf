"""Which clients are shown, and in what order: one's own at first, a head's whole unit."""

from typing import Any, Final

import streamlit as st

from apps.data import clients
from apps.data.client_health import parts_for
from apps.data.clients import BANDS, NOBODY, ORDERS, Wanted
from apps.data.search import parse
from apps.identity import Person, person
from apps.language import t
from apps.snapshot import ask, reader
from apps.ui.labels import label
from vitrina.access.rights import OBJECTS, Scope

# Whose right opens the figures that an order goes by.
_ORDER_SUBJECTS: Final = {
    "charges": "finance", "charges_trend": "finance", "overdue": "finance", "overdue_days": "finance",
    "data_trend": "usage", "voice_trend": "usage", "numbers": "services", "numbers_change": "services",
    "contract_end": "services", "silence": "interactions",
}  # fmt: skip


def is_wide(me: Person) -> bool:
    """Whether he sees more clients than his own: a head's list names managers and can be narrowed to one."""
    return me.rights.scope("customers", "view") not in (None, Scope.OWN)


def subjects(me: Person) -> frozenset[str]:
    """The objects that he may look at."""
    return frozenset(name for name in OBJECTS if me.may(name, "view"))


def order_names() -> dict[str, str]:
    """Orders in the reader's words, those whose figures are open to him."""
    open_to_him = subjects(person())
    names = {
        "charges": t("Charges: largest first"),
        "health": t("Health: poorest first"),
        "overdue": t("Overdue debt: largest first"),
        "overdue_days": t("Days overdue: longest first"),
        "charges_trend": t("Charges: falling first"),
        "data_trend": t("Internet: falling first"),
        "voice_trend": t("Calls: falling first"),
        "numbers": t("Active numbers: most first"),
        "numbers_change": t("Numbers lost: most first"),
        "contract_end": t("Contract end: soonest first"),
        "silence": t("Last contact: longest ago first"),
        "name": t("Name: from A"),
    }
    return {name: names[name] for name in ORDERS if _ORDER_SUBJECTS.get(name, "customers") in open_to_him}


def band_names() -> dict[str, str]:
    """Bands of the health index."""
    return {"poor": t("Poor, under 50"), "watch": t("Needs attention, 50–74"), "good": t("Good, from 75")}


def chosen() -> Wanted:
    """The search line, the filters and the order, as the person has set them."""
    me = person()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            t("Search"), key="clients_q", bind="query-params", max_chars=200, type="search", width=260,
            placeholder=t("Name, INN or customer number"),
        )  # fmt: skip
        managers = _managers(me)
        known = ask(clients.choices)
        region = _one(t("Region"), "region", known["region_code"], "clients_region", 160)
        segment = _one(t("Segment"), "segment", known["segment"], "clients_segment", 160)
        status = _one(t("Status"), "lifecycle", known["lifecycle_status"], "clients_status", 120)
        bands = {None: t("Any")} | band_names()
        band = st.selectbox(
            t("Health"), [None, *BANDS], key="clients_band", width=160, persist_state="session",
            format_func=bands.__getitem__,
        )  # fmt: skip
    order, is_reversed = _set_order()
    parts = parts_for(subjects(me), reader().manifest.tables)
    return Wanted(parts, parse(text or ""), managers, None, region, segment, status, band, order, is_reversed)


def _managers(me: Person) -> tuple[str, ...] | None:
    if not is_wide(me):
        return None
    names = dict(ask(clients.managers)) | {NOBODY: t("Without a manager")}
    picked = st.multiselect(
        t("Manager"), list(names), key="clients_managers", format_func=lambda code: names.get(code, code), width=205,
        placeholder=t("All"), persist_state="session",
    )  # fmt: skip
    return tuple(picked) or None


def order_control() -> None:
    """The order of the list; stands beside the list, below what narrows it."""
    names = order_names()
    st.selectbox(
        t("Order"), list(names), format_func=names.__getitem__, key="clients_order", width=270,
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    st.toggle(t("Reverse"), key="clients_reversed", persist_state="session", help=t("The other way round"))


def _set_order() -> tuple[str, bool]:
    """What the control below says, which is drawn after the list has been counted."""
    order = st.session_state.get("clients_order")
    known = order_names()
    return order if order in known else next(iter(known)), bool(st.session_state.get("clients_reversed"))


def _one(title: str, kind: str, codes: list[str], key: str, width: int) -> Any:
    if len(codes) < 2:
        return None
    names = {None: t("Any")} | {code: label(kind, code) for code in codes}
    return st.selectbox(
        title, list(names), key=key, width=width, persist_state="session", format_func=names.__getitem__
    )  # fmt: skip
