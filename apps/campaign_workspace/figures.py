"""Figures that a campaign is to reach: chosen from the usual ones, each with its target."""

from collections.abc import Iterable
from typing import Any, Final

import streamlit as st

from apps.language import speaker, t
from apps.services import services
from crm import campaign_messages as said
from crm.services.campaigns import kpis
from crm.services.campaigns.values import CampaignInfo, Kpi

_USUAL: Final = {
    "reach": 1000.0, "delivered_pct": 90.0, "interest_pct": 5.0, "conversions": 100.0, "conversion_pct": 2.0,
    "lift_pct": 1.0, "revenue": 10_000_000.0, "romi_pct": 50.0, "sac": 20_000.0, "churn_pct": 2.0,
}  # fmt: skip


def figures(info: CampaignInfo, key: str, off: bool) -> list[Kpi]:
    """The fields; what they say now."""
    with services().database.read() as session:
        kept = {each.code: each for each in kpis.kpis(session, info.key)}
    known = [*kpis.COMMON, *(code for code in kept if code not in kpis.COMMON)]
    chosen = st.multiselect(
        t("Figures"), known, default=list(kept), format_func=lambda code: figure_name(code, kept.get(code)),
        key=f"{key}_kpis", disabled=off, placeholder=t("Choose what the campaign is judged by"),
    )  # fmt: skip
    return [_target(code, kept.get(code), key, off) for code in chosen]


def _target(code: str, kept: Kpi | None, key: str, off: bool) -> Kpi:
    unit, direction = (kept.unit, kept.direction) if kept else kpis.COMMON[code]
    sign = "≥" if direction == "at_least" else "≤"
    target = st.number_input(
        f"{figure_name(code, kept)}, {sign} {unit_name(unit)}".rstrip(), value=kept.target if kept else _USUAL[code],
        key=f"{key}_kpi_{code}", disabled=off, step=None, format="%.10g",
    )  # fmt: skip
    return Kpi(code, kept.name if kept else said.KPI_NAMES[code], unit, float(target), direction)


def figure_name(code: str, kept: Kpi | None = None) -> str:
    """What a figure is called."""
    return t(said.KPI_NAMES[code]) if code in said.KPI_NAMES else (kept.name if kept else code)


def unit_name(unit: str) -> str:
    """What a figure is counted in."""
    return {"pct": "%", "sum": t("soʻm"), "customers": t("customers, unit"), "count": ""}.get(unit, unit)


def figure_value(value: float | None, unit: str) -> str:
    """A figure as it is read: thousands apart, few decimals."""
    say = speaker()
    if value is None:
        return "—"
    if unit == "pct":
        return say.percent(value, 1)
    return say.money(value) if unit == "sum" else say.number(value)


def targets(found: Iterable[Kpi]) -> list[Any]:
    """What of figures people set, for comparison."""
    return [(each.code, each.name, each.unit, each.target, each.direction) for each in found]
