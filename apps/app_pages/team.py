"""The head's workspace: the team's figures, who stands where, load, signals and tasks; from here to every manager."""

import streamlit as st

from apps.data import performance as data
from apps.identity import person
from apps.language import speaker, t
from apps.performance.cards import cards
from apps.performance.course import course_card
from apps.performance.standing import plans_of
from apps.performance.team_file import file_button
from apps.performance.team_load import load_card
from apps.performance.team_regions import regions_card
from apps.performance.team_table import managers_card
from apps.performance.view import View, chosen, have_figures
from apps.services import services
from apps.snapshot import ask, manifest
from apps.ui.layout import page_header, refused
from crm.errors import CrmError


def team(view: View) -> None:
    """The cards of the whole, then one table at a time."""
    outlooks = ask(data.outlooks, view.people, view.as_of, view.period.start, view.period.kind.value)
    with services().database.read() as session:
        plans = plans_of(session, view.company, [view.subject], view.period)[view.subject]
    cards(view, outlooks, plans)
    tabs = {"managers": t("Managers"), "regions": t("Regions"), "course": t("Course"), "load": t("Load and signals")}
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        tab = st.segmented_control(
            t("Show"), list(tabs), default="managers", required=True, format_func=tabs.__getitem__, key="team_tab",
            label_visibility="collapsed",
        )  # fmt: skip
        code = str(next(iter(view.kpis)))
        if tab != "load":
            code = st.selectbox(
                t("Indicator"), list(view.kpis), format_func=view.name, key="team_kpi", width=280,
                label_visibility="collapsed",
            )  # fmt: skip
    kpi = view.kpis[code]
    if tab == "course":
        course_card(view, kpi, outlooks[code], plans.get(code))
        return
    shown = {"managers": managers_card, "regions": regions_card}
    rows = load_card(view) if tab == "load" else shown[str(tab)](view, kpi)
    file_button(view, str(tab), rows)


page_header(
    t("Team"),
    t("Results of the team against its plan, load, signals and tasks; data as of {date}",
      date=speaker().date(manifest().as_of)),
)  # fmt: skip
if person().rights.scope("kpis", "view") in (None, "own"):
    refused(CrmError("plan_out_of_reach"))
elif have_figures() and (found := chosen("team", departments_only=True)) is not None:
    team(found)
