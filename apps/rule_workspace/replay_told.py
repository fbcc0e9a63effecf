"""What a replay came to, for those who decide whether the rule goes live."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.language import speaker, t
from apps.rule_workspace.replaying import OWN, Found
from apps.services import services
from apps.ui import charts, drawing, tables
from apps.ui.layout import card, empty_state
from crm.services import signals as kept
from crm.services.organisation import employees
from crm.signal_messages import HELD_BECAUSE, OUTCOMES
from signals.definition import Rule
from signals.questions import Estimate

_MOST_BARS = 62


def told_replay(found: Found, rule: Rule) -> None:
    """Figures, the course, managers, what they were worth, overlap."""
    raised = found.replay.raised().num_rows
    if not raised:
        empty_state("notifications_off", t("It would have raised nothing"), t("Loosen the conditions, or look further "
                                                                              "back."))  # fmt: skip
        _held(found)
        return
    _headline(found, rule)
    _course(found)
    left, right = st.columns(2, gap="small")
    with left:
        _managers(found)
    with right:
        _months(found)
    _held(found)
    _overlap(found)


def figures(found: Found) -> dict[str, Any]:
    """The same as plain values, to be kept with the version."""
    worth = found.effect

    def plain(each: Estimate) -> list[float | None]:
        return [each.value, each.low, each.high]

    return {
        "first": found.replay.first.isoformat(), "last": found.replay.last.isoformat(),
        "raised": found.replay.raised().num_rows, "judged": worth.judged, "precision": plain(worth.precision),
        "recall": plain(worth.recall), "lift": plain(worth.lift), "base_rate": plain(worth.base_rate),
    }  # fmt: skip


def _headline(found: Found, rule: Rule) -> None:
    say, worth = speaker(), found.effect
    weeks = max(1.0, ((found.replay.last - found.replay.first).days + 1) / 7)
    most = max((row["most_a_day"] for row in found.replay.per_owner.to_pylist() if row["owner"]), default=0)
    outcome = t(OUTCOMES[rule.outcome.kind]).lower()
    with st.grid(5, gap="small", min_column_width=170):
        st.metric(t("Signals"), say.number(worth.alerts), border=True, height="stretch",
                  help=t("{number} a week", number=say.number(worth.alerts / weeks, 1)))  # fmt: skip
        st.metric(t("At most a day for one"), say.number(most), border=True, height="stretch")
        _estimate(t("Came true"), worth.precision, t("Of the signals whose {days} days are over: {outcome}",
                  days=rule.outcome.within_days, outcome=outcome), share=True)  # fmt: skip
        _estimate(t("Foreseen of all cases"), worth.recall,
                  t("Of the customers of whom it came true, warned of before"), share=True)  # fmt: skip
        _estimate(t("Better than chance"), worth.lift, t("Times the share among all: {share}",
                  share=say.percent(None if worth.base_rate.value is None else 100 * worth.base_rate.value)),
                  share=False)  # fmt: skip
    if worth.left_out:
        st.caption(speaker().plural("{count} signal is too young to be judged.",
                                    "{count} signals are too young to be judged.", worth.left_out))  # fmt: skip


def _estimate(title: str, found: Estimate, help: str, *, share: bool) -> None:
    say = speaker()

    def said(value: float | None) -> str:
        if value is None:
            return "—"
        return say.percent(100 * value) if share else f"{say.number(value, 1)} ×"

    delta = None
    if found.low is not None and found.high is not None:
        delta = t("95 %: {low} to {high}", low=said(found.low), high=said(found.high))
    st.metric(title, said(found.value), delta=delta, delta_color="off", delta_arrow="off", border=True,
              height="stretch", help=help)  # fmt: skip


def _course(found: Found) -> None:
    rows = [
        {"day": row["day"], "raised": row["raised"] + row["raised_again"], "held": row["held_back"]}
        for row in found.replay.per_day.to_pylist()
    ]
    by_week = len(rows) > _MOST_BARS
    if by_week:
        rows = _weeks(rows)
    drawn = [{**row, "day": f"{row['day']:%d.%m.%y}"} for row in rows]
    title = t("Signals by week") if by_week else t("Signals by day")
    with card(title, stretch=False):
        option = charts.trend(drawn, "day", {"raised": t("Raised")}, kind="bar")
        drawing.chart(option, height=220, key="rule_past_course", alt=title)


def _weeks(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    sums: dict[dt.date, dict[str, Any]] = {}
    for row in rows:
        monday = row["day"] - dt.timedelta(days=row["day"].weekday())
        line = sums.setdefault(monday, {"day": monday, "raised": 0, "held": 0})
        line["raised"] += row["raised"]
        line["held"] += row["held"]
    return list(sums.values())


def _managers(found: Found) -> None:
    say = speaker()
    with services().database.read() as session:
        names = {each.employee_id: each.full_name for each in employees(session)}
    weeks = max(1.0, ((found.replay.last - found.replay.first).days + 1) / 7)
    rows = [
        {
            "name": names.get(row["owner"], row["owner"]) if row["owner"] else t("Nobody yet"),
            "raised": say.number(row["raised"]), "week": say.number(row["raised"] / weeks, 1),
            "most": say.number(row["most_a_day"]),
        }
        for row in found.replay.per_owner.to_pylist()
    ]  # fmt: skip
    with card(t("By manager")):
        tables.plain(
            rows,
            {
                "name": tables.text(t("Has to act"), 180), "raised": tables.number(t("Signals"), 80),
                "week": tables.number(t("A week"), 80), "most": tables.number(t("At most a day"), 135),
            },
            key="rule_past_managers",
        )  # fmt: skip


def _months(found: Found) -> None:
    say = speaker()
    rows = [
        {
            "month": say.short_month(row["month"]), "alerts": say.number(row["alerts"]),
            "right": say.number(row["right"]), "open": say.number(row["left_out"]),
            "share": say.percent(100 * row["right"] / judged) if (judged := row["alerts"] - row["left_out"]) else "—",
        }
        for row in found.effect.by_month.to_pylist()
    ]  # fmt: skip
    with card(t("What came of them, by month")):
        tables.plain(
            rows,
            {
                "month": tables.text(t("Month"), 80), "alerts": tables.number(t("Signals"), 80),
                "right": tables.number(t("Came true"), 95), "share": tables.number(t("Share"), 75),
                "open": tables.number(t("Not known yet"), 110),
            },
            key="rule_past_months_table",
        )  # fmt: skip


def _held(found: Found) -> None:
    counts: dict[str, int] = {}
    for kind, reason in zip(found.replay.events.column("kind").to_pylist(),
                            found.replay.events.column("reason").to_pylist(), strict=True):  # fmt: skip
        if kind == "held_back":
            counts[reason] = counts.get(reason, 0) + 1
    if counts:
        told = ", ".join(f"{t(HELD_BECAUSE[reason]).lower()}: {speaker().number(count)}"
                         for reason, count in sorted(counts.items(), key=lambda item: -item[1]))  # fmt: skip
        st.caption(t("Found but not raised anew: {reasons}", reasons=told))


def _overlap(found: Found) -> None:
    if found.overlap is None or OWN not in found.overlap.keys:
        return
    say, shared = speaker(), found.overlap
    with services().database.read() as session:
        names = {each.key: each.name for each in kept.rules(session, None)}
    own = shared.keys.index(OWN)
    rows = [
        {
            "name": names.get(key, key), "size": say.number(shared.matrix[place][place]),
            "both": say.number(shared.matrix[own][place]), "share": say.percent(100 * shared.share[own][place]),
        }
        for place, key in enumerate(shared.keys) if place != own
    ]  # fmt: skip
    about = t("Customers of whom both told within {days} days; of this rule alone: {count}", days=shared.within,
              count=say.number(shared.alone[own]))  # fmt: skip
    with card(t("Overlap with other rules"), about, stretch=False):
        tables.plain(
            rows,
            {
                "name": tables.text(t("Rule"), 320), "size": tables.number(t("Its customers"), 120),
                "both": tables.number(t("Of both"), 100),
                "share": tables.number(t("Part of this rule's signals"), 190),
            },
            key="rule_past_overlap",
        )  # fmt: skip
