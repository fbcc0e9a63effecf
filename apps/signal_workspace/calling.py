"""Whom to call: contact persons of an organisation, the number of a person, as far as the gate shows them."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from apps.data import customer
from apps.identity import person
from apps.language import t
from apps.snapshot import reader
from apps.ui import phones
from apps.ui.labels import label
from apps.ui.layout import escape

_SHOWN = 3


def calling(customer_id: int, known: Mapping[str, Any]) -> None:
    """A line a person, those who decide first."""
    lines = list(_lines(customer_id, known))
    if lines:
        st.markdown("  \n".join(lines))


def _lines(customer_id: int, known: Mapping[str, Any]) -> list[str]:
    if person().may("contacts", "view"):
        found = customer.contacts(reader(), customer_id).to_pylist()
        lines = [line for row in found if (line := _contact(row))]
        if lines:
            more = len(lines) - _SHOWN
            rest = [f":gray[:small[{t('and {count} more on the card', count=more)}]]"] if more > 0 else []
            return [*lines[:_SHOWN], *rest]
    number = _own_number(customer_id)
    if number:
        return [f":material/call: **{escape(number)}**"]
    return [f":gray[:small[{t('No contact is shown to you; see the card.')}]]"]


def _contact(row: Mapping[str, Any]) -> str:
    number = phones.phone(row["phone"]) if row["phone"] else ""
    if not number and not row["email"]:
        return ""
    role = label("contact_role", row["role"]) if row["role"] else ""
    told = [f"**{escape(number)}**" if number else "", escape(row["full_name"] or ""), escape(role),
            escape(row["email"] or "")]  # fmt: skip
    return ":material/call: " + " · ".join(part for part in told if part)


def _own_number(customer_id: int) -> str:
    rows = reader().query(
        "select coalesce(contact_phone, main_msisdn) as phone from customer_profiles where customer_id = ?",
        [customer_id],
    ).to_pylist()  # fmt: skip
    return (phones.phone(rows[0]["phone"]) or "") if rows else ""
