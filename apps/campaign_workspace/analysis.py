"""What a campaign came to: the funnel, what it added against its control group, figures against their targets, money,
conclusions.

`analysis(info)` draws the whole tab. A funnel describes; only the comparison with the control group tells what the
campaign added, so the verdict stands first.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from apps.campaign_workspace.conclusions import conclusions
from apps.campaign_workspace.figures import figure_name, figure_value
from apps.campaign_workspace.lift import effect
from apps.campaign_workspace.lift_money import returns
from apps.campaign_workspace.words import channel_name
from apps.language import speaker, t
from apps.services import services
from apps.ui import charts, tables
from apps.ui.layout import card, empty_state
from crm.services.campaign_runs import figures as runs
from crm.services.campaign_runs import results
from crm.services.campaign_runs.figures import Figures
from crm.services.campaign_runs.kpi_facts import facts
from crm.services.campaigns import figures as money
from crm.services.campaigns import kpis
from crm.services.campaigns.values import CampaignInfo, Kpi
from crm.services.delivery.response_figures import converted_by_channel


def analysis(info: CampaignInfo) -> None:
    """The whole tab."""
    with services().database.read() as session:
        found = runs.figures_or_none(session, info.key, services().now())
        result = results.latest(session, info.key)
        wanted = kpis.kpis(session, info.key)
        spent = money.campaign_figures(session, info.key, converted_by_channel(session, info.key))
    if found is None:
        empty_state("insights", t("There is nothing to analyse yet"), t("The campaign has not begun."))
        return
    effect(result)
    cost = sum((each.spent for each in spent), Decimal(0))
    returns(result, cost)
    measured = facts(found, result.figures if result is not None else None, cost)
    left, right = st.columns(2, gap="small")
    with left:
        _funnel(found)
    with right:
        _plan_fact([_with_fact(each, measured) for each in wanted])
    _money(spent)
    conclusions(info, _snapshot(found, result))


def _funnel(found: Figures) -> None:
    say = speaker()
    steps = _steps(found)
    total = steps[0][1]
    with card(t("How far they came")):
        if not total:
            st.caption(t("Nobody takes part yet."))
            return
        rows = []
        before = total
        for name, count in steps:
            share, of_before = 100 * count / total, 100 * count / before if before else 0.0
            rows.append(
                {
                    "name": t(name),
                    "value": count,
                    "text": f"{say.number(count)} · {say.percent(share, 1)}",
                    "tip": t("{share} of those one step before", share=say.percent(of_before, 1)),
                }
            )
            before = count
        st.echarts_chart(charts.bars(rows), height=230, key="analysis_funnel")
        st.caption(t("What was delivered is not what it brought: that is told by the control group."))


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


_STEPS: Final = (_("Take part"), _("Got a message"), _("Interested"), _("Conversions"))


def _steps(found: Figures) -> list[tuple[str, int]]:
    """Customers, not messages: whom something was delivered to is told by responses of the first type."""
    counts = (found.arms.get("contacted", 0), *(found.responses.get(type_, 0) for type_ in (1, 2, 3)))
    return list(zip(_STEPS, counts, strict=True))


def _with_fact(each: Kpi, measured: Mapping[str, float]) -> Kpi:
    """What was recorded counts; else what the run and its results tell now."""
    return each if each.fact is not None else replace(each, fact=measured.get(each.code))


def _plan_fact(wanted: list[Kpi]) -> None:
    with card(t("Targets and facts")):
        if not wanted:
            st.caption(t("No figures to reach were set in the concept."))
            return
        rows = []
        for each in wanted:
            verdict = {None: t("not measured yet"), True: t("reached"), False: t("missed")}[each.is_reached]
            sign = "≥" if each.direction == "at_least" else "≤"
            rows.append(
                {
                    "name": figure_name(each.code, each),
                    "target": f"{sign} {figure_value(each.target, each.unit)}",
                    "fact": figure_value(each.fact, each.unit),
                    "verdict": verdict,
                }
            )
        columns = {
            "name": tables.text(t("Figure"), 190),
            "target": tables.number(t("Target"), 85),
            "fact": tables.number(t("Fact"), 85),
            "verdict": tables.text(t("Outcome"), 110),
        }
        tables.plain(rows, columns, key="analysis_kpis")


def _money(spent: list[money.ChannelFigures]) -> None:
    if not any(each.spent or each.reserved for each in spent):
        return
    number = speaker().number
    rows = [
        {
            "channel": channel_name(each.channel),
            "need": number(each.need),
            "spent": number(each.spent),
            "acquired": number(each.acquired),
            "sac": number(each.sac),
        }
        for each in spent
    ]
    columns = {
        "channel": tables.text(t("Channel"), 200),
        "need": tables.number(t("Planned, soʻm"), 140),
        "spent": tables.number(t("Spent, soʻm"), 140),
        "acquired": tables.number(t("Conversions"), 120),
        "sac": tables.number(t("Spent for one conversion, soʻm"), 220),
    }
    with card(t("Money by channel"), t("Who would have bought anyway is in these counts too."), stretch=False):
        tables.plain(rows, columns, key="analysis_money")


def _snapshot(found: Figures, result: results.ResultInfo | None) -> Mapping[str, Any]:
    """The figures that a person has before him when he concludes; they are kept with what he writes."""
    kept: dict[str, Any] = {"funnel": [{"step": name, "customers": count} for name, count in _steps(found)]}
    if result is not None:
        kept |= {"result": result.number, "as_of": result.as_of.isoformat(), "lifts": result.figures.get("lifts", [])}
    return kept
