"""The bonus at the forecast, why it is that sum, and what it would be if."""

import streamlit as st

from apps.data.performance import Outlook
from apps.language import speaker, t
from apps.performance import figures
from apps.performance.standing import BonusOutlook, Plans
from apps.performance.view import View
from apps.ui import tables
from apps.ui.layout import card, empty_state, escape
from crm.services import performance
from crm.services.performance import Bonus


def reasons() -> dict[str, str]:
    """Why a part is what it is."""
    return {
        "no_plan": t("no plan: not paid"), "below": t("below the threshold: not paid"), "plain": t("paid as done"),
        "accelerated": t("above the plan: accelerated"), "capped": t("at its limit"),
    }  # fmt: skip


def bonus_card(view: View, told: BonusOutlook | None, outlooks: dict[str, Outlook], plans: Plans) -> None:
    """The sum with its range and lines, and the preview."""
    with card(t("Bonus at the forecast"), stretch=False):
        if told is None:
            empty_state(
                "payments", t("No bonus scheme"), t("No scheme holds for this position in this period.")
            )  # fmt: skip
            return
        running = any(each.forecast for each in outlooks.values())
        _summary(told, running)
        bonus_lines(view, told.expected)
        with st.expander(t("What if"), icon=":material/tune:"):
            _what_if(view, told, outlooks, plans)


def _summary(told: BonusOutlook, running: bool) -> None:
    say = speaker()
    with st.container(horizontal=True, gap="large", vertical_alignment="top"):
        st.metric(
            t("Expected") if running else t("Comes to"), say.money(told.expected.amount), width="content",
            delta=t("{share} of the base", share=figures.per_cent(_share(told.expected))), delta_color="off",
            delta_arrow="off",
        )  # fmt: skip
        lines = [t("Base at 100 %: {sum}", sum=say.money(told.expected.base))]
        if running:
            lines = [
                t("At the ends of the forecasts: {low} to {high}", low=say.money(told.low.amount),
                  high=say.money(told.high.amount)),
                t("By what is reached today: {sum}", sum=say.money(told.now.amount)), *lines,
            ]  # fmt: skip
        lines.append(
            t("Scheme “{name}”, version {number}, from {day}", name=told.scheme.name, number=told.scheme.number,
              day=say.date(told.scheme.valid_from))
        )  # fmt: skip
        st.caption("  \n".join(escape(line) for line in lines))


def bonus_lines(view: View, told: Bonus) -> None:
    """The lines that add up to the sum."""
    say, known = speaker(), view.kpis
    rows = [
        {
            "kpi": view.name(line.part.kpi), "weight": say.percent(float(line.part.weight), 0),
            "plan": figures.plain(known[line.part.kpi], line.plan),
            "result": figures.plain(known[line.part.kpi], line.result), "done": figures.per_cent(line.done_pct),
            "paid": figures.per_cent(line.paid_pct), "amount": say.number(line.amount), "why": reasons()[line.reason],
        }
        for line in told.lines
    ]  # fmt: skip
    tables.plain(
        rows,
        {"kpi": tables.text(t("Indicator"), 165), "weight": tables.number(t("Weight"), 60),
         "plan": tables.number(t("Plan"), 110), "result": tables.number(t("Forecast or fact"), 118),
         "done": tables.number(t("Fulfilment"), 105), "paid": tables.number(t("Paid out"), 85),
         "amount": tables.number(t("soʻm"), 95), "why": tables.text(t("Why"), 235)},
    )  # fmt: skip
    if told.is_capped:
        st.caption(t("The whole is cut to its limit."))


def _what_if(view: View, told: BonusOutlook, outlooks: dict[str, Outlook], plans: Plans) -> None:
    """Other results, the same scheme: what the bonus would be."""
    st.caption(t("Per cent of each plan that would be reached; the forecast stands there to begin with."))
    results: dict[str, float] = {}
    with st.grid(4, gap="small", min_column_width=170):
        for part in told.scheme.scheme.parts:
            kpi, plan = view.kpis[part.kpi], plans.get(part.kpi)
            expected = outlooks[part.kpi].expected or 0.0
            if plan is None or not performance.is_planned(plan, kpi.better):
                continue
            start = performance.done_pct(plan, expected, kpi.better)
            share = st.number_input(
                view.name(part.kpi), min_value=0, max_value=1000, step=5, value=min(round(start), 1000),
                key=f"what_if_{view.subject.id}_{view.period.start}_{view.period.kind}_{part.kpi}",
            )  # fmt: skip
            off = (share - 100) / 100 * max(abs(plan), 1.0)
            untouched = share == min(round(start), 1000)
            results[part.kpi] = expected if untouched else plan + (off if kpi.better == "up" else -off)
    better = {code: kpi.better for code, kpi in view.kpis.items()}
    would = performance.bonus(told.scheme.scheme, view.subject.id, plans, results, better)
    difference = would.amount - told.expected.amount
    say = speaker()
    st.markdown(
        t("The bonus would be **{sum}** ({difference} against the forecast).", sum=escape(say.money(would.amount)),
          difference=escape(("+" if difference > 0 else "") + say.money(difference)))
    )  # fmt: skip


def _share(told: Bonus) -> float:
    return 100 * told.amount / told.base if told.base else 0.0
