"""Whether the log is whole, its head to be kept elsewhere, and its export."""

from urllib.parse import urlencode

import streamlit as st

from apps.identity import Person
from apps.language import t
from apps.services import services
from apps.ui.layout import card
from crm.services import audit_log
from crm.services.audit_log import AuditFilter


def chain_card(me: Person, wanted: AuditFilter) -> None:
    """The check of the chain on demand, and the address of the export."""
    with card(t("The chain of the log"), t("Every entry holds the hash of the one before."), stretch=False):
        with services().database.read() as session:
            head = audit_log.head(session)
        st.markdown(":gray[:small[" + t("Last entry {number}", number=head.seq) + "]]")
        st.code(head.hash, language=None, wrap_lines=True)
        with st.container(horizontal=True):
            if st.button(t("Check the chain"), icon=":material/fact_check:", key="audit_verify"):
                _verify()
            if me.may("audit", "export") and not me.is_viewing_as:
                st.link_button(t("Export"), f"/api/v1/audit/export?{_query(wanted)}", icon=":material/download:")


def _verify() -> None:
    with services().database.read() as session:
        broken = audit_log.verify(session)
    if broken is None:
        st.success(t("The chain is whole."))
        return
    words = {
        "changed": t("The entry was changed after it was written."),
        "unlinked": t("The entry before it was changed or removed."),
        "missing": t("Entries are missing from here on."),
    }
    st.error(t("The chain is broken at entry {number}.", number=broken.seq) + " " + words.get(broken.what, ""))


def _query(wanted: AuditFilter) -> str:
    values = {
        "kind": wanted.kind, "actor": wanted.actor, "subject": wanted.subject, "column_class": wanted.column_class,
        "address": wanted.address, "since": wanted.since and wanted.since.isoformat(),
        "until": wanted.until and wanted.until.isoformat(),
    }  # fmt: skip
    return urlencode({name: str(value) for name, value in values.items() if value})
