"""One card per indicator: result, plan, forecast with its interval."""

from typing import Literal

import streamlit as st

from apps.data.performance import Outlook
from apps.language import t
from apps.performance import figures
from apps.performance.standing import Plans
from apps.performance.view import View
from apps.ui.layout import escape
from crm.services.performance import Kpi, is_planned

_GOOD, _FAIR = 100, 90


def cards(view: View, outlooks: dict[str, Outlook], plans: Plans) -> None:
    """All indicators of the view."""
    with st.grid(4, gap="small", min_column_width=235):
        for code, kpi in view.kpis.items():
            with st.container(border=True, height="stretch", key=f"kpi_card_{code}"):
                _card(view, kpi, outlooks[code], plans.get(code))


def _card(view: View, kpi: Kpi, outlook: Outlook, plan: float | None) -> None:
    running = outlook.forecast is not None
    share = figures.done(kpi, plan, outlook.expected)
    st.metric(
        view.name(kpi.code), figures.short(kpi, outlook.fact), help=view.told(kpi.code),
        delta=_delta(kpi, plan, outlook), delta_color=_color(share), delta_arrow="off",
    )  # fmt: skip
    _progress(view, kpi, outlook, plan)
    lines = [_planned(kpi, plan)]
    if running:
        lines.append(t("Forecast: {value}", value=figures.short(kpi, outlook.expected)))
        if interval := figures.between(kpi, outlook):
            lines.append(t("80 % interval: {interval}", interval=interval))
        if outlook.forecast and outlook.forecast.is_rough:
            lines.append(t("Little history: the interval is rough"))
    st.caption("  \n".join(escape(line) for line in lines))


def _planned(kpi: Kpi, plan: float | None) -> str:
    if plan is None:
        return t("No approved plan")
    return t("Plan: {value}", value=figures.short(kpi, plan)) if is_planned(plan, kpi.better) else t("No plan")


def _progress(view: View, kpi: Kpi, outlook: Outlook, plan: float | None) -> None:
    """How much of the plan is reached, and how much usually is by this day; what should stay low has no such way."""
    done = figures.done(kpi, plan, outlook.fact)
    if done is None or kpi.better == "down":
        return
    usual = dict(outlook.usual).get(view.as_of)
    if outlook.forecast is None or usual is None:
        st.progress(min(done, 100) / 100)
        return
    text = t("{share} of the plan by now, {usual} is usual", share=figures.per_cent(done),
             usual=figures.per_cent(100 * usual))  # fmt: skip
    st.progress(min(done, 100) / 100, text=text)


def _delta(kpi: Kpi, plan: float | None, outlook: Outlook) -> str | None:
    share = figures.done(kpi, plan, outlook.expected)
    if share is None:
        return None
    running = outlook.forecast is not None
    if kpi.better == "up":
        told = figures.per_cent(share)
        return t("{share} of the plan expected", share=told) if running else t("{share} of the plan", share=told)
    off = round((outlook.expected or 0.0) - (plan or 0.0))
    if off == 0:
        return t("as planned")
    size = figures.short(kpi, abs(off))
    if running:
        return t("{value} above the plan expected", value=size) if off > 0 else t(
            "{value} below the plan expected", value=size)  # fmt: skip
    return t("{value} above the plan", value=size) if off > 0 else t("{value} below the plan", value=size)


def _color(share: float | None) -> Literal["off", "green", "orange", "red"]:
    if share is None:
        return "off"
    return "green" if share >= _GOOD else "orange" if share >= _FAIR else "red"
