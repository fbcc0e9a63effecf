"""Third tab: why rows were refused, and each refused row where it stood in the file."""

from typing import Any

import pyarrow as pa
import streamlit as st

from apps import health
from apps.data import health as data
from apps.health_tabs import covered
from apps.language import speaker, t
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, escape
from vitrina.settings import get_settings


def quarantine_tab() -> None:
    """Reasons; the rows of the chosen one; the chosen row in its file."""
    reasons = data.reasons(get_settings())
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
                "example": tables.text(t("Example"), "medium"),
                "last": tables.text(t("Last time"), 140),
            },
            key="quarantine_reasons",
        )
    if chosen is not None:
        _rows(reasons[chosen], chosen)


def _reason(row: data.Row) -> dict[str, Any]:
    say = speaker()
    return {
        "source": label("source", row["source"]),
        "entity": label("entity", row["entity"]),
        "field": health.field_name(row["source"], row["entity"], row["field"]),
        "rule": health.rule_words(row["message_key"], row["rule"]),
        "rows": say.number(row["open"]),
        "example": covered.value(row["source"], row["entity"], row["field"], row["example"]),
        "last": say.moment(row["last_at"]),
    }


def _rows(reason: data.Row, number: int) -> None:
    with card(t("Refused rows"), t("Select a row to see it in its file."), stretch=False):
        picked = tables.paged(
            f"quarantine_rows_{number}",
            reason["rows"],
            lambda limit, offset: pa.Table.from_pylist(_page(reason, limit, offset)),
            {
                "file": tables.text(t("File"), "medium"),
                "line": tables.number(t("Line"), 80),
                "value": tables.text(t("Value"), "medium"),
                "row_text": tables.text(t("Row as it came"), "large"),
                "is_mended": st.column_config.CheckboxColumn(
                    t("Mended later"), help=t("Rows that passed when quarantine was replayed.")
                ),
                "contract_version": tables.text(t("Contract version"), 110),
            },
            selectable=True,
            page_size=20,
        )
    if picked:
        _in_file(reason, picked)


def _page(reason: data.Row, limit: int, offset: int) -> list[data.Row]:
    covered.note_look()
    where = reason["source"], reason["entity"]
    return [
        row
        | {"value": covered.value(*where, row["field"], row["value"]), "row_text": covered.row_text(row["row_text"])}
        for row in data.bad_rows(get_settings(), reason, limit, offset)
    ]


def _in_file(reason: data.Row, row: dict[str, Any]) -> None:
    with card(t("The row in its file"), stretch=False):
        if not covered.sees_raw_rows():
            st.caption(
                t("The rows as they came may hold personal data: their letters and digits are covered for your role.")
            )
        st.markdown(f"**{escape(health.fault(reason['source'], reason['entity'], row, row['value'] or ''))}**")
        lines = data.neighbours(get_settings(), row["delivery_id"], int(row["line"])) if row["line"] else []
        if lines:
            st.code(
                "\n".join(
                    f"{'▶' if number == row['line'] else ' '} {number:>8}  {covered.row_text(text)}"
                    for number, text in lines
                ),
                language=None,
                wrap_lines=True,
            )
        else:
            st.caption(t("The neighbouring lines are not available: the delivery is not a text file."))
            st.code(row["row_text"] or "", language=None, wrap_lines=True)
