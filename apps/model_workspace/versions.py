"""Versions of a model: which one scores, which one waits, the card of each; promotion by who administers models."""

from typing import Any

import streamlit as st

from apps import identity
from apps.actions import attempt, changing, reason_field
from apps.data import models
from apps.language import speaker, t
from apps.model_workspace.told_card import told_card
from apps.model_workspace.words import PROMOTED, ROLES
from apps.services import services
from apps.snapshot import ask
from apps.ui import tables
from apps.ui.layout import card
from crm.services import churn_models

Row = dict[str, Any]


def versions_tab(customer_type: str, versions: list[Row]) -> None:
    """The list, the chosen card, and the promotion."""
    say = speaker()
    rows = [
        {"version": row["version"], "role": t(ROLES[row["role"]]), "trained": say.moment(row["trained_at"]),
         "auc": f"{say.number(row['auc'], 3)} ({say.number(row['auc_low'], 3)}–{say.number(row['auc_high'], 3)})",
         "lift": say.number(row["lift_10"], 1),
         "promoted": _promoted(row)}
        for row in versions
    ]  # fmt: skip
    with card(t("Versions"), t("Select one to read its card."), stretch=False):
        picked = tables.selectable(
            rows,
            {
                "version": tables.text(t("Version"), 240), "role": tables.text(t("State"), 130),
                "trained": tables.text(t("Trained"), 140), "auc": tables.text(t("AUC (95 %)"), 170),
                "lift": tables.number(t("Lift"), 70), "promoted": tables.text(t("Promoted"), 260),
            },
            key=f"models_versions_{customer_type}",
        )  # fmt: skip
    chosen = versions[picked if picked is not None else 0]
    _promotion(customer_type, chosen, versions)
    with card(t("Model card"), chosen["version"], stretch=False):
        st.markdown(told_card(chosen, ask(models.report, chosen["version"]), customer_type))


def _promoted(row: Row) -> str:
    if row["promoted_at"] is None:
        return ""
    why = row["promoted_because"] or ""
    return (
        f"{speaker().moment(row['promoted_at'])}, {row['promoted_by']}: {t(PROMOTED[why]) if why in PROMOTED else why}"
    )


def _promotion(customer_type: str, chosen: Row, versions: list[Row]) -> None:
    with services().database.read() as session:
        wish = churn_models.promotions(session).get(customer_type)
    champion = next((row["version"] for row in versions if row["role"] == "champion"), "")
    if wish and wish.version != champion and wish.version in {row["version"] for row in versions}:
        st.info(
            t("{login} promoted {version}: it scores from the next run on.", login=wish.login, version=wish.version)
        )
    may = identity.person().own_rights.allows("models", "administer")
    if not may or chosen["version"] == champion or not chosen["is_current_definition"]:
        return
    with card(t("Let {version} score", version=chosen["version"]), stretch=False):
        with st.form("models_promote", border=False):
            reason = reason_field("models_promote_reason")
            sent = st.form_submit_button(t("Promote"), type="primary")
        if sent:
            attempt(lambda: _promote(customer_type, chosen["version"], versions, reason))


def _promote(customer_type: str, version: str, versions: list[Row], reason: str) -> str:
    known = {row["version"] for row in versions if row["is_current_definition"]}
    with changing("models") as (session, actor, now):
        churn_models.promote(session, customer_type, version, known, actor, now, reason)
    return t("It scores from the next run on.")
