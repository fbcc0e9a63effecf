"""Third tab: why rows were refused, and each refused row where it stood in the file."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import streamlit as st

from apps import health
from apps.data import health as data
from apps.data import landed
from apps.language import speaker, t
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, escape
from vitrina.settings import get_settings


def quarantine_tab() -> None:
    """Reasons; the rows of the chosen one; the chosen row in its file."""
    quarantine = data.Quarantine(get_settings(), health.ledger())
    reasons = quarantine.reasons()
    with card(t("Why rows were refused"), t("Select a reason to see its rows.") if reasons else None, stretch=False):
        if not reasons:
            empty_state("verified", t("Quarantine is empty"), t("Every row that came kept its contract."))
            return
        chosen = tables.selectable(
            [_reason(row) for row in reasons],
            {
                "source": tables.text(t("Source")),
                "entity": tables.text(t("Entity")),
                "field": tables.text(t("Field"), "medium"),
                "rule": tables.text(t("Rule"), "large"),
                "rows": tables.number(t("Rows")),
                "deliveries": tables.number(t("Files")),
                "last": tables.text(t("Last time"), 140),
            },
            key="quarantine_reasons",
        )
    if chosen is not None:
        _rows(quarantine, reasons[chosen], chosen)


def _reason(row: data.Row) -> dict[str, Any]:
    say = speaker()
    return {
        "source": label("source", row["source"]),
        "entity": label("entity", row["entity"]),
        "field": health.field_name(row["source"], row["entity"], row["field"]),
        "rule": health.rule_words(row["message_key"], row["rule"]),
        "rows": say.number(row["rows"]),
        "deliveries": say.number(row["deliveries"]),
        "last": say.moment(row["last_seen"]),
    }


def _rows(quarantine: data.Quarantine, reason: data.Row, number: int) -> None:
    with card(t("Refused rows"), t("Select a row to see it in its file."), stretch=False):
        picked = tables.paged(
            f"quarantine_rows_{number}",
            reason["rows"],
            lambda limit, offset: pa.Table.from_pylist(
                [
                    {**row, "value": landed.hidden(row["value"]), "row_text": landed.hidden(row["row_text"])}
                    for row in quarantine.bad_rows(reason, limit, offset)
                ]
            ),
            {
                "file": tables.text(t("File"), "medium"),
                "line": tables.number(t("Line"), 80),
                "value": tables.text(t("Value"), "medium"),
                "row_text": tables.text(t("Row as it came"), "large"),
                "contract_version": tables.text(t("Contract version"), 110),
            },
            selectable=True,
            page_size=20,
        )
    if picked:
        _in_file(reason, picked)


def _in_file(reason: data.Row, row: dict[str, Any]) -> None:
    with card(t("The row in its file"), stretch=False):
        st.markdown(f"**{escape(health.fault(reason['source'], reason['entity'], row, row['value'] or ''))}**")
        delivery = data.delivery(health.ledger(), row["delivery_id"])
        lines = landed.neighbours(_path(delivery), int(row["line"])) if delivery and row["line"] else []
        if lines:
            st.code(
                "\n".join(f"{'▶' if number == row['line'] else ' '} {number:>8}  {text}" for number, text in lines),
                language=None,
                wrap_lines=True,
            )
        else:
            st.caption(t("The neighbouring lines are not available: the delivery is not a text file."))
            st.code(row["row_text"] or "", language=None, wrap_lines=True)


def _path(delivery: data.Row) -> Path:
    landing = get_settings().landing_dir / delivery["source"] / delivery["entity"]
    return landing / (delivery["landed_path"] or "absent")
