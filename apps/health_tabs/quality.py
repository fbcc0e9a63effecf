"""Fourth tab: the latest result of every check of contracts, models and assets."""

import json

import streamlit as st

from apps import health
from apps.data import health as data
from apps.language import speaker, t
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state
from vitrina.settings import get_settings


def quality_tab() -> None:
    """Counts and the list, failures first."""
    if (get_settings().home / "docs" / "index.html").exists():
        st.link_button(t("Data documentation and quality suites"), "/docs/index.html", icon=":material/menu_book:")
    rows = data.checks(health.ledger())
    if not rows:
        empty_state("fact_check", t("No checks yet"), t("Results appear after the first run of the pipeline."))
        return
    say, failed = speaker(), [row for row in rows if not row["passed"]]
    with st.grid(3, gap="small", min_column_width=190):
        st.metric(t("Checks"), say.number(len(rows)), border=True)
        st.metric(t("Passed"), say.number(len(rows) - len(failed)), border=True)
        st.metric(t("Failed"), say.number(len(failed)), border=True)
    only = st.toggle(t("Only failed"), key="checks_failed")
    shown = [
        {
            "result": t("Passed") if row["passed"] else t("Failed"), "severity": label("severity", row["severity"]),
            "subject": row["subject"], "check": row["check_name"],
            "checked": say.moment(data.moment(row["checked_at"])),
            "details": json.dumps(row["details"], ensure_ascii=False) if row["details"] else "",
        }
        for row in (failed if only else rows)
    ]  # fmt: skip
    with card(t("Latest results"), stretch=False):
        tables.plain(
            shown,
            {
                "result": tables.text(t("Result"), "small"),
                "severity": tables.text(t("Severity"), "small"),
                "subject": tables.text(t("Table"), "medium"),
                "check": tables.text(t("Check"), "medium"),
                "checked": tables.text(t("Checked"), 140),
                "details": tables.text(t("Details"), "large"),
            },
            key="health_checks",
        )
