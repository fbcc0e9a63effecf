"""The table of a team as a file: figures and names of colleagues, no client; written down in the audit log."""

import csv
import io
from typing import Any

import streamlit as st

from apps.identity import person
from apps.language import t
from apps.performance.view import View
from apps.services import services
from crm.services.audit import AuditKind, Entry, record

_KINDS = (("exports", "export"), ("analytics", "export"))


def file_button(view: View, what: str, rows: list[dict[str, Any]]) -> None:
    """A button for who may take anything out; not through another's eyes."""
    me = person()
    if me.is_viewing_as or not rows or not any(me.own_rights.allows(*right) for right in _KINDS):
        return
    st.download_button(
        t("Download as CSV"), data=csv_of(rows), file_name=f"{what}_{view.period.start:%Y_%m}.csv", mime="text/csv",
        icon=":material/download:", key=f"team_file_{what}", on_click=_told, args=(view, what, len(rows)),
    )  # fmt: skip


def csv_of(rows: list[dict[str, Any]]) -> bytes:
    """Semicolons and a byte order mark, as spreadsheets here open it; no cell begins a formula."""
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]), delimiter=";", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({key: _harmless(value) for key, value in row.items()} for row in rows)
    return ("\ufeff" + written.getvalue()).encode()


def _harmless(value: Any) -> str:
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in "=+@\t" or (text[:1] == "-" and not text[1:2].isdigit()) else text


def _told(view: View, what: str, rows: int) -> None:
    shared = services()
    details = {"what": what, "rows": rows, "period": str(view.period.start), "subject": view.subject.id}
    with shared.database.begin() as session:
        record(session, person().actor, Entry(AuditKind.EXPORT, "kpis", what, (), "", details), shared.now())
