"""What came on top in money, against what was spent: both with the uncertainty of the comparison."""

from decimal import Decimal

import streamlit as st

from apps.language import speaker, t
from apps.ui.layout import card
from crm.services.campaign_runs.kpi_facts import additional
from crm.services.campaign_runs.results import ResultInfo

Range = tuple[float, float | None, float | None]


def returns(result: ResultInfo | None, spent: Decimal) -> None:
    """Additional payments, ROMI and the price of one additional payer; nothing where the comparison judges nothing."""
    revenue = additional(result.figures, "payments") if result is not None else None
    payers = additional(result.figures, "paid") if result is not None else None
    if revenue is None and payers is None:
        return
    say, cost = speaker(), float(spent)
    with (
        card(
            t("What it brought for the money"),
            t("Only what the control group did not do as well counts."),
            stretch=False,
        ),
        st.container(horizontal=True, gap="small"),
    ):
        st.metric(t("Spent"), say.money(cost), border=True)
        if revenue is not None:
            st.metric(
                t("Additional payments"),
                say.money(revenue[0]),
                border=True,
                delta=_between(revenue),
                delta_color="off",
                delta_arrow="off",
            )
            if cost:
                romi = tuple(None if each is None else 100 * (each / cost - 1) for each in revenue)
                st.metric(
                    t("ROMI by payments"),
                    say.percent(romi[0], 0),
                    border=True,
                    delta=_between(romi, "%"),
                    delta_color="off",
                    delta_arrow="off",
                )
        if payers is not None and cost:
            st.metric(
                t("Price of one additional payer"),
                say.money(cost / payers[0]) if payers[0] > 0 else "—",
                border=True,
                delta=_price(payers, cost),
                delta_color="off",
                delta_arrow="off",
            )


def _between(found: tuple[float | None, ...], unit: str = "") -> str | None:
    _, low, high = found
    if low is None or high is None:
        return None
    return t("from {low} to {high}", low=f"{speaker().number(low)}{unit}", high=f"{speaker().number(high)}{unit}")


def _price(payers: Range, cost: float) -> str | None:
    """Who may have brought nobody has no greatest price."""
    _, low, high = payers
    if high is None or high <= 0:
        return t("perhaps nobody came on top")
    least = speaker().number(cost / high)
    if low is None or low <= 0:
        return t("from {low}, without an upper end", low=least)
    return t("from {low} to {high}", low=least, high=speaker().number(cost / low))
