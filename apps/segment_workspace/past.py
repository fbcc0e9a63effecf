"""The definition of now, replayed on every month end that is kept."""

from typing import Any

import streamlit as st

from apps.language import speaker, t
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import settled
from apps.segment_workspace.places import said
from apps.ui import charts, drawing
from apps.ui.layout import empty_state
from segments import questions
from segments.questions import Point


def past(found: Desk) -> None:
    """How many would have been in the segment at the end of each month."""
    known = settled(found)
    if known is None:
        return
    definition, bench = known
    if definition.kind == "sql":
        empty_state("history", t("SQL has no past"), t("A text of SQL reads the tables of today."))
        return
    with st.spinner(t("The past is being replayed")):
        points: tuple[Point, ...] = bench.ask(
            "replay",
            definition,
            lambda: questions.replay(
                bench.reader, definition, bench.catalogue, questions.stored_month_ends(bench.reader), bench.others
            ),
        )
    if not points:
        empty_state("history", t("No month end is stored yet"), t("The profile is kept at the end of every month."))
        return
    say = speaker()
    rows: list[dict[str, Any]] = [
        {
            "month": say.month(each.month_end),
            "count": each.count,
            "share": 100 * each.count / each.base if each.base else 0,
        }
        for each in points
    ]
    st.caption(t("How many customers the present definition would have held at the end of each month."))
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True):
        st.markdown(f"**{t('Customers')}**")
        drawing.chart(charts.trend(rows, "month", {"count": t("Customers")}), height=260, key="segment_replay")
    with right, st.container(border=True):
        st.markdown(f"**{t('Share of all customers, %')}**")
        shares = [row | {"share": round(row["share"], 2)} for row in rows]
        drawing.chart(charts.trend(shares, "month", {"share": "%"}), height=260, key="segment_replay_share")
    for note in dict.fromkeys(said(note) for point in points for note in point.notes):
        st.caption(note)
