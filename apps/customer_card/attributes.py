"""Seventh tab: every attribute of the profile, grouped, with its value, unit and where it comes from."""

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from apps.customer_card.header import Profile
from apps.data import customer
from apps.data.search import name_key
from apps.language import speaker, t
from apps.snapshot import ask
from apps.ui import phones, tables
from apps.ui.labels import LABELS, label
from apps.ui.layout import empty_state

Attribute = dict[str, Any]
VOCABULARIES = {
    "customer_type": "customer_type",
    "segment": "segment",
    "lifecycle_status": "lifecycle",
    "region_code": "region",
    "language": "language",
    "sex": "sex",
    "payment_type": "payment_type",
    "main_product_family": "family",
    "main_device_type": "device_type",
    "legal_status": "legal_status",
    "rfm_group": "rfm_group",
    "industry": "industry",
    "last_payment_method": "method",
    "main_payment_method_12m": "method",
    "last_interaction_channel": "channel",
}


def attributes(profile: Profile) -> None:
    """A filter line and one table per group."""
    say = speaker()
    text = st.text_input(
        t("Find an attribute"),
        key="card_attribute_find",
        live=True,
        type="search",
        label_visibility="collapsed",
        placeholder=t("Find an attribute by its name"),
    )
    wanted = name_key(text or "")
    groups: dict[str, list[dict[str, str]]] = {}
    for item in ask(customer.catalogue):
        name = item[f"label_{say.language}"]
        if wanted and wanted not in name_key(name) and (text or "").lower() not in item["name"]:
            continue
        groups.setdefault(item[f"group_label_{say.language}"], []).append(
            {
                "label": name,
                "value": shown(item, profile.get(item["name"])),
                "unit": _unit(item),
                "source": ", ".join(label("source", code) for code in item["source"].split(",")),
                "name": item["name"],
                "description": item["description"],
            }
        )
    if not groups:
        empty_state("search_off", t("No such attribute"), t("Try another word."))
    for name, rows in groups.items():
        with st.expander(f"{name} · {len(rows)}", expanded=bool(wanted)):
            tables.plain(
                pd.DataFrame(rows),
                {
                    "label": tables.text(t("Attribute"), "large"),
                    "value": tables.number(t("Value"), "medium"),
                    "unit": tables.text(t("Unit"), "small"),
                    "source": tables.text(t("Source"), "medium"),
                    "name": tables.text(
                        t("Column in the mart"), "medium", help=t("The name that exports and segments use.")
                    ),
                    "description": tables.text(t("How it is computed"), "large"),
                },
                key=f"card_attributes_{rows[0]['name']}",
            )


def _unit(item: Attribute) -> str:
    return "" if item["unit"] in {"text", "code", "date", "flag", "id"} else item[f"unit_label_{speaker().language}"]


def shown(item: Attribute, value: Any) -> str:
    """One value as people write it."""
    say, name = speaker(), item["name"]
    if value is None:
        return say.date(None)
    if isinstance(value, bool):
        return label("boolean", value)
    if isinstance(value, dt.date):
        return say.date(value)
    if item["unit"] == "id":
        return str(value)
    if isinstance(value, str):
        if name in VOCABULARIES and value in LABELS[VOCABULARIES[name]]:
            return label(VOCABULARIES[name], value)
        return phones.phone(value) or "" if value.startswith("+998") else value
    return say.number(value, 0 if float(value).is_integer() else 2)
