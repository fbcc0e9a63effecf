"""A manager's own figures, or those of a unit: plan, result, forecast, bonus, and the clients behind them."""

import streamlit as st

from apps.data import performance as data
from apps.identity import person
from apps.language import speaker, t
from apps.performance.behind import clients_card
from apps.performance.bonuses import bonus_card
from apps.performance.cards import cards
from apps.performance.course import course_card
from apps.performance.standing import bonus_outlook, plans_of
from apps.performance.view import View, chosen, have_figures, period_name
from apps.services import services
from apps.snapshot import ask, manifest
from apps.ui.layout import page_header, refused
from crm.errors import CrmError
from crm.services import performance
from crm.services.performance import EMPLOYEE


def figures_of(view: View) -> None:
    """The whole page below its controls."""
    outlooks = ask(data.outlooks, view.people, view.as_of, view.period.start, view.period.kind.value)
    with services().database.read() as session:
        plans = plans_of(session, view.company, [view.subject], view.period)[view.subject]
        schemes = performance.scheme_versions(session, view.kpis)
    cards(view, outlooks, plans)
    if view.subject.kind == EMPLOYEE:
        told = bonus_outlook(
            schemes, view.company, view.subject.id, view.period, plans, outlooks, view.kpis
        )  # fmt: skip
        bonus_card(view, told, outlooks, plans)
    code = st.pills(
        t("Indicator"), list(view.kpis), default=next(iter(view.kpis)), required=True, format_func=view.name,
        key="kpi_chosen", label_visibility="collapsed",
    )  # fmt: skip
    kpi = view.kpis[str(code)]
    course_card(view, kpi, outlooks[kpi.code], plans.get(kpi.code))
    clients_card(view, kpi, outlooks[kpi.code])
    st.caption(attribution())


def attribution() -> str:
    """To whom results are attributed, as the data know it."""
    moved = ask(data.changed_managers)
    told = t("A result belongs to the manager whom the client had on that day, as far as the billing told of changes; "
             "where it did not, to today's manager.")  # fmt: skip
    return told + " " + speaker().plural(
        "In the history open to you {count} client changed manager.",
        "In the history open to you {count} clients changed manager.", moved,
    )  # fmt: skip


page_header(
    t("My KPIs") if person().rights.scope("kpis", "view") == "own" else t("KPIs"),
    t("Plan, result, forecast and bonus; data as of {date}", date=speaker().date(manifest().as_of)),
)
if not person().may("kpis", "view"):
    refused(CrmError("plan_out_of_reach"))
elif have_figures() and (found := chosen("kpis")) is not None:
    st.subheader(period_name(found.period), anchor=False)
    figures_of(found)
