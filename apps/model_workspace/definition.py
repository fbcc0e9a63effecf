"""What churn means for a type of customers, and changing it."""

from dataclasses import asdict

import streamlit as st

from apps import identity
from apps.actions import attempt, changing, reason_field
from apps.language import speaker, t
from apps.services import services
from apps.ui.layout import card, facts
from crm.services import churn_models
from crm.services.churn_models import DefinitionInfo
from vitrina.models.definitions import LIMITS


def definition_tab(customer_type: str) -> None:
    """The definition in words; a form for who administers models."""
    with services().database.read() as session:
        info = churn_models.definitions(session)[customer_type]
    with card(t("What leaving means"), _sentence(info), stretch=False):
        shown = {name: str(asdict(info.definition)[part]) for part, name in _parts(customer_type).items()}
        facts(shown, columns=4)
        if info.updated_at is not None:
            told = {"when": speaker().moment(info.updated_at), "login": info.updated_by, "reason": info.reason}
            st.caption(t("Changed {when} by {login}: {reason}", **told))
    if identity.person().own_rights.allows("models", "administer"):
        _form(info)


def _parts(customer_type: str) -> dict[str, str]:
    names = {
        "gap_months": t("Gap, months"), "horizon_months": t("Horizon, months"),
        "inactivity_days": t("Inactivity, days"), "base_loss_pct": t("Lost numbers, %"),
        "margin_pct": t("Margin of payments, %"),
    }  # fmt: skip
    unused = "base_loss_pct" if customer_type == "person" else "inactivity_days"
    return {part: name for part, name in names.items() if part != unused}


def _sentence(info: DefinitionInfo) -> str:
    told = asdict(info.definition)
    if info.customer_type == "person":
        return t(
            "A private person has left when nothing is used in the {horizon_months} months that follow {gap_months}"
            " months after the month end. Who has used nothing for {inactivity_days} days by then is gone already.",
            **told,
        )  # fmt: skip
    return t(
        "An organisation has left when {base_loss_pct} % of its open numbers or more are lost by the end of the"
        " {horizon_months} months that follow {gap_months} months after the month end.", **told,
    )  # fmt: skip


def _form(info: DefinitionInfo) -> None:
    with (
        card(t("Change it"), t("The next run labels the past anew and trains a new model."), stretch=False),
        st.form(f"models_definition_{info.customer_type}", border=False),
    ):
        values = asdict(info.definition)
        with st.grid(4, gap="small", min_column_width=150):
            for part, name in _parts(info.customer_type).items():
                low, high = LIMITS[part]
                values[part] = int(st.number_input(
                    name, low, high, values[part], key=f"models_{info.customer_type}_{part}"
                ))  # fmt: skip
        reason = reason_field(f"models_definition_reason_{info.customer_type}")
        if st.form_submit_button(t("Save"), type="primary"):
            attempt(lambda: _save(info, values, reason))


def _save(info: DefinitionInfo, values: dict[str, int], reason: str) -> str:
    with changing("models") as (session, actor, now):
        churn_models.set_definition(session, info.customer_type, values, info.revision, actor, now, reason)
    return t("Saved. It holds from the next run on.")
