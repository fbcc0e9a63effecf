"""Building a plan from history: which total, and how it is divided; shown before it is kept."""

from typing import Any

import streamlit as st

from apps import actions
from apps.data import performance as data
from apps.identity import person
from apps.language import speaker, t
from apps.performance.planning import Desk, save
from apps.services import services
from apps.snapshot import ask, manifest, reader
from apps.ui.layout import card, told
from crm.services import performance
from crm.services.performance import DEPARTMENT, WHOLE, Method, Shares, Subject, Wish
from vitrina.errors import UserError


def build_card(desk: Desk) -> None:
    """The form, its outcome, and the button that keeps it."""
    with card(t("Build from history"), stretch=False):
        wish, codes = _wish(desk)
        if not codes:
            st.caption(t("Choose at least one indicator."))
            return
        try:
            lines = _built(desk, wish, codes)
        except UserError as error:
            st.warning(told(error))
            return
        top = Subject(DEPARTMENT, desk.plan.department_id)
        wish = _own_totals(desk, wish, {code: lines[top, code] for code in codes})
        if wish.totals:
            lines = _built(desk, wish, codes)
        people = len({subject for subject, _ in lines if subject.kind != DEPARTMENT})
        st.caption(
            speaker().plural(
                "Divided among {count} manager; every level adds up exactly.",
                "Divided among {count} managers; every level adds up exactly.", people,
            )
        )  # fmt: skip
        if st.button(t("Take these figures"), icon=":material/done_all:", type="primary", key="plan_build_go"):
            kept = {key: amount for key, amount in desk.lines.items() if key[1] not in codes}
            actions.attempt(lambda: save(desk, {**kept, **lines}, wish.told(), ""))


def _wish(desk: Desk) -> tuple[Wish, list[str]]:
    methods = {Method.LAST_YEAR: t("Same months of last year"), Method.TREND: t("Trend with its season")}
    shares = {Shares.HISTORY: t("Share of history"), Shares.EQUAL: t("Equal parts"), Shares.OWN: t("Own weights")}
    codes = st.pills(
        t("Indicators"), list(desk.kpis), selection_mode="multi", default=list(desk.kpis), format_func=desk.name,
        key="plan_build_kpis",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.selectbox(t("Total from"), list(methods), format_func=methods.__getitem__, key="plan_method",
                              width=280)  # fmt: skip
        growth = st.number_input(t("Growth, %"), -100.0, 1000.0, 5.0, 0.5, key="plan_growth", width=150)
        share = st.selectbox(t("Divided by"), list(shares), format_func=shares.__getitem__, key="plan_shares",
                             width=220)  # fmt: skip
    own = _weights(desk) if share is Shares.OWN else {}
    return Wish(method, float(growth), share, own), list(codes or [])


def _weights(desk: Desk) -> dict[str, float]:
    history = _history(desk)
    until = manifest().as_of.replace(day=1)
    with services().database.read() as session:
        people = performance.participants(session, desk.plan.department_id, history, until)
    rows: list[dict[str, Any]] = [{"id": each, "name": desk.company.names[each], "weight": 1.0} for each in people]
    edited = st.data_editor(
        rows, key=f"plan_weights_{desk.plan.plan_id}", hide_index=True, num_rows="fixed", width=460,
        column_config={"id": None, "name": st.column_config.TextColumn(t("Manager"), disabled=True),
                       "weight": st.column_config.NumberColumn(t("Weight"), min_value=0.0, step=0.1)},
    )  # fmt: skip
    return {str(row["id"]): float(row["weight"] or 0.0) for row in edited}


def _own_totals(desk: Desk, wish: Wish, totals: dict[str, int]) -> Wish:
    """The totals that came out, each of which may be overwritten."""
    say = speaker()
    rows = [
        {"kpi": code, "name": desk.name(code), "built": say.number(totals[code] // WHOLE), "own": None}
        for code in totals
    ]
    edited = st.data_editor(
        rows, key=f"plan_totals_{desk.plan.plan_id}", hide_index=True, num_rows="fixed", width=620,
        placeholder="—",
        column_config={
            "kpi": None, "name": st.column_config.TextColumn(t("Indicator"), disabled=True, width=230),
            "built": st.column_config.TextColumn(t("Total"), disabled=True, alignment="right", width=160),
            "own": st.column_config.NumberColumn(t("Another total"), step=1.0, format="localized", width=160),
        },
    )  # fmt: skip
    own = {str(row["kpi"]): round(float(row["own"])) * WHOLE for row in edited if row["own"] is not None}
    return Wish(wish.method, wish.growth_pct, wish.shares, wish.own, own)


def _built(desk: Desk, wish: Wish, codes: list[str]) -> dict[tuple[Subject, str], int]:
    chosen = [desk.kpis[code] for code in codes]
    with services().database.read() as session:
        return performance.built_lines(
            session, desk.plan.department_id, desk.plan.period, chosen, _history(desk), manifest().as_of, wish
        )


def _history(desk: Desk) -> dict[str, Any]:
    """Of the employees of the plan whose figures are open to the person."""
    people = desk.company.inside[desk.plan.department_id] & frozenset(data.managers(reader()))
    return ask(data.monthly, tuple(sorted(people))) if people and person() else {}
