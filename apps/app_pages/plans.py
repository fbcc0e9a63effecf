"""Plans of sales from the first figure to the approval, and the schemes by which bonuses are counted."""

import streamlit as st

from apps.actions import tell_done
from apps.identity import person
from apps.language import t
from apps.performance.plan_build import build_card
from apps.performance.plan_list import may_make, new_plan_dialog, plan_list
from apps.performance.plan_review import header, history_card, next_steps
from apps.performance.plan_table import figures_card
from apps.performance.plan_upload import upload_card
from apps.performance.planning import PARAM, SHOW, open_plan
from apps.performance.schemes import schemes_panel
from apps.performance.view import have_figures
from apps.ui.layout import page_header, refused
from crm.errors import CrmError


def one_plan(plan_id: int) -> None:
    """A plan: its figures, and for who may write it the ways to make them."""
    desk = open_plan(plan_id)
    header(desk)
    next_steps(desk)
    tabs = {"figures": t("Figures"), "history": t("History")}
    if desk.may_write:
        tabs = {"figures": t("Figures"), "build": t("From history"), "file": t("From a file"), "history": t("History")}
    first = "build" if desk.may_write and not desk.lines and have_figures() else "figures"
    key = f"plan_tab_{plan_id}"
    if (wished := st.session_state.pop(SHOW, first if key not in st.session_state else None)) in tabs:
        st.session_state[key] = wished
    tab = st.segmented_control(
        t("Show"), list(tabs), required=True, format_func=tabs.__getitem__, key=f"plan_tab_{plan_id}",
        label_visibility="collapsed",
    )  # fmt: skip
    panels = {"figures": figures_card, "build": build_card, "file": upload_card, "history": history_card}
    if tab != "build" or have_figures():
        panels[str(tab)](desk)


def all_plans() -> None:
    """The list and the schemes."""
    tabs = {"plans": t("Plans"), "schemes": t("Bonus schemes")}
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        tab = st.segmented_control(
            t("Show"), list(tabs), default="plans", required=True, format_func=tabs.__getitem__, key="plans_tab",
            label_visibility="collapsed",
        )  # fmt: skip
        if (
            may_make()
            and tab == "plans"
            and st.button(t("New plan"), icon=":material/add:", type="primary", key="new_plan")
        ):
            new_plan_dialog()
    if tab == "plans":
        plan_list()
    else:
        schemes_panel()


page_header(t("Plans and bonuses"), t("Built or loaded, approved by somebody else, then held against the results"))
tell_done()
wanted = st.query_params.get(PARAM, "")
if not (person().may("kpis", "edit") or person().may("kpis", "administer")):
    refused(CrmError("plan_out_of_reach"))
elif have_figures(("kpi_catalogue",)):
    if wanted.isdigit() and len(wanted) < 10:
        one_plan(int(wanted))
    else:
        all_plans()
