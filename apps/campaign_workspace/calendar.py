"""All campaigns on a line of time: what goes on at once, and until when."""

import datetime as dt
from typing import Any, Final

import streamlit as st

from apps.campaign_workspace.register import PAGE
from apps.campaign_workspace.words import CHART_COLORS, channel_names, days, stage_name
from apps.identity import person, today
from apps.language import speaker, t
from apps.services import services
from apps.ui.layout import empty_state
from crm.services.campaigns import register as kept
from crm.services.campaigns.values import CampaignInfo

_MOST: Final = 60
_SPANS: Final = {"month": 31, "quarter": 92, "year": 366}


def calendar() -> None:
    """The months from a chosen day on, a bar for every campaign; a bar opens its campaign."""
    names = {"month": t("One month"), "quarter": t("Three months"), "year": t("A year")}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first = st.date_input(
            t("From day"), today(services()).replace(day=1), key="campaigns_from", format="DD.MM.YYYY", width=160
        )
        span = st.segmented_control(
            t("Period"),
            list(names),
            default="quarter",
            required=True,
            format_func=names.__getitem__,
            key="campaigns_span",
        )
    last = first + dt.timedelta(days=_SPANS[span or "quarter"] - 1)
    with services().database.read() as session:
        found = kept.calendar(session, person().rights, first, last, now=services().now())
    if not found:
        empty_state("calendar_month", t("No campaign in these days"), t("Campaigns without days are in no calendar."))
        return
    if len(found) > _MOST:
        st.caption(t("The first {count} are shown.", count=speaker().number(_MOST)))
    shown = found[:_MOST]
    state = st.echarts_chart(
        _options(shown, first, last),
        height=60 + 34 * len(shown),
        key=f"campaigns_calendar_{first}_{span}",
        on_select="rerun",
        alt=t("Calendar of campaigns"),
    )
    for chosen in state.selection.selected:
        for place in chosen["data_indices"]:
            if place < len(shown):
                st.switch_page(PAGE, query_params={"key": shown[place].key})


def _options(shown: list[CampaignInfo], first: dt.date, last: dt.date) -> dict[str, Any]:
    """Bars over days since `first`: an unseen bar up to the beginning, then the campaign's own."""
    total = (last - first).days + 1
    labels = [f"{first + dt.timedelta(days=each):%d.%m}" for each in range(total)]
    rows = []
    for each in shown:
        begin = max(0, ((each.starts_on or first) - first).days)
        end = min(total, ((each.ends_on or last) - first).days + 1)
        rows.append((each, begin, max(end - begin, 1)))
    return {
        "grid": {"left": 8, "right": 20, "top": 30, "bottom": 6, "containLabel": True},
        "tooltip": {"confine": True, "formatter": "{b}"},
        "xAxis": [
            {"type": "value", "min": 0, "max": total, "show": False},
            # Bars can be stacked over numbers alone; this axis beside them only writes the days.
            {
                "type": "category",
                "data": labels,
                "position": "top",
                "axisTick": {"show": False},
                "axisLabel": {"interval": max(0, round(total / 12) - 1)},
            },
        ],
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [each.name for each, _, _ in rows],
            "axisLabel": {"width": 260, "overflow": "truncate"},
            "axisTick": {"show": False},
        },
        "series": [
            {
                "type": "bar",
                "stack": "days",
                "silent": True,
                "itemStyle": {"color": "transparent"},
                "data": [begin for _, begin, _ in rows],
                "tooltip": {"show": False},
            },
            {
                "type": "bar",
                "stack": "days",
                "barMaxWidth": 20,
                "selectedMode": "single",
                "data": [
                    {
                        "value": length,
                        "name": _tip(each),
                        "itemStyle": {"color": CHART_COLORS[each.stage], "borderRadius": 5},
                        "label": {
                            "show": length > total / 7,
                            "position": "inside",
                            "formatter": stage_name(each.stage),
                            "color": "#ffffff",
                            "fontSize": 12,
                        },
                    }
                    for each, _, length in rows
                ],
            }
            | _today_line(first, total),
        ],
    }


def _today_line(first: dt.date, total: int) -> dict[str, Any]:
    at = (today(services()) - first).days
    if not 0 <= at < total:
        return {}
    line = {
        "data": [{"xAxis": at + 0.5}],
        "symbol": "none",
        "silent": True,
        "label": {"show": False},
        "lineStyle": {"color": "#c4423a", "type": "solid", "width": 1.5},
    }
    return {"markLine": line}


def _tip(each: CampaignInfo) -> str:
    parts = [each.name, stage_name(each.stage), days(each.starts_on, each.ends_on), channel_names(each)]
    return "\n".join(part for part in parts if part)
