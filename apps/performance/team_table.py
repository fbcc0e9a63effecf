"""The managers of a team in one indicator: plan, result, forecast, bonus; a row opens the manager's page."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from apps.data import performance as data
from apps.data.performance import Outlook
from apps.language import speaker, t
from apps.performance import figures
from apps.performance.standing import BonusOutlook, Plans, bonus_outlook, plans_of
from apps.performance.view import View
from apps.services import services
from apps.snapshot import ask
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card
from crm.services import performance
from crm.services.performance import EMPLOYEE, Kpi, Subject

PAGE = "app_pages/kpis.py"
_MOST_BONUSES = 60
Row = dict[str, Any]


def managers_card(view: View, kpi: Kpi) -> list[Row]:
    """The table of the managers; returns its rows as they are shown, for the file."""
    rows, columns = _rows(view, kpi), _columns(kpi)
    if len({row["region"] for row in rows}) < 2:
        del columns["region"]
    with card(t("Managers: {kpi}", kpi=view.name(kpi.code)), stretch=False):
        st.caption(t("Select a row to open the manager's figures with the clients behind them."))
        picked = tables.selectable(rows, columns, key=f"team_{kpi.code}_{view.period.kind}", height=560)
    if picked is not None:
        st.switch_page(PAGE, query_params={"who": f"{EMPLOYEE}:{rows[picked]['employee_id']}"})
    return rows


def outlooks_of(view: View, kpi: str) -> dict[str, Outlook]:
    """One indicator of every manager."""
    return ask(
        data.outlooks_by_employee, view.people, kpi, view.as_of, view.period.start, view.period.kind.value
    )  # fmt: skip


def plans_by_employee(view: View) -> dict[str, Plans]:
    """The approved plan of every manager."""
    subjects = [Subject(EMPLOYEE, each) for each in view.people]
    with services().database.read() as session:
        found = plans_of(session, view.company, subjects, view.period)
    return {subject.id: plans for subject, plans in found.items()}


def bonuses(view: View, plans: Mapping[str, Plans]) -> dict[str, BonusOutlook]:
    """The bonus of every manager for whom a scheme holds; none in teams too large for a screen."""
    if len(view.people) > _MOST_BONUSES:
        return {}
    with services().database.read() as session:
        schemes = performance.scheme_versions(session, view.kpis)
    if not schemes:
        return {}
    paid = {part.kpi for each in schemes if each.scheme.period_kind == view.period.kind for part in each.scheme.parts}
    by_kpi = {code: outlooks_of(view, code) for code in view.kpis if code in paid}
    found = {
        each: bonus_outlook(
            schemes, view.company, each, view.period, plans[each], {code: by_kpi[code][each] for code in by_kpi},
            view.kpis,
        )
        for each in view.people
    }  # fmt: skip
    return {each: told for each, told in found.items() if told is not None}


def _rows(view: View, kpi: Kpi) -> list[Row]:
    outlooks, plans = outlooks_of(view, kpi.code), plans_by_employee(view)
    paid, say = bonuses(view, plans), speaker()
    ordered = sorted(view.people, key=lambda each: -_size(kpi, outlooks[each], plans[each].get(kpi.code)))
    rows = []
    for each in ordered:
        outlook, plan = outlooks[each], plans[each].get(kpi.code)
        told = paid.get(each)
        rows.append(
            {
                "employee_id": each, "name": view.company.names[each],
                "region": label("region", view.company.regions.get(each) or None),
                "place": view.company.places.get(view.company.homes.get(each) or "", ""),
                "plan": figures.plain(kpi, plan), "fact": figures.plain(kpi, outlook.fact),
                "done": figures.per_cent(figures.done(kpi, plan, outlook.fact)),
                "forecast": figures.plain(kpi, outlook.expected), "interval": figures.span(kpi, outlook),
                "expected": figures.done(kpi, plan, outlook.expected),
                "bonus": say.number(told.expected.amount if told else None),
            }
        )  # fmt: skip
    return rows


def _size(kpi: Kpi, outlook: Outlook, plan: float | None) -> float:
    """By what rows are ordered: the share of the plan that is expected, else the figure itself."""
    share = figures.done(kpi, plan, outlook.expected)
    return share if share is not None else (outlook.expected or 0.0) / 1e18


def _columns(kpi: Kpi) -> dict[str, Any]:
    unit = t("soʻm") if kpi.unit == "sum" else t("pieces")
    return {
        "name": tables.text(t("Manager"), 225), "region": tables.text(t("Region"), 110),
        "plan": tables.number(t("Plan, {unit}", unit=unit), 92), "fact": tables.number(t("Fact"), 85),
        "done": tables.number(t("Fulfilment"), 102), "forecast": tables.number(t("Forecast"), 92),
        "interval": tables.text(t("80 % interval"), 135),
        "expected": st.column_config.ProgressColumn(
            t("Expected"), format="%.0f %%", min_value=0, max_value=150, width=110
        ),
        "bonus": tables.number(t("Bonus, soʻm"), 105),
    }  # fmt: skip
