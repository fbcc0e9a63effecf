"""The clients behind a figure: every sum can be followed to its rows, and what is missing is told."""

from typing import Any

import pandas as pd
import streamlit as st

from apps.data import performance as data
from apps.data.performance import Outlook
from apps.language import speaker, t
from apps.performance import figures
from apps.performance.view import View
from apps.snapshot import reader
from apps.ui import tables
from apps.ui.customer_list import open_card
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, escape
from crm.services.performance import Kpi

_NEAR = 0.5


def clients_card(view: View, kpi: Kpi, outlook: Outlook) -> None:
    """A page of the clients, the largest first; a row opens the client's card."""
    with card(t("Clients behind the figure: {kpi}", kpi=view.name(kpi.code)), stretch=False):
        first, last = view.period.start, min(view.period.end, view.as_of)
        if kpi.kind == "level":
            first = last = data.level_day(reader(), view.people, kpi.code, last) or last
        count, total = data.behind_total(reader(), view.people, kpi.code, first, last)
        if not count:
            empty_state("group_off", t("No clients"), t("No client gave anything to this figure in the period."))
            return
        st.caption(_told(kpi, outlook, count, total))
        picked = tables.paged(
            f"behind_{kpi.code}_{view.subject.id}_{view.period.start}", count,
            lambda limit, offset: data.clients_behind(
                reader(), view.people, kpi.code, first, last, limit, offset
            ),
            {"full_name": tables.text(t("Client"), 340), "region": tables.text(t("Region"), 180),
             "segment_name": tables.text(t("Segment"), 200),
             "shown": tables.number(t("soʻm") if kpi.unit == "sum" else t("pieces"), 150),
             "share": tables.number(t("Share"), 90)},
            selectable=True, page_size=20, prepare=lambda frame: _readable(frame, kpi, total),
        )  # fmt: skip
        open_card(picked)


def _told(kpi: Kpi, outlook: Outlook, count: int, total: float) -> str:
    say = speaker()
    told = say.plural("{count} client, together {sum}. Select a row to open the card.",
                      "{count} clients, together {sum}. Select a row to open the card.", count,
                      sum=figures.full(kpi, total))  # fmt: skip
    missing = (outlook.fact or 0.0) - total
    if abs(missing) >= _NEAR:
        told += " " + t(
            "{sum} more came from clients who have gone to other managers and are not open to you.",
            sum=figures.full(kpi, missing),
        )
    return escape(told)


def _readable(frame: pd.DataFrame, kpi: Kpi, total: float) -> pd.DataFrame:
    say = speaker()
    values = [float(value) for value in frame["value"]]

    def named(kind: str, column: str) -> list[Any]:
        return [label(kind, code) if isinstance(code, str) else say.number(None) for code in frame[column]]

    frame["region"], frame["segment_name"] = named("region", "region_code"), named("segment", "segment")
    frame["shown"] = [say.number(round(value)) for value in values]
    frame["share"] = [
        say.percent(100 * value / total, 1) if total > 0 <= value else say.number(None) for value in values
    ]
    return frame
