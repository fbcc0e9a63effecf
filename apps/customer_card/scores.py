"""The customer's scores: risk of leaving with its reasons, value, and what to do next."""

from typing import Any

import streamlit as st

from apps.customer_card.header import Profile
from apps.data import models
from apps.language import speaker, t
from apps.model_workspace.words import (
    RISK_COLORS,
    RISKS,
    action_texts,
    feature_names,
    value_text,
    word,
)
from apps.snapshot import reader
from apps.ui import charts, drawing
from apps.ui.layout import card, empty_state, escape, fact

Row = dict[str, Any]


def scores(customer_id: int, profile: Profile) -> None:
    """Risk and reasons on the left, value and the next step on the right, the risk by month below."""
    found = models.scores(reader(), customer_id)
    if found is None:
        with card(t("Scores"), stretch=False):
            empty_state("speed", t("No scores"), t("The models have not scored this customer: no payments, no usage."))
        return
    left, right = st.columns(2, gap="small")
    with left:
        _risk(found, profile)
    with right:
        _next(found)
        _value(found)
    _history(customer_id)


def _risk(found: Row, profile: Profile) -> None:
    say, chance = speaker(), found["churn_probability"]
    with card(t("Risk of leaving"), t("As of {date}", date=say.date(found["churn_month"]))):
        if chance is None:
            gone = profile["lifecycle_status"] == "left"
            text = t("The customer has left.") if gone else t("Already inactive, or too new at the month end.")
            empty_state("person_off", t("Not scored"), text)
            return
        group = found["risk_group"]
        st.markdown(f"### :{RISK_COLORS[group]}-badge[{t(RISKS[group])}] {say.percent(100 * chance)}")
        st.caption(t("Tenth by risk: {decile} of 10 (1 is the riskiest).", decile=found["churn_decile"]))
        _reasons(found["reasons"])


def _reasons(reasons: list[Row]) -> None:
    if not reasons:
        st.caption(t("Nothing raises the risk above the average."))
        return
    names, lines = feature_names(), []
    for reason in reasons:
        value = value_text(reason["feature"], reason["value"])
        told = f"{names.get(reason['feature'], reason['feature'])}: {value}" if value else ""
        lines.append(f"- **{escape(word(reason['word']))}** {escape(told)}")
    st.markdown(t("What raises it, the strongest first:") + "\n" + "\n".join(lines))


def _next(found: Row) -> None:
    title, why = action_texts(found["next_action"], found["next_action_values"])
    with card(t("Next best action"), stretch=False):
        if not title:
            st.caption(t("Nothing is called for: no rule holds for this customer."))
            return
        st.markdown(f"**{escape(title)}**")
        st.caption(escape(why))


def _value(found: Row) -> None:
    say = speaker()
    with card(t("Value in the next 12 months"), stretch=False):
        if found["value_12m"] is None:
            st.caption(t("No payments are known yet."))
            return
        with st.grid(2, gap="small", min_column_width=170):
            fact(t("Expected margin"), say.money(found["value_12m"]))
            fact(t("Tenth by value"), t("{tenth} of 10 (1 is the best)", tenth=found["value_tenth"]))
            fact(t("Still pays, chance"), say.percent(100 * found["p_alive"]))
            payments, amount = (
                say.number(found["expected_payments_12m"], 1),
                say.money(found["expected_payment_amount"]),
            )
            fact(t("Payments expected"), f"{payments} × {amount}")


def _history(customer_id: int) -> None:
    say, rows = speaker(), models.score_history(reader(), customer_id)
    if len(rows) < 2:
        return
    points = [
        {"month": say.short_month(row["month_end"]), "chance": round(100 * row["churn_probability"], 2)} for row in rows
    ]
    title = t("Risk by month, %")
    with card(title, t("As it was said, or would have been said, on the day."), stretch=False):
        drawing.chart(
            charts.trend(points, "month", {"chance": t("Chance of leaving")}), height=200, key="card_scores", alt=title
        )
