"""Second tab: every delivery with its state and counts, page by page."""

from typing import Any

import pyarrow as pa
import streamlit as st

from apps import health
from apps.data import health as data
from apps.language import speaker, t
from apps.ui import tables
from apps.ui.labels import LABELS, label
from apps.ui.layout import card, empty_state, fact


def deliveries_tab() -> None:
    """Filters, the list, and the chosen delivery."""
    wanted = _filters()
    total = data.deliveries_count(health.ledger(), wanted)
    with card(t("Deliveries"), stretch=False):
        if not total:
            empty_state("inbox", t("No deliveries"), t("Nothing has come yet, or the filters are too narrow."))
            return
        picked = tables.paged(
            f"deliveries_{wanted.source}_{wanted.entity}_{wanted.state}",
            total,
            lambda limit, offset: pa.Table.from_pylist(
                [_line(row) for row in data.deliveries(health.ledger(), wanted, limit, offset)]
            ),
            {
                "source": tables.text(t("Source")),
                "entity": tables.text(t("Entity")),
                "file": tables.text(t("File"), "medium"),
                "received_at": tables.text(t("Received at"), 140),
                "state": tables.text(t("State")),
                "received": tables.number(t("Received")),
                "accepted": tables.number(t("Accepted rows")),
                "quarantined": tables.number(t("Quarantined")),
                "reason": tables.text(t("Reason"), "large"),
            },
            selectable=True,
            page_size=25,
        )
    if picked:
        _details(picked["delivery_id"])


def _filters() -> data.DeliveryFilter:
    states = data.delivery_states(health.ledger())
    names = list(dict.fromkeys(promise.source for promise in health.contracts()))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.selectbox(
            t("Source"),
            [None, *names],
            key="deliveries_source",
            width=240,
            format_func=lambda code: t("Any") if code is None else label("source", code),
        )
        entities = [p.entity for p in health.contracts() if source in (None, p.source)]
        entity = st.selectbox(
            t("Entity"),
            [None, *dict.fromkeys(entities)],
            key="deliveries_entity",
            width=240,
            format_func=lambda code: t("Any") if code is None else label("entity", code),
        )
        state = st.pills(
            t("State"),
            [code for code in LABELS["delivery_state"] if code in states],
            key="deliveries_state",
            format_func=lambda code: f"{label('delivery_state', code)} {speaker().number(states.get(code, 0))}",
        )
    return data.DeliveryFilter(source, entity, state)


def _line(row: data.Row) -> dict[str, Any]:
    say = speaker()
    return {
        "delivery_id": row["delivery_id"],
        "source": label("source", row["source"]),
        "entity": label("entity", row["entity"]),
        "file": row["file_name"],
        "received_at": say.moment(data.moment(row["received_at"])),
        "state": label("delivery_state", row["state"]),
        "received": say.number(row["received_rows"]),
        "accepted": say.number(row["accepted_rows"]),
        "quarantined": say.number(row["quarantined_rows"]),
        "reason": t("The same file came before.")
        if row["state"] == "duplicate"
        else health.sentence(row["reason"], row["reason_values"]),
    }


def _details(delivery_id: str) -> None:
    row, say = data.delivery(health.ledger(), delivery_id), speaker()
    if row is None:
        return
    with card(t("Delivery {id}", id=delivery_id), stretch=False), st.grid(4, gap="small", min_column_width=200):
        fact(t("File"), f"`{row['file_name']}`")
        fact(t("Size"), t("{size} KB", size=say.number(row["size_bytes"] / 1024, 1)))
        fact(t("Received at"), say.moment(data.moment(row["received_at"])))
        fact(t("Decided at"), say.moment(data.moment(row["decided_at"])))
        fact(t("State"), label("delivery_state", row["state"]))
        fact(t("Contract version"), row["contract_version"] or "—")
        fact(t("Where it came from"), f"`{row['uri']}`")
        fact(t("Fingerprint (SHA-256)"), f"`{row['sha256'][:16]}…`")
        if row["duplicate_of"]:
            fact(t("First delivery"), f"`{row['duplicate_of']}`")
