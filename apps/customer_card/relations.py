"""Contacts and links: the group of companies as a graph, the companies in it, contact persons, the legal status."""

from typing import Any, Final

import streamlit as st

from apps import identity
from apps.customer_card.header import Profile
from apps.data import customer, groups
from apps.data.groups import Group
from apps.language import speaker, t
from apps.snapshot import reader
from apps.ui import charts, phones, tables
from apps.ui.customer_list import CARD_PAGE
from apps.ui.labels import label
from apps.ui.layout import card, empty_state

_PLAIN: Final = "#5a8fd0"


def relations(customer_id: int, profile: Profile) -> None:
    """People and companies around the customer."""
    _group(customer_id, profile)
    left, right = st.columns([2, 1], gap="small")
    with left:
        if identity.person().may("contacts", "view"):
            _contacts(customer_id)
    with right:
        _legal(profile)


def _group(customer_id: int, profile: Profile) -> None:
    found = groups.group(reader(), profile)
    told = t("Solid line: formal link; dashed: informal. Select a company to open its card.") if found.links else None
    with card(t("Group structure"), told, stretch=False):
        if not found.links:
            if found.hidden_formal or found.hidden_informal or found.hidden_members:
                told = t("The companies linked with this one are not yours to see.")
                empty_state("hub", t("No links of yours"), told)
                _hidden(found)
            else:
                empty_state("hub", t("No links"), t("No formal or informal link with another customer is known."))
            return
        left, right = st.columns([4, 7], gap="medium")
        with left:
            state = st.echarts_chart(
                _graph(found, customer_id), height=330, key=f"card_group_{customer_id}", on_select="rerun",
                alt=t("Group structure"),
            )  # fmt: skip
        with right:
            _companies(found, customer_id)
            st.caption(t("Red: overdue debt or a legal status that warns; grey: has left."))
            _hidden(found)
        for chosen in state.selection.selected:
            _open(found.nodes, chosen["data_indices"], customer_id)


def _open(nodes: list[dict[str, Any]], places: list[int], customer_id: int) -> None:
    for place in places:
        if place < len(nodes) and nodes[place]["customer_id"] != customer_id:
            st.switch_page(CARD_PAGE, query_params={"id": str(nodes[place]["customer_id"])})


def _graph(found: Group, customer_id: int) -> charts.Option:
    nodes = [
        {
            "id": node["customer_id"], "name": _short(node["name"]), "main": node["customer_id"] == customer_id,
            "color": _color(node, node["customer_id"] == customer_id),
        }
        for node in found.nodes
    ]  # fmt: skip
    shown = {node["customer_id"] for node in found.nodes}
    edges = [
        link | {"label": label("link_type", link["link_type"])}
        for link in found.links
        if {link["source"], link["target"]} <= shown
    ]
    return charts.network(nodes, edges)


def _color(node: dict[str, Any], is_main: bool) -> str:
    if node["lifecycle_status"] == "left":
        return charts.MUTED
    if node["legal_status"] not in (None, "active") or (node["debt_overdue_amount"] or 0) > 0:
        return charts.BAD
    return charts.PRIMARY if is_main else _PLAIN


def _short(name: str | None) -> str:
    text = name or "—"
    return text if len(text) <= 34 else text[:33] + "…"


def _hidden(found: Group) -> None:
    """How many companies are linked that are not this person's to see."""
    say = speaker()
    told = []
    if found.hidden_formal or found.hidden_members:
        told.append(
            say.plural(
                "{count} formally linked company is served by others.",
                "{count} formally linked companies are served by others.",
                max(found.hidden_formal, found.hidden_members),
            )
        )
    if found.hidden_informal:
        told.append(
            say.plural(
                "{count} informally linked customer is served by others.",
                "{count} informally linked customers are served by others.",
                found.hidden_informal,
            )
        )
    if told:
        st.caption(":material/visibility_off: " + " ".join(told))


def _companies(found: Group, customer_id: int) -> None:
    say, others = speaker(), [node for node in found.nodes if node["customer_id"] != customer_id]
    kinds: dict[int, str] = {}
    for link in found.links:
        if customer_id in (link["source"], link["target"]):
            other = link["target"] if link["source"] == customer_id else link["source"]
            kinds.setdefault(other, label("link_type", _seen_from_here(link, customer_id)))
    rows = [
        {
            "name": node["name"], "link": kinds.get(node["customer_id"], t("through another")),
            "numbers": say.number(node["subscriptions_active_count"]), "arpu": say.number(node["arpu_3m"]),
            "overdue": say.number(node["debt_overdue_amount"] or None), "manager": node["manager_name"] or "—",
        }
        for node in others
    ]  # fmt: skip
    picked = tables.selectable(
        rows,
        {
            "name": tables.text(t("Name"), 165), "link": tables.text(t("Link"), 150),
            "numbers": tables.number(t("Numbers"), 70), "arpu": tables.number(t("Average charges, soʻm"), 105),
            "overdue": tables.number(t("Overdue, soʻm"), 105), "manager": tables.text(t("Manager"), 150),
        },
        key=f"card_companies_{customer_id}", height=320,
    )  # fmt: skip
    if picked is not None:
        st.switch_page(CARD_PAGE, query_params={"id": str(others[picked]["customer_id"])})


def _seen_from_here(link: dict[str, Any], customer_id: int) -> str:
    """What the other company is to this one: the parent of a subsidiary, and the other way round."""
    kind = str(link["link_type"])
    if kind == "parent_of" and link["source"] == customer_id:
        return "subsidiary_of"
    return kind


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
                "full_name": tables.text(t("Name"), 170),
                "role": tables.text(t("Role"), 80),
                "influence": tables.text(t("Influence on decisions"), 140),
                "phone": tables.text(t("Phone"), 130),
                "email": tables.text(t("E-mail"), 150),
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
