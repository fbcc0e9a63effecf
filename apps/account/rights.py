"""What a person may do, as a table: objects down, actions across, how far each reaches; and how columns are shown."""

from typing import Any

import streamlit as st

from apps.identity import Person
from apps.language import t
from apps.ui import tables
from apps.ui.labels import LABELS, label
from apps.ui.layout import card, empty_state
from vitrina.access.rights import Rights

OBJECTS = tuple(name for name in LABELS["object"] if name not in ("data", "anyone"))
ACTIONS = ("view", "query", "export", "edit", "administer")


def rights_tab(person: Person) -> None:
    """The rights that count now."""
    show_rights(person.rights, "account")


def show_rights(rights: Rights, key: str) -> None:
    """The rights of anybody."""
    left, right = st.columns([3, 2], gap="small")
    with left, card(t("What is allowed"), t("And how far it reaches: own customers, group, unit and below, or all.")):
        rows = _grants(rights)
        if not rows:
            empty_state("block", t("No rights"), t("None of the roles gives any right."))
        else:
            columns = {"object": tables.text(t("Object"), "medium")}
            columns |= {action: tables.text(label("action", action)) for action in ACTIONS}
            tables.plain(rows, columns, key=f"{key}_grants")
    with right, card(t("How protected columns are shown")):
        tables.plain(
            [
                {"class": label("column_class", name), "mask": label("mask", rights.mask(name))}
                for name in LABELS["column_class"]
                if name != "open"
            ],
            {"class": tables.text(t("Column class"), "medium"), "mask": tables.text(t("Shown"), "medium")},
            key=f"{key}_masks",
        )


def _grants(rights: Rights) -> list[dict[str, Any]]:
    return [
        {"object": label("object", name)}
        | {action: label("scope", scope) if (scope := rights.scope(name, action)) else "" for action in ACTIONS}
        for name in OBJECTS
        if any(rights.allows(name, action) for action in ACTIONS)
    ]
