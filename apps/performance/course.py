"""The chart of one indicator: what has come day by day, the plan as such months usually fill, the forecast's cone."""

import datetime as dt
from typing import Any

import streamlit as st

from apps.data.performance import Outlook
from apps.language import t
from apps.performance import figures
from apps.performance.view import View
from apps.ui import charts, drawing, scale
from apps.ui.layout import card, empty_state
from crm.services.performance import Kpi

_LINES = ("fact", "plan", "expected", "low", "high")


def course_card(view: View, kpi: Kpi, outlook: Outlook, plan: float | None) -> None:
    """The chart, and what the forecast stands on."""
    with card(t("{kpi}: result, plan and forecast", kpi=view.name(kpi.code))):
        if outlook.fact is None:
            empty_state("event_upcoming", t("The period has not begun"), t("The result appears with its first day."))
            return
        rows = _rows(view, kpi, outlook, plan)
        unit = t("pieces")
        if kpi.unit == "sum":
            rows, unit = _scaled(rows)
        drawing.chart(_option(rows, unit), height=320, key=f"course_{kpi.code}", alt=view.name(kpi.code))
        st.caption(_explained(kpi, outlook))


def _rows(view: View, kpi: Kpi, outlook: Outlook, plan: float | None) -> list[dict[str, Any]]:
    """One row per day of the period; what is not known of a day is None."""
    fact, path = dict(outlook.course), {each.day: each for each in (outlook.forecast.path if outlook.forecast else ())}
    usual = dict(outlook.usual)
    days = [view.period.start + dt.timedelta(days=n) for n in range((view.period.end - view.period.start).days + 1)]
    if kpi.kind == "level":
        days = [day for day in days if day in fact or day in path]
    last = max(fact, default=None)
    rows = []
    for day in days:
        ahead = path.get(day)
        known = fact.get(day)
        # The cone begins where the line of results ends.
        at = known if ahead is None and day == last and path else None
        rows.append(
            {
                "day": f"{day:%d.%m}", "fact": known,
                "plan": None if plan is None else plan * usual.get(day, 1.0) if kpi.kind == "flow" else plan,
                "expected": ahead.expected if ahead else at, "low": ahead.low if ahead else at,
                "high": ahead.high if ahead else at,
            }
        )  # fmt: skip
    return rows


def _scaled(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], str]:
    """In one unit of soʻm; what is not known stays so."""
    told, unit = scale.money(rows, _LINES)
    return [new | {key: None for key in _LINES if old[key] is None} for old, new in zip(rows, told, strict=True)], unit


def _option(rows: list[dict[str, Any]], unit: str) -> charts.Option:
    rows = [row | {"band": None if row["low"] is None else row["high"] - row["low"]} for row in rows]
    columns = ["day", *_LINES, "band"]
    dots = len(rows) < 4
    cone = {"type": "line", "stack": "cone", "symbol": "none", "lineStyle": {"opacity": 0}, "silent": True,
            "stackStrategy": "all", "tooltip": {"show": False}}  # fmt: skip
    return {
        "grid": {"left": 8, "right": 12, "top": 54, "bottom": 4, "containLabel": True},
        "legend": {"top": 0, "left": 0, "icon": "roundRect", "itemWidth": 12, "itemHeight": 8,
                   "data": [t("Fact"), t("Plan, as months usually fill"), t("Forecast")]},
        "tooltip": {"trigger": "axis", "confine": True, "valueFormatter": "%.10g"},
        "dataset": {"dimensions": columns, "source": [[row[key] for key in columns] for row in rows]},
        "xAxis": {"type": "category", "axisTick": {"show": False}, "boundaryGap": dots},
        "yAxis": {"type": "value", "splitNumber": 4, "name": unit, "nameGap": 12, "scale": dots,
                  "nameTextStyle": {"align": "left"}},
        "series": [
            {**cone, "name": t("Lower end"), "encode": {"x": "day", "y": "low"}},
            {**cone, "name": t("Interval"), "encode": {"x": "day", "y": "band"},
             "areaStyle": {"color": charts.PRIMARY, "opacity": 0.14}},
            {"type": "line", "name": t("Plan, as months usually fill"), "encode": {"x": "day", "y": "plan"},
             "showSymbol": dots, "lineStyle": {"type": "dotted", "width": 2, "color": charts.MUTED},
             "itemStyle": {"color": charts.MUTED}},
            {"type": "line", "name": t("Fact"), "encode": {"x": "day", "y": "fact"}, "showSymbol": dots,
             "lineStyle": {"width": 3, "color": charts.PRIMARY}, "itemStyle": {"color": charts.PRIMARY}},
            {"type": "line", "name": t("Forecast"), "encode": {"x": "day", "y": "expected"}, "showSymbol": dots,
             "lineStyle": {"type": "dashed", "width": 2, "color": charts.ACCENT},
             "itemStyle": {"color": charts.ACCENT}},
        ],
    }  # fmt: skip


def _explained(kpi: Kpi, outlook: Outlook) -> str:
    told = outlook.forecast
    if told is None:
        return t("The period is over: this is the result.")
    if not told.errors:
        return t("There is no history to make a forecast from yet.")
    missed = sorted(abs(each.actual - each.expected) for each in told.backtest)
    usual = figures.short(kpi, missed[len(missed) // 2])
    parts = [
        t("The same forecast, made on this day of the last {count} months, usually missed by {usual}.",
          count=told.errors, usual=usual)
    ]  # fmt: skip
    parts.append(t("The interval holds the result in 8 cases of 10."))
    if kpi.kind == "level":
        parts.append(t("Inside a month the debt is not measured, so its interval is that of a whole month."))
    if told.is_rough:
        parts.append(t("There are too few past months to trust the interval."))
    return " ".join(parts)
