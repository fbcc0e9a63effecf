"""Looking for entries of the audit log."""

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pyarrow as pa
import streamlit as st

from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.labels import LABELS, label
from apps.ui.layout import card, empty_state, escape, facts
from crm.services import audit_log
from crm.services.audit import AuditKind
from crm.services.audit_log import AuditEntry, AuditFilter

PAGE = 50


def filters() -> AuditFilter:
    """What narrows the log."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            t("What"), [None, *AuditKind], key="audit_kind", width=180,
            format_func=lambda code: t("Any") if code is None else label("audit_kind", code),
        )  # fmt: skip
        actor = st.text_input(t("Who (login)"), key="audit_actor", width=130)
        subject = st.text_input(t("Whose id"), key="audit_subject", width=110)
        column_class = st.selectbox(
            t("Column class"), [None, *LABELS["column_class"]], key="audit_class", width=180,
            format_func=lambda code: t("Any") if code is None else label("column_class", code),
        )  # fmt: skip
        address = st.text_input(t("Address"), key="audit_address", width=110)
        days = st.date_input(t("Days"), value=[], key="audit_days", format="DD.MM.YYYY", width=215)
    first, last = (*days, None, None)[:2] if isinstance(days, tuple) else (days, days)
    return AuditFilter(
        kind, (actor or "").strip(), "", (subject or "").strip(), column_class or "", (address or "").strip(),
        _midnight(first), _midnight(last + dt.timedelta(days=1)) if last else None,
    )  # fmt: skip


def results(wanted: AuditFilter) -> AuditEntry | None:
    """One page of entries, newest first; the selected one."""
    with services().database.read() as session:
        total = audit_log.count(session, wanted)
    with card(speaker().plural("{count} entry", "{count} entries", total)):
        if not total:
            empty_state("policy", t("No entries"), t("Nothing in the log matches the filters."))
            return None
        found: dict[int, AuditEntry] = {}
        picked = tables.paged(
            f"audit_{hash(wanted)}",
            total,
            lambda limit, offset: _page(wanted, limit, offset, found),
            {
                "at": tables.text(t("When"), 125), "kind": tables.text(t("What"), 190),
                "actor": tables.text(t("Who"), 130), "object": tables.text(t("Object"), 120),
                "subject": tables.text(t("Whose"), 60), "classes": tables.text(t("Classes"), 140),
            },
            selectable=True,
            page_size=PAGE,
        )  # fmt: skip
        return found.get(picked["seq"]) if picked else None


def entry_card(entry: AuditEntry) -> None:
    """Everything that an entry holds."""
    with card(t("Entry {number}", number=entry.seq), stretch=False):
        facts(
            {
                t("When"): speaker().moment(entry.at),
                t("What"): label("audit_kind", entry.kind),
                t("Who"): entry.actor_login or t("unknown"),
                t("Through whose eyes"): str(entry.acting_for) if entry.acting_for else None,
                t("Object"): label("object", entry.object),
                t("Whose"): entry.subject,
                t("Address"): entry.address,
                t("Reason"): entry.reason,
            }
        )
        if entry.classes:
            st.markdown(":gray[:small[" + escape(", ".join(label("column_class", c) for c in entry.classes)) + "]]")
        if entry.details:
            st.code(json.dumps(entry.details, ensure_ascii=False, indent=1), language="json", wrap_lines=True)
        st.caption(t("Hash {hash}", hash=entry.hash))


def _page(wanted: AuditFilter, limit: int, offset: int, found: dict[int, AuditEntry]) -> pa.Table:
    say = speaker()
    with services().database.read() as session:
        # The log is read backwards by number; a page far down is found by the number it begins after.
        before = audit_log.search(session, wanted, offset)[-1].seq if offset else None
        entries = audit_log.search(session, wanted, limit, before)
    found.update({entry.seq: entry for entry in entries})
    return pa.Table.from_pylist(
        [
            {
                "seq": entry.seq, "at": say.moment(entry.at), "kind": label("audit_kind", entry.kind),
                "actor": entry.actor_login or "—", "object": label("object", entry.object), "subject": entry.subject,
                "classes": ", ".join(label("column_class", name) for name in entry.classes), "address": entry.address,
            }
            for entry in entries
        ]
    )  # fmt: skip


def _midnight(day: dt.date | None) -> dt.datetime | None:
    if day is None:
        return None
    return dt.datetime.combine(day, dt.time(), ZoneInfo(services().settings.timezone)).astimezone(dt.UTC)
