"""The figures: the last complete period against its norm, the chart with deviations marked, and the table."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from apps.client_list.columns import signed_percent
from apps.data import usage
from apps.data.usage import NORM_PERIODS, Asked, Row
from apps.language import speaker, t
from apps.snapshot import reader
from apps.ui import charts, drawing, tables
from apps.ui.layout import card, empty_state
from apps.usage_analysis.choosing import Named
from apps.usage_analysis.looking import Look, chart_unit, is_whole, measure_names

_MARK: Final = 11


@dataclass(frozen=True)
class Figures:
    """The periods shown with norm and deviation of the measure, and the values compared with (None: no comparison).
    `running` is whether the last period is not over yet."""

    rows: list[Row]
    norm: list[float | None]
    off: list[float | None]
    other: list[float | None] | None
    running: bool


def figures(named: Named, look: Look, as_of: dt.date) -> Figures:
    """Ask for the periods and as many before them as a norm needs."""
    before = NORM_PERIODS[look.grain] * (7 if look.grain == "day" else 1)
    early = usage.step(look.first, look.grain, -before)
    rows = _scaled(usage.series(reader(), Asked(named.subject, look.grain, early, look.last, look.with_charges)), look)
    rows = usage.whole(reader(), rows, look.grain)
    norm = usage.norms(rows, look.measure, look.grain)
    off = usage.deviations([row[look.measure] for row in rows], norm, look.threshold)
    running = bool(rows) and usage.step(look.last, look.grain, 1) > as_of + dt.timedelta(days=1)
    if running:
        norm[-1] = off[-1] = None
    start = next((place for place, row in enumerate(rows) if row["period"] >= look.first), len(rows))
    shown = rows[start:]
    return Figures(shown, norm[start:], off[start:], _other(look, shown), running)


def _scaled(rows: list[Row], look: Look) -> list[Row]:
    return usage.per_customer(rows) if look.is_per_customer else rows


def _other(look: Look, shown: list[Row]) -> list[float | None] | None:
    if look.other is None or not shown:
        return None
    days = [row["period"] for row in shown]
    if look.other_kind == "year":
        days = [usage.year_before(day, look.grain) for day in days]
    asked = Asked(look.other.subject, look.grain, days[0], days[-1], look.with_charges)
    known = {row["period"]: row for row in _scaled(usage.series(reader(), asked), look)}
    return [known[day][look.measure] if day in known and known[day]["numbers"] else None for day in days]


def _period(day: dt.date, grain: str) -> str:
    return speaker().short_month(day) if grain == "month" else speaker().date(day)


def headline(found: Figures, look: Look) -> None:
    """The last complete period: its value, its norm, how far off, and all deviations."""
    say = speaker()
    place = len(found.rows) - (2 if found.running else 1)
    if place < 0:
        return
    row, norm = found.rows[place], found.norm[place]
    value, name = row[look.measure], measure_names(look.with_charges)[look.measure]
    digits = 1 if abs(value) < 100 else 0
    falls = sum(1 for off in found.off if off is not None and off < 0)
    rises = sum(1 for off in found.off if off is not None and off > 0)
    with st.grid(4, gap="small", min_column_width=200):
        st.metric(f"{name} · {_period(row['period'], look.grain)}", say.number(value, digits), border=True)
        st.metric(t("Norm"), say.number(norm, digits), border=True)
        st.metric(t("Against the norm"), signed_percent(100 * (value / norm - 1) if norm else None), border=True)
        st.metric(t("Deviations: down / up"), f"{falls} / {rises}", border=True)


def chart(named: Named, found: Figures, look: Look) -> None:
    """Values as bars, the norm dashed, the comparison as a line, deviations as marks."""
    top = max([*(row[look.measure] for row in found.rows), *(value or 0 for value in found.other or ())])
    divisor, unit = chart_unit(look.measure, top, measure_names(look.with_charges)[look.measure])
    with card(f"{unit} · {named.name}", _told(found, look), stretch=False):
        rows = [
            {
                "period": _period(row["period"], look.grain), "value": _part(row[look.measure], divisor),
                "norm": _part(norm, divisor),
                "other": None if found.other is None else _part(found.other[place], divisor),
                "fall": _part(row[look.measure], divisor) if off is not None and off < 0 else None,
                "growth": _part(row[look.measure], divisor) if off is not None and off > 0 else None,
            }
            for place, (row, norm, off) in enumerate(zip(found.rows, found.norm, found.off, strict=True))
        ]  # fmt: skip
        drawing.chart(_option(rows, named, look), height=340, key="usage_chart", alt=unit)


def _told(found: Figures, look: Look) -> str | None:
    parts = [t("Per client with usage.")] if look.is_per_customer else []
    parts += [t("The last period is not over yet.")] if found.running else []
    return " ".join(parts) or None


def _part(value: float | None, divisor: float) -> float | None:
    return None if value is None else round(value / divisor, 2)


def _option(rows: list[dict[str, Any]], named: Named, look: Look) -> charts.Option:
    series = {"value": named.name, "norm": t("Norm")}
    if look.other is not None:
        series["other"] = look.other.name
    series |= {"fall": t("Below the norm"), "growth": t("Above the norm")}
    option = charts.trend(rows, "period", series, kind="bar")
    looks: dict[str, charts.Option] = {
        "norm": {"type": "line", "showSymbol": False, "lineStyle": {"width": 2, "type": "dashed"},
                 "itemStyle": {"color": charts.MUTED}},
        "other": {"type": "line", "showSymbol": False, "lineStyle": {"width": 2},
                  "itemStyle": {"color": charts.ACCENT}},
        "fall": {"type": "scatter", "symbol": "triangle", "symbolRotate": 180, "symbolSize": _MARK, "z": 5,
                 "itemStyle": {"color": charts.BAD}, "tooltip": {"show": False}},
        "growth": {"type": "scatter", "symbol": "triangle", "symbolSize": _MARK, "z": 5,
                   "itemStyle": {"color": charts.GOOD}, "tooltip": {"show": False}},
    }  # fmt: skip
    for mark in option["series"]:
        column = mark["encode"]["y"]
        mark |= looks.get(column, {"itemStyle": {"color": charts.PRIMARY, "opacity": 0.85}})
    return option


def table(found: Figures, look: Look) -> None:
    """Every period with every measure, the latest first, and the totals."""
    say, names = speaker(), measure_names(look.with_charges)
    with card(t("All measures"), stretch=False):
        rows = [
            _line(_period(row["period"], look.grain), row, names, off, say)
            for row, off in zip(reversed(found.rows), reversed(found.off), strict=True)
        ]
        if not look.is_per_customer:
            total = {**usage.totals(found.rows), "numbers": None, "customers": None}
            rows.insert(0, _line(t("Total"), total, names, None, say))
        columns = {"period": tables.text(t("Period"), 95), "off": tables.number(t("Against the norm"), 105)}
        columns |= {name: tables.number(title, 130) for name, title in names.items()}
        columns |= {"numbers": tables.number(t("Numbers with usage"), 110),
                    "customers": tables.number(t("Clients with usage"), 110)}  # fmt: skip
        tables.plain(rows, columns, key="usage_table")


def _line(period: str, row: Any, names: dict[str, str], off: float | None, say: Any) -> dict[str, Any]:
    digits = {name: 0 if is_whole(name) or abs(row[name]) >= 100 else 1 for name in names}
    return (
        {"period": period, "off": signed_percent(off)}
        | {name: say.number(row[name], digits[name]) for name in names}
        | {name: say.number(row[name]) for name in usage.COUNTED}
    )


def nothing() -> None:
    """When the subject has no usage at all in the periods."""
    empty_state("monitoring", t("No usage"), t("Nothing is stored of these periods. Choose longer ones or others."))
