"""Data health: sources against their promise, deliveries, refused rows with their reasons, checks and runs."""

import streamlit as st

from apps.health_tabs.deliveries import deliveries_tab
from apps.health_tabs.quality import quality_tab
from apps.health_tabs.quarantine import quarantine_tab
from apps.health_tabs.runs import runs_tab
from apps.health_tabs.sources import sources_tab
from apps.language import t
from apps.ui.layout import page_header

page_header(t("Data health"), t("What came from the source systems, what was taken, what was refused and why"))
sections = {
    t("Sources"): sources_tab,
    t("Deliveries"): deliveries_tab,
    t("Quarantine"): quarantine_tab,
    t("Checks"): quality_tab,
    t("Runs and warnings"): runs_tab,
}
for tab, draw in zip(st.tabs(list(sections), key="health_tab", on_change="rerun"), sections.values(), strict=True):
    if tab.open:
        with tab:
            draw()
