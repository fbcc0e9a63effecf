"""Whose usage: a client, a segment, a product, or all whom the person may see."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.data import customer, customers, usage
from apps.data.customers import Filter
from apps.data.search import parse
from apps.data.usage import Subject
from apps.identity import person
from apps.language import speaker, t
from apps.services import services
from apps.snapshot import ask, reader
from apps.ui.labels import label
from crm.services import segments as kept

MOST_FOUND = 30


@dataclass(frozen=True)
class Named:
    """A subject with its name in the reader's words."""

    subject: Subject
    name: str


def kinds() -> dict[str, str]:
    """The kinds of subjects that this person may choose."""
    me, names = person(), {"client": t("Client"), "segment": t("Segment"), "product": t("Product")}
    if not me.may("services", "view"):
        del names["product"]
    return names | {"everybody": t("All of mine")}


def chosen(prefix: str, among: dict[str, str], asked_client: int | None = None) -> Named | None:
    """The choice of a kind and of one of it; None until there is one."""
    names = list(among)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.segmented_control(
            t("Whose usage"), names, default=names[0], required=True, key=f"{prefix}_kind",
            format_func=among.__getitem__, persist_state="session",
        )  # fmt: skip
        return one_of(str(kind or names[0]), prefix, asked_client)


def one_of(kind: str, prefix: str, asked_client: int | None = None) -> Named | None:
    """The choice of one client, segment or product."""
    if kind == "client":
        return _client(prefix, asked_client)
    if kind == "segment":
        return _segment(prefix)
    if kind == "product":
        return _product(prefix)
    return Named(Subject("everybody"), t("All of mine"))


def _client(prefix: str, asked: int | None) -> Named | None:
    text = st.text_input(
        t("Find a client"), key=f"{prefix}_q", type="search", max_chars=200, width=275, persist_state="session",
        placeholder=t("Name, INN or customer number"),
    )  # fmt: skip
    query = parse(text or "")
    found = {}
    if asked is not None and query.is_empty:
        known = customer.profile(reader(), asked)
        if known is not None:
            found[asked] = str(known["short_name"] or known["full_name"] or asked)
    if not found:
        rows = customers.page(reader(), Filter(query, order="charges"), MOST_FOUND, 0).to_pylist()
        found = {row["customer_id"]: str(row["full_name"] or row["customer_id"]) for row in rows}
    if not found:
        st.markdown(f":gray[{t('Nobody found')}]", width="content")
        return None
    picked = st.selectbox(t("Client"), list(found), format_func=lambda each: found.get(each, str(each)),
                          key=f"{prefix}_client_{asked or ''}", width=280)  # fmt: skip
    return Named(Subject("client", str(picked)), found[picked]) if picked in found else None


def _segment(prefix: str) -> Named | None:
    """Built segments that he may see, then the operator's own."""
    with services().database.read() as session:
        named = {each.key: each.name for each in kept.segments(session, person().rights)}
    members = ask(usage.built_segments)
    options: dict[tuple[str, str], str] = {
        ("segment", key): f"{named[key]} · {speaker().number(count)}" for key, count in members.items() if key in named
    }
    options |= {("market", code): label("segment", code) for code in ask(usage.markets)}
    if not options:
        st.markdown(f":gray[{t('No segment has been built yet')}]", width="content")
        return None
    picked = _pick(t("Segment"), options, f"{prefix}_segment", 280)
    return Named(Subject(*picked), options[picked])


def _product(prefix: str) -> Named | None:
    language = speaker().language
    field = {"ru": "product_name", "uz": "product_name_uz", "en": "product_name_en"}[language]
    options = {
        str(row["product_id"]): f"{row[field] or row['product_name']} · {speaker().number(row['numbers'])}"
        for row in ask(usage.products)
    }
    if not options:
        return None
    picked = _pick(t("Product"), options, f"{prefix}_product", 280)
    return Named(Subject("product", picked), options[picked].rsplit(" · ", 1)[0])


def _pick(title: str, options: dict[Any, str], key: str, width: int) -> Any:
    names = list(options)
    picked = st.selectbox(title, names, format_func=options.__getitem__, key=key, width=width, persist_state="session")
    return picked if picked in options else names[0]
