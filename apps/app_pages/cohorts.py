"""Cohorts by the month of first activity: how many stay, and what a customer brings as he ages."""

from typing import Any

import streamlit as st

from apps.data import cohorts
from apps.language import speaker, t
from apps.snapshot import ask
from apps.ui import charts, drawing
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, page_header

Row = dict[str, Any]


def filters() -> tuple[int, str, str | None]:
    """Depth of history, the measure, and the customer type (None for both)."""
    names = {"retention_pct": t("Retention, %"), "revenue_per_customer": t("Revenue per customer")}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        depth = st.segmented_control(
            t("Period"),
            [12, 24, 36],
            default=12,
            key="cohort_depth",
            required=True,
            format_func=lambda months: speaker().plural("{count} month", "{count} months", months),
        )
        measure = st.segmented_control(
            t("Show"),
            list(names),
            default="retention_pct",
            key="cohort_measure",
            required=True,
            format_func=names.__getitem__,
        )
        kind = st.segmented_control(
            t("Customers"),
            ["all", "person", "organisation"],
            default="all",
            key="cohort_type",
            required=True,
            format_func=lambda code: t("All") if code == "all" else label("customer_types", code),
        )
    return int(depth or 12), str(measure or "retention_pct"), None if kind in (None, "all") else str(kind)


def shown(value: float | None, measure: str) -> str:
    """A figure of the chosen measure as people write it."""
    say = speaker()
    return say.percent(value) if measure == "retention_pct" else say.compact_money(value)


def heat_card(rows: list[Row], measure: str, depth: int) -> None:
    """Cohort months down, age in months across."""
    say = speaker()
    months = sorted({row["cohort_month"] for row in rows})
    ages = sorted({row["months_since"] for row in rows})
    size = {row["cohort_month"]: row["customers"] for row in rows}
    name = {month: f"{say.short_month(month)}  ({say.number(size[month])})" for month in months}
    cells = [
        {
            "column": row["months_since"],
            "line": name[row["cohort_month"]],
            "value": _float(row[measure]),
            "text": "" if row[measure] is None else _short(row[measure], measure),
            "tip": t(
                "{month}, month {age}: {value}, active {active} of {size}",
                month=say.short_month(row["cohort_month"]),
                age=row["months_since"],
                value=shown(row[measure], measure),
                active=say.number(row["active_customers"]),
                size=say.number(row["customers"]),
            ),
        }
        for row in rows
    ]
    later = [cell["value"] for cell in cells if cell["value"] is not None and int(cell["column"]) > 0]
    option = charts.heatmap(
        cells,
        [str(age) for age in ages],
        [name[month] for month in months],
        column_name=t("Months since first activity"),
        label="text" if len(ages) <= 14 else None,
        minimum=min(later, default=0) if measure == "retention_pct" else 0,
        maximum=max(later, default=None),
    )
    with card(
        t("Cohort heatmap"),
        t("A row is a cohort: customers whose first activity fell in that month (their number in brackets)."),
    ):
        drawing.chart(
            option,
            height=90 + 30 * len(months) if depth <= 24 else 90 + 20 * len(months),
            key=f"cohort_heat_{depth}_{measure}",
            alt=t("Cohort heatmap"),
        )


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _short(value: Any, measure: str) -> str:
    return speaker().number(value) if measure == "retention_pct" else speaker().compact(value)


def curves_card(rows: list[Row], measure: str) -> None:
    """One line per cohort by age, and the average of all weighted by size."""
    say = speaker()
    months = sorted({row["cohort_month"] for row in rows})
    step = max(1, len(months) // 5)
    chosen = st.session_state.get("cohort_pick") or months[::step][:6]
    value = {(row["cohort_month"], row["months_since"]): _float(row[measure]) for row in rows}
    series = {f"c{index}": say.short_month(month) for index, month in enumerate(chosen)} | {"mean": t("All cohorts")}
    lines = [
        {
            "age": str(age),
            "mean": _mean(rows, age, measure),
            **{f"c{i}": value.get((month, age)) for i, month in enumerate(chosen)},
        }
        for age in sorted({row["months_since"] for row in rows})
    ]
    with card(t("Cohort curves"), t("How the measure changes with the age of a cohort.")):
        st.multiselect(
            t("Cohorts"),
            months,
            default=months[::step][:6],
            format_func=say.short_month,
            key="cohort_pick",
            max_selections=8,
        )
        ceiling = 100 if measure == "retention_pct" else None
        drawing.chart(
            charts.trend(lines, "age", series, top=ceiling), height=320, key="cohort_curves", alt=t("Cohort curves")
        )


def _mean(rows: list[Row], age: int, measure: str) -> float | None:
    """The average over cohorts at one age, weighted by cohort size."""
    known = [row for row in rows if row["months_since"] == age and row[measure] is not None]
    weight = sum(row["customers"] for row in known)
    return round(sum(float(row[measure]) * row["customers"] for row in known) / weight, 2) if weight else None


page_header(t("Cohorts"), t("Customers by the month of their first activity: how many stay and what they bring"))
months_shown, chosen_measure, chosen_type = filters()
found = ask(cohorts.retention, months_shown, chosen_type).to_pylist()
if not found:
    empty_state("stacked_line_chart", t("No cohorts yet"), t("They appear after the first full month of activity."))
else:
    heat_card(found, chosen_measure, months_shown)
    curves_card(found, chosen_measure)
