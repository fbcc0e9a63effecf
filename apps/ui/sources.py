"""The state of sources, as the home page shows it: one block per source."""

import streamlit as st

from apps import health
from apps.data import health as data
from apps.language import t
from apps.ui.labels import label
from apps.ui.layout import card, empty_state

_ORDER = ("failing", "late", "never", "fresh", "idle")


def sources_at_a_glance() -> None:
    """How many entities of each source are fresh, and the worst state among them."""
    rows = health.sources()
    with card(t("Sources"), stretch=False):
        if not rows:
            empty_state("cable", t("No sources"), t("No enabled source has a contract."))
            return
        with st.grid(4, gap="small", min_column_width=200):
            for source in dict.fromkeys(row["source"] for row in rows):
                _source(source, [row for row in rows if row["source"] == source])


def _source(source: str, rows: list[data.Row]) -> None:
    rows = [row for row in rows if row["state"] != "idle"] or rows
    worst = min((row["state"] for row in rows), key=_ORDER.index)
    fresh = sum(row["state"] == "fresh" for row in rows)
    ages = [row["age_hours"] for row in rows if row["age_hours"] is not None]
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{label('source', source)}**", width="content")
            st.badge(label("freshness", worst), color=health.STATE_COLORS[worst])
        st.caption(t("{fresh} of {all} entities on time", fresh=fresh, all=len(rows)))
        if ages:
            st.caption(t("Last delivery: {age} ago", age=health.hours(min(ages))))
