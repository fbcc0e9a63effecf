"""The table of usage as a file, for who may take usage out."""

from urllib.parse import urlencode

import streamlit as st

from apps.client_list.taking import may_take
from apps.identity import person
from apps.language import speaker, t
from apps.usage_analysis.choosing import Named
from apps.usage_analysis.looking import Look


def taking(named: Named, look: Look) -> None:
    """The links to the file, in two formats."""
    if not may_take(person(), "usage"):
        return
    with st.popover(t("Download"), icon=":material/download:", width="content"):
        st.caption(t("All periods and measures of the table; the file is recorded in the audit log."))
        with st.container(horizontal=True, gap="small"):
            for kind, name in (("csv", "CSV"), ("xlsx", "XLSX")):
                st.link_button(name, f"/api/v1/usage/export?{_address(named, look, kind)}", type="primary")


def _address(named: Named, look: Look, kind: str) -> str:
    return urlencode(
        {
            "subject": named.subject.kind, "key": named.subject.key, "grain": look.grain,
            "first": look.first.isoformat(), "last": look.last.isoformat(), "format": kind,
            "lang": speaker().language,
        }
    )  # fmt: skip
