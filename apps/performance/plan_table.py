"""The figures of a plan as a table: employees are edited, departments are the sum of those below them."""

from typing import Any

import pandas as pd
import streamlit as st

from apps import actions
from apps.language import speaker, t
from apps.performance.planning import Desk, Lines, people_of, save
from apps.ui import tables
from apps.ui.layout import card, empty_state
from crm.services.performance import DEPARTMENT, EMPLOYEE, WHOLE, PlanState, Subject


def figures_card(desk: Desk) -> None:
    """Sums by department, then the employees' figures, which may be changed by who may write the plan."""
    people = people_of(desk)
    if not desk.lines:
        with st.container(border=True):
            empty_state(
                "calculate", t("The plan has no figures yet"), t("Build it from history, or load a file.")
            )  # fmt: skip
        return
    with card(t("Sums"), stretch=False):
        tables.plain(_sums(desk), _columns(desk, t("Department"), 260), key="plan_sums")
    if not people:
        return
    with card(t("Managers"), t("Departments add up by themselves when the plan is saved."), stretch=False):
        if not desk.may_write:
            rows = [_shown(desk, Subject(EMPLOYEE, each), desk.company.names[each]) for each in people]
            tables.plain(rows, _columns(desk, t("Manager"), 260))
            return
        edited = _editor(desk, people)
        comment = st.text_input(t("Comment"), key="plan_comment", max_chars=500, placeholder=t("What changed and why"))
        if desk.plan.newest.state is PlanState.APPROVED:
            st.caption(t("The approved figures count until the change is approved as well."))
        if st.button(t("Save the figures"), icon=":material/save:", type="primary", key="plan_save"):
            changed = _edited_lines(desk, people, edited)
            actions.attempt(lambda: save(desk, changed, {"how": "edited"}, comment or ""))


def _sums(desk: Desk) -> list[dict[str, Any]]:
    places = sorted(
        {subject for subject, _ in desk.lines if subject.kind == DEPARTMENT},
        key=lambda each: (each.id != desk.plan.department_id, desk.company.paths.get(each.id, "")),
    )
    root, company = desk.plan.department_id, desk.company
    return [
        _shown(desk, each, company.places.get(each.id, each.id) if each.id == root else _below(desk, each.id))
        for each in places
    ]


def _below(desk: Desk, place: str) -> str:
    """The name of a department, without those above it that are the plan's own."""
    paths = desk.company.paths
    return "· " + paths.get(place, place).removeprefix(paths.get(desk.plan.department_id, "")).removeprefix(" / ")


def _shown(desk: Desk, subject: Subject, name: str) -> dict[str, Any]:
    say = speaker()
    values = {code: desk.lines.get((subject, code)) for code in desk.kpis}
    told = {code: say.number(None if value is None else value / WHOLE, 0) for code, value in values.items()}
    return {"name": name, **told}


def _columns(desk: Desk, heading: str, width: int) -> dict[str, Any]:
    return {
        "name": tables.text(heading, width), **{code: tables.number(desk.name(code), 115) for code in desk.kpis}
    }  # fmt: skip


def _editor(desk: Desk, people: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            {"name": desk.company.names[each]}
            | {code: _number(desk.lines.get((Subject(EMPLOYEE, each), code))) for code in desk.kpis}
            for each in people
        ]
    )
    columns: dict[str, Any] = {"name": st.column_config.TextColumn(t("Manager"), disabled=True, width=185)}
    for code, kpi in desk.kpis.items():
        whole = all(amount % WHOLE == 0 for (_, own), amount in desk.lines.items() if own == code)
        step = 1.0 if whole or kpi.unit == "count" else 0.01
        columns[code] = st.column_config.NumberColumn(desk.name(code), step=step, format="localized", width=115)
    key = f"plan_table_{desk.plan.plan_id}_{desk.plan.revision}"
    return st.data_editor(
        frame, hide_index=True, column_config=columns, key=key, num_rows="fixed", height="content",
        row_height=tables.ROW_HEIGHT,
    )  # fmt: skip


def _number(amount: int | None) -> float | None:
    return None if amount is None else amount / WHOLE


def _edited_lines(desk: Desk, people: list[str], edited: pd.DataFrame) -> Lines:
    """The employees' cells as lines; of departments those that nobody's figure stands behind stay."""
    lines = {key: amount for key, amount in desk.lines.items() if key[0].kind == DEPARTMENT}
    for each, row in zip(people, edited.to_dict("records"), strict=True):
        for code in desk.kpis:
            value = row[code]
            if value is not None and not pd.isna(value):
                lines[Subject(EMPLOYEE, each), code] = round(float(value) * WHOLE)
    return lines
