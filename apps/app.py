"""The router: language, navigation, and the frame in which a page runs."""

import logging
import uuid
from pathlib import Path

import streamlit as st

from apps.language import language_switch, speaker, t
from apps.snapshot import NothingPublished, begin_run, manifest
from apps.ui.layout import failure, no_snapshot

log = logging.getLogger("vitrina.apps")
HERE = Path(__file__).resolve().parent


def _pages() -> dict[str, list]:
    return {
        "": [st.Page("app_pages/home.py", title=t("Home"), icon=":material/home:", default=True)],
        t("Customers"): [
            st.Page("app_pages/customers.py", title=t("Customer search"), icon=":material/person_search:"),
            st.Page("app_pages/customer.py", title=t("Customer card"), icon=":material/badge:", visibility="hidden"),
            st.Page("app_pages/rfm.py", title=t("RFM analysis"), icon=":material/grid_on:"),
            st.Page("app_pages/cohorts.py", title=t("Cohorts"), icon=":material/stacked_line_chart:"),
        ],
        t("Data"): [
            st.Page("app_pages/data_health.py", title=t("Data health"), icon=":material/monitor_heart:"),
        ],
    }


def _about_snapshot() -> None:
    """The quiet line at the foot of the sidebar: how old the figures are."""
    known = manifest()
    st.caption(
        t("Data as of {date}", date=speaker().date(known.as_of))
        + "  \n"
        + t("Snapshot {version}", version=known.version)
    )


def _run(page: st.Page) -> None:
    try:
        page.run()
    except NothingPublished:
        no_snapshot()
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("page failed, reference %s", reference)
        failure(reference)


def main() -> None:
    """Draw the frame and run the chosen page."""
    st.set_page_config(page_title="Vitrina", page_icon=str(HERE / "static" / "favicon.png"), layout="wide")
    st.logo(str(HERE / "static" / "logo.svg"), icon_image=str(HERE / "static" / "mark.svg"), size="large")
    begin_run()
    with st.sidebar:
        language_switch()
    page = st.navigation(_pages())
    with st.sidebar:
        try:
            _about_snapshot()
        except NothingPublished:
            st.caption(t("No data has been published yet"))
    _run(page)


main()
