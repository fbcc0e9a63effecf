"""First tab: who this is, how consumption, charges and payments went, and what the groups say."""

from typing import Any

import streamlit as st

from apps.customer_card.header import Profile, requisites
from apps.identity import person
from apps.language import speaker, t
from apps.ui import charts, drawing, scale
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, fact

Months = list[dict[str, Any]]


def overview(profile: Profile, months: Months) -> None:
    """Identity beside the trends."""
    cards = (("finance", charges_card), ("usage", usage_card))
    drawn = [draw for subject, draw in cards if person().may(subject, "view")]
    left, right = st.columns([5, 8], gap="small") if drawn else (st.container(), st.container())
    with left, card(t("Details"), stretch=bool(drawn)):
        requisites(profile)
    with right:
        for draw in drawn:
            draw(months)
    value_card(profile)


def _numbers(months: Months, *columns: str) -> list[dict[str, Any]]:
    say = speaker()
    return [{"month": say.short_month(row["month_end"]), **{c: float(row[c] or 0) for c in columns}} for row in months]


def charges_card(months: Months) -> None:
    """Charges by kind as stacked bars, payments as a line over them."""
    kinds = {
        "recurring": t("Monthly fee"),
        "out_of_bundle": t("Beyond the bundle"),
        "roaming": t("Roaming"),
        "one_off": t("One-off"),
    }
    rows, unit = scale.money(_numbers(months, *kinds, "payments"), (*kinds, "payments"))
    title = t("Charges and payments by month, {unit}", unit=unit)
    with card(title):
        if not months:
            _no_history()
            return
        option = charts.trend(rows, "month", kinds, kind="bar", stack=True)
        line = charts.trend(rows, "month", {"payments": t("Payments")})["series"][0]
        option["series"].append(line | {"lineStyle": {"width": 2, "type": "dashed"}})
        option["dataset"] = charts.trend(rows, "month", kinds | {"payments": t("Payments")})["dataset"]
        drawing.chart(option, height=240, key="card_charges", alt=title)


def usage_card(months: Months) -> None:
    """Voice, internet and SMS: three small charts, since their units differ."""
    largest = max((row["data_mb"] or 0 for row in months), default=0)
    internet = t("Internet, GB") if largest > 5000 else t("Internet, MB")
    divisor = 1024 if largest > 5000 else 1
    months = [row | {"data_mb": round((row["data_mb"] or 0) / divisor, 2)} for row in months]
    measures = {"data_mb": internet, "voice_minutes": t("Outgoing minutes"), "sms_count": t("Outgoing SMS")}
    with card(t("Consumption by month")):
        if not months:
            _no_history()
            return
        for place, (column, name) in zip(st.columns(3, gap="small"), measures.items(), strict=True):
            with place:
                st.caption(name)
                option = charts.trend(_numbers(months, column), "month", {column: name})
                option["series"][0] |= {"areaStyle": {"opacity": 0.12}}
                drawing.chart(option, height=150, key=f"card_usage_{column}", alt=name)


def value_card(profile: Profile) -> None:
    """RFM, cohort and tenure in one row."""
    say = speaker()
    scores = [profile[f"{letter}_score"] for letter in "rfm"]
    with st.container(border=True), st.grid(5, gap="small", min_column_width=150):
        fact(t("RFM group"), label("rfm_group", profile["rfm_group"] or "no_payments"))
        fact(t("Scores R, F, M"), " – ".join("·" if score is None else str(score) for score in scores))
        fact(t("Cohort"), say.month(profile["cohort_month"]))
        tenure = profile["tenure_months_count"]
        fact(t("With us"), say.date(None) if tenure is None else say.plural("{count} month", "{count} months", tenure))
        fact(t("Main tariff"), profile["main_product_name"] or say.date(None))


def _no_history() -> None:
    empty_state("show_chart", t("No month is complete yet"), t("Charts appear after the first full month."))
