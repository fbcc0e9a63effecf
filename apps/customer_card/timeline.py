"""Fifth tab: every contact with the customer, the latest first."""

from typing import Any

import streamlit as st

from apps.data import customer
from apps.language import speaker, t
from apps.snapshot import reader
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, escape
from apps.ui.tables import page_of, pages_control

PAGE = 15
ICONS = {"call": "call", "sms": "sms", "email": "mail", "telegram": "send", "office": "storefront", "chat": "chat"}
RESULT_COLORS = {"resolved": "green", "escalated": "orange", "refused": "red", "no_answer": "gray"}


def timeline(customer_id: int) -> None:
    """Interactions as a list of dated lines."""
    total = customer.interactions_count(reader(), customer_id)
    with card(t("History of communication"), stretch=False):
        if not total:
            empty_state("forum", t("No contacts yet"), t("No call, message or visit of this customer is stored."))
            return
        page = page_of("card_timeline", total, PAGE)
        for row in customer.interactions(reader(), customer_id, PAGE, (page - 1) * PAGE).to_pylist():
            _line(row)
        pages_control("card_timeline", total, PAGE, page)


def _line(row: dict[str, Any]) -> None:
    say = speaker()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":gray[{say.moment(row['started_at'])}]", width=130)
        direction = "call_made" if row["direction"] == "out" else "call_received"
        st.markdown(f":material/{ICONS.get(row['channel'], 'forum')}: {label('channel', row['channel'])}", width=110)
        st.markdown(f":gray[:material/{direction}: {label('direction', row['direction'])}]", width=120)
        st.markdown(f"**{label('topic', row['topic'])}**", width=190)
        if row["result"]:
            st.badge(label("result", row["result"]), color=RESULT_COLORS.get(row["result"], "gray"))
        details = [escape(row["employee"])] if row["employee"] else []
        if row["duration_seconds"]:
            details.append(t("{minutes} min", minutes=say.number(row["duration_seconds"] / 60, 1)))
        if row["nps_score"] is not None:
            details.append(f"NPS {row['nps_score']}")
        st.markdown(f":gray[:small[{' · '.join(details)}]]", width="stretch")
