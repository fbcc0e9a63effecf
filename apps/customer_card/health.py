"""The health of the client on its card: the index, and how many points each part took from it."""

from typing import Any

import streamlit as st

from apps.client_list.columns import health_in_words, part_names
from apps.client_list.filters import subjects
from apps.data import clients
from apps.data.client_health import GOOD, POOR, parts_for
from apps.identity import person
from apps.language import speaker, t
from apps.snapshot import reader


def health(customer_id: int) -> None:
    """A small button with the index; it opens what the index is made of."""
    parts = parts_for(subjects(person()), reader().manifest.tables)
    found = clients.health_parts(reader(), customer_id, parts)
    if found is None or found["health"] is None:
        return
    index = int(found["health"])
    color = "green" if index >= GOOD else "red" if index < POOR else "orange"
    with st.popover(f":{color}[:material/monitor_heart:] {t('Health {index}', index=index)}", width="content"):
        st.markdown(_taken(found))
        st.caption(health_in_words(parts))


def _taken(found: dict[str, Any]) -> str:
    say, names = speaker(), part_names()
    lines = [f"- {names[name]}: −{say.number(points)}" for name, points in found.items() if name in names and points]
    return "\n".join(lines) or t("Nothing takes points away.")
