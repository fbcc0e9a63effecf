"""Home: the state of the customer base and of the data behind it, at a glance."""

from typing import Any

import streamlit as st

from apps import identity
from apps.data import home
from apps.language import speaker, t
from apps.navigation import pages_for
from apps.signal_workspace.home import day, has_day
from apps.snapshot import ask, manifest
from apps.ui import charts, drawing, scale
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, escape, page_header
from apps.ui.sources import sources_at_a_glance
from vitrina.access.rights import Scope

Months = list[dict[str, Any]]


def key_figures(today: dict[str, Any], months: Months) -> None:
    """Five figures with their course over a year; the change is against the month before."""
    say = speaker()

    def course(key: str) -> list[float]:
        return [float(row[key]) for row in months if row[key] is not None]

    def change(key: str) -> str | None:
        values = course(key)
        if len(values) < 2 or not values[-2]:
            return None
        share = round(100 * (values[-1] - values[-2]) / values[-2], 1)
        if not share:
            return None
        return ("-" if share < 0 else "+") + say.percent(abs(share))

    def against_last_month(key: str) -> dict[str, Any]:
        found = change(key)
        return {"delta": found, "delta_description": t("last month")} if found else {}

    common: dict[str, Any] = {"border": True, "height": "stretch"}
    with st.grid(5, gap="small", min_column_width=170):
        st.metric(
            t("Customers with us"),
            say.number(today["customers"]),
            **against_last_month("customers"),
            chart_data=course("customers"),
            help=t("Those who left are not counted: {count}.", count=say.number(today["has_left"])),
            **common,
        )
        st.metric(
            t("Active numbers"),
            say.number(today["active_numbers"]),
            **against_last_month("active_numbers"),
            chart_data=course("active_numbers"),
            **common,
        )
        st.metric(
            t("Revenue for {month}", month=say.short_month(today["month_end"])),
            say.compact_money(today["revenue"]),
            **against_last_month("revenue"),
            chart_data=course("revenue"),
            **common,
        )
        st.metric(
            t("Customers' debt"),
            say.compact_money(today["debt"]),
            **against_last_month("debt"),
            chart_data=course("debt"),
            delta_color="inverse",
            help=t("Of it overdue: {amount}", amount=say.compact_money(today["overdue"])),
            **common,
        )
        churned = months[-1]["churned"] if months else None
        st.metric(
            t("Left in {month}", month=say.short_month(today["month_end"])),
            say.number(churned),
            **against_last_month("churned"),
            chart_data=course("churned"),
            chart_type="bar",
            delta_color="inverse",
            help=t("Customers who were with us at the end of the month before and had no open number at its end."),
            **common,
        )


def revenue_card(months: Months) -> None:
    """Revenue by month, persons and organisations."""
    say = speaker()
    rows = [
        {
            "month": say.short_month(row["month_end"]),
            "b2c": row["revenue_persons"],
            "b2b": row["revenue_organisations"],
        }
        for row in months
    ]
    rows, unit = scale.money(rows, ("b2c", "b2b"))
    title = t("Revenue by month, {unit}", unit=unit)
    with card(title):
        if not rows:
            empty_state("bar_chart", t("No month is complete yet"), t("Charts appear after the first full month."))
            return
        names = {"b2c": t("B2C, private persons"), "b2b": t("B2B, organisations")}
        option = charts.trend(rows, "month", names, kind="bar", stack=True)
        drawing.chart(option, height=300, key="home_revenue", alt=title)


def regions_card() -> None:
    """Where the revenue comes from."""
    say = speaker()
    rows = [
        {
            "name": label("region", row["region_code"]),
            "value": float(row["revenue"]),
            "text": say.compact(row["revenue"]),
            "tip": f"{label('region', row['region_code'])}: {say.money(row['revenue'])}, "
            + say.plural("{count} customer", "{count} customers", row["customers"]),
        }
        for row in ask(home.by_region)
    ]
    with card(t("Revenue by region, last full month")):
        if not rows:
            empty_state("map", t("No regions"), t("No customer has a region yet."))
            return
        drawing.chart(charts.bars(rows), height=300, key="home_regions", alt=t("Revenue by region, last full month"))


def welcome() -> None:
    """For those whose work is not with customers: where to go."""
    with card(t("Welcome, {name}", name=escape(me.rights.display_name)), stretch=False):
        st.caption(t("Your role opens these pages; the others do not show."))
        with st.grid(3, gap="small", min_column_width=240):
            for page in (page for pages in pages_for(me).values() for page in pages[:]):
                if page.url_path:
                    st.page_link(page)


me = identity.person()
known = manifest()
page_header(
    t("Home"),
    t("Data as of {date}", date=speaker().date(known.as_of))
    + " · "
    + t("snapshot {version}, published {moment}", version=known.version, moment=speaker().moment(known.created_at)),
)
if has_day(me):
    day(me)
if me.may("customers", "view"):
    with st.skeleton(height=420):
        figures, course_of_months = ask(home.today), ask(home.by_month)
    if me.rights.scope("customers", "view") is not Scope.ALL:
        st.caption(t("Figures of the customers that are open to you: {scope}.",
                     scope=label("scope", me.rights.scope("customers", "view"))))  # fmt: skip
    key_figures(figures, course_of_months)
    left_side, right_side = st.columns([3, 2], gap="small")
    with left_side:
        revenue_card(course_of_months)
    with right_side:
        regions_card()
else:
    welcome()
if me.may("data_health", "view"):
    sources_at_a_glance()
