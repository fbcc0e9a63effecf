"""Fourth tab: contact persons, the group of companies, and the legal status."""

from typing import Any

import streamlit as st

from apps import identity
from apps.customer_card.header import Profile
from apps.data import customer
from apps.language import speaker, t
from apps.snapshot import reader
from apps.ui import charts, phones, tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state


def relations(customer_id: int, profile: Profile) -> None:
    """People and companies around the customer."""
    left, right = st.columns([6, 5], gap="small")
    with left:
        _links(customer_id, profile)
    with right:
        if identity.person().may("contacts", "view"):
            _contacts(customer_id)
        _legal(profile)


def _links(customer_id: int, profile: Profile) -> None:
    links = customer.links(reader(), customer_id)
    with card(t("Links between organisations"), t("Solid line: formal link; dashed: informal.") if links else None):
        if not links:
            empty_state("hub", t("No links"), t("No formal or informal link with another customer is known."))
            return
        names: dict[int, str] = {customer_id: profile["short_name"] or profile["full_name"]}
        for link in links:
            names |= {link["source"]: link["source_name"], link["target"]: link["target_name"]}
        nodes = [{"id": key, "name": _short(name), "main": key == customer_id} for key, name in names.items()]
        edges = [link | {"label": label("link_type", link["link_type"])} for link in links]
        st.echarts_chart(
            charts.network(nodes, edges), height=380, key="card_links", alt=t("Links between organisations")
        )
        near = {link["source"] for link in links} | {link["target"] for link in links}
        others = {key: names[key] for key in near if key != customer_id}
        chosen = st.selectbox(
            t("Open the card of a linked customer"),
            list(others),
            format_func=others.__getitem__,
            index=None,
            key="card_link_pick",
            placeholder=t("Choose"),
        )
        if chosen is not None:
            st.switch_page("app_pages/customer.py", query_params={"id": str(chosen)})


def _short(name: str | None) -> str:
    text = name or "—"
    return text if len(text) <= 34 else text[:33] + "…"


def _contacts(customer_id: int) -> None:
    rows = customer.contacts(reader(), customer_id).to_pylist()
    with card(t("Contact persons"), stretch=False):
        if not rows:
            empty_state("contacts", t("No contact persons"), t("FORIS holds no contact person of this customer."))
            return
        for row in rows:
            row |= {
                "role": label("contact_role", row["role"]),
                "influence": label("influence", row["decision_influence"]),
                "phone": phones.phone(row["phone"]),
            }
        tables.plain(
            rows,
            {
                "full_name": tables.text(t("Name"), "medium"),
                "role": tables.text(t("Role")),
                "influence": tables.text(t("Influence on decisions")),
                "phone": tables.text(t("Phone")),
                "email": tables.text(t("E-mail")),
                "power_of_attorney_until": tables.day(t("Power of attorney until"), None),
            },
            key="card_contacts",
        )


def _legal(profile: Profile) -> None:
    if profile["customer_type"] != "organisation":
        return
    rows: list[dict[str, Any]] = customer.legal_statuses(reader(), profile["inn"]).to_pylist() if profile["inn"] else []
    with card(t("Legal status by the tax portal"), stretch=False):
        if not rows:
            empty_state("gavel", t("No legal status"), t("The tax portal has not answered for this INN."))
            return
        say = speaker()
        st.caption(
            t("INN {inn}", inn=profile["inn"])
            + " · "
            + t("Director: {name}", name=rows[0]["director_name"] or say.date(None))
        )
        for row in rows:
            row["status"] = label("legal_status", row["legal_status"])
        tables.plain(
            rows,
            {
                "status": tables.text(t("Status"), "medium"),
                "valid_from": tables.day(t("From")),
                "valid_to": tables.day(t("To")),
            },
            key="card_legal",
        )
