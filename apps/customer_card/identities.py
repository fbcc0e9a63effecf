"""Sixth tab: which records of which systems are this customer, and what proves it."""

import json
from typing import Any

import streamlit as st

from apps.data import customer
from apps.language import speaker, t
from apps.snapshot import reader
from apps.ui.colors import Color
from apps.ui.labels import label
from apps.ui.layout import card, escape

EFFECT_COLORS: dict[str, Color] = {
    "decisive": "green",
    "strong_for": "green",
    "for": "blue",
    "neutral": "gray",
    "against": "orange",
    "strong_against": "red",
}


def identities(customer_id: int) -> None:
    """One block per source record, with the evidence in words."""
    rows = customer.identities(reader(), customer_id).to_pylist()
    caption = speaker().plural(
        "{count} record of the source systems is this customer.",
        "{count} records of the source systems are this customer.",
        len(rows),
    )
    with card(t("Identities"), caption, stretch=False):
        for row in rows:
            _record(row)


def _record(row: dict[str, Any]) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(label("source", row["source"]), color="primary")
            st.markdown(f"**{escape(row['full_name'] or '—')}**", width="content")
            st.caption(t("record {id}", id=escape(row["source_id"])), width="content")
            if row["is_naming_record"]:
                st.badge(t("Gives the customer its number"), color="gray", icon=":material/key:")
        if row["match_rule"] is None:
            st.caption(t("The only record of this customer, or one that needed no match."))
        else:
            _evidence(row)


def _evidence(row: dict[str, Any]) -> None:
    say = speaker()
    st.caption(
        t(
            "Matched with record {id} of {source}: {rule}. Probability {probability}.",
            id=escape(row["matched_source_id"]),
            source=label("source", row["matched_source"]),
            rule=_rule(row["match_rule"]),
            probability=say.percent(100 * row["match_probability"], 2),
        )
    )
    with st.container(horizontal=True, gap="xsmall"):
        for item in _items(row["match_explanation"]):
            color = EFFECT_COLORS.get(item.get("effect", ""), "gray")
            weight = f" {item['weight']:+.1f}" if isinstance(item.get("weight"), (int, float)) else ""
            st.badge(
                f"{label('match_field', item['field'])}: {label('match_level', item['level'])}{weight}", color=color
            )


def _rule(code: str) -> str:
    if code.startswith("organisation_name_and_"):
        return t(
            "same organisation name and {field}",
            field=label("match_field", code.removeprefix("organisation_name_and_")).lower(),
        )
    return label("match_rule", code)


def _items(explanation: str | None) -> list[dict[str, Any]]:
    try:
        found = json.loads(explanation or "[]")
    except ValueError:
        return []
    return [item for item in found if isinstance(item, dict) and {"field", "level"} <= item.keys()]
