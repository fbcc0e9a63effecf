"""Models of churn and value: how good they are, what they look at, who stays, versions and definitions."""

import streamlit as st

from apps.actions import tell_done
from apps.data import models
from apps.language import speaker, t
from apps.model_workspace.definition import definition_tab
from apps.model_workspace.inside import inside
from apps.model_workspace.quality import quality
from apps.model_workspace.staying import staying
from apps.model_workspace.versions import versions_tab
from apps.model_workspace.words import why_none
from apps.snapshot import ask
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, page_header


def chosen_type() -> str:
    """Whose models are shown."""
    kind = st.segmented_control(
        t("Customers"), ["person", "organisation"], default="person", key="models_type", required=True,
        format_func=lambda code: label("customer_types", code),
    )  # fmt: skip
    return str(kind or "person")


def page() -> None:
    """Tabs; each is computed when it is opened."""
    tell_done()
    kind = chosen_type()
    runs, versions = ask(models.runs, kind), ask(models.versions, kind)
    champion = next((row for row in versions if row["role"] == "champion"), None)
    report = ask(models.report, champion["version"]) if champion else {}
    churn = runs.get("churn", {})
    if champion and churn.get("month_end"):
        told = {"version": champion["version"], "month": speaker().date(churn["month_end"])}
        count = speaker().number(churn["customers"])
        st.caption(t("{version} scored {count} customers of {month}.", count=count, **told))
    sections = {
        t("How good it is"): (bool(report), lambda: quality(report)),
        t("What it looks at"): (bool(report), lambda: inside(report, kind)),
        t("Who stays, and value"): (True, lambda: staying(kind, runs)),
        t("Versions and cards"): (bool(versions), lambda: versions_tab(kind, versions)),
        t("What leaving means"): (True, lambda: definition_tab(kind)),
    }
    for tab, (is_there, draw) in zip(
        st.tabs(list(sections), key="models_tab", on_change="rerun"), sections.values(), strict=True
    ):
        if tab.open:
            with tab:
                if is_there:
                    draw()
                else:
                    with card(t("No model"), stretch=False):
                        reason = why_none(churn.get("reason")) or t("The models are made by the next run.")
                        empty_state("model_training", t("No scores yet"), reason)


page_header(t("Models of churn and value"), t("Who may leave, why, and what customers are worth; how sure that is"))
page()
