"""One card per indicator: result, plan, forecast with its interval."""

import streamlit as st

from apps.data.performance import Outlook
from apps.language import t
from apps.performance import figures
from apps.performance.standing import Plans
from apps.performance.view import View
from apps.ui.layout import escape
from crm.services.performance import Kpi

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
        delta=None if share is None else _delta(share, running), delta_color=_color(share), delta_arrow="off",
    )  # fmt: skip
    done = figures.done(kpi, plan, outlook.fact)
    if done is not None:
        st.progress(min(done, 100) / 100, text=t("{share} of the plan by now", share=figures.per_cent(done)) if running
                    else None)  # fmt: skip
    lines = [t("Plan: {value}", value=figures.short(kpi, plan)) if plan is not None else t("No approved plan")]
    if running:
        lines.append(t("Forecast: {value}", value=figures.short(kpi, outlook.expected)))
        if outlook.forecast and outlook.forecast.is_rough:
            lines.append(t("Little history: the interval is rough"))
        if interval := figures.between(kpi, outlook):
            lines.append(t("80 % interval: {interval}", interval=interval))
    st.caption("  \n".join(escape(line) for line in lines))


def _delta(share: float, running: bool) -> str:
    told = figures.per_cent(share)
    return t("{share} of the plan expected", share=told) if running else t("{share} of the plan", share=told)


def _color(share: float | None) -> str:
    if share is None:
        return "off"
    return "green" if share >= _GOOD else "orange" if share >= _FAIR else "red"
