"""Who stays and what that is worth: survival curves, and how the models of payments did on the last half year."""

from typing import Any

import streamlit as st

from apps.data import models
from apps.language import speaker, t
from apps.model_workspace.words import why_none
from apps.snapshot import ask
from apps.ui import charts, drawing
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, facts

Row = dict[str, Any]


def staying(customer_type: str, runs: dict[str, Row]) -> None:
    """Curves above, payments below."""
    _survival(customer_type)
    _value(customer_type, runs)


def _survival(customer_type: str) -> None:
    dimensions = {
        "all": t("All"), "segment": t("Segment"), "payment_type": t("Payment type"), "joined": t("Year of joining"),
    }  # fmt: skip
    title = t("How long customers stay")
    with card(
        title,
        t("Share still there by months since joining (Kaplan–Meier), of those who joined since usage is stored."),
        stretch=False,
    ):  # fmt: skip
        chosen = st.segmented_control(
            t("Compare by"), list(dimensions), default="all", key="models_dimension", required=True,
            format_func=dimensions.__getitem__,
        )  # fmt: skip
        rows = ask(models.survival, customer_type, str(chosen or "all"))
        if not rows:
            empty_state("timeline", t("Too few customers"), t("A curve needs at least 30 customers."))
            return
        points, names = _points(rows, str(chosen or "all"))
        option = charts.trend(points, "month", names)
        option["yAxis"] |= {"min": 0, "max": 100}
        drawing.chart(option, height=320, key="models_survival", alt=title)


def _points(rows: list[Row], dimension: str) -> tuple[list[Row], dict[str, str]]:
    """Rows by month with one column a curve, %; with the interval where there is one curve only."""
    values = list(dict.fromkeys(row["value"] for row in rows))
    names = {f"c{number}": _named(dimension, value) for number, value in enumerate(values)}
    by_month: dict[int, Row] = {}
    for row in rows:
        point = by_month.setdefault(row["months"], {"month": str(row["months"])} | dict.fromkeys(names))
        point[f"c{values.index(row['value'])}"] = round(100 * row["share"], 1)
        if len(values) == 1:
            point |= {"low": round(100 * row["share_low"], 1), "high": round(100 * row["share_high"], 1)}
    if len(values) == 1:
        names |= {"low": t("from (95 %)"), "high": t("to (95 %)")}
    return [by_month[month] for month in sorted(by_month)], names


def _named(dimension: str, value: str) -> str:
    return {"all": t("All"), "joined": value}.get(dimension) or label(dimension, value)


def _value(customer_type: str, runs: dict[str, Row]) -> None:
    say, found = speaker(), ask(models.value, customer_type)
    with card(t("Payments to come"), t("BG/NBD for how often, Gamma-Gamma for how much."), stretch=False):
        if found is None:
            empty_state("payments", t("No model of payments"), why_none(runs.get("value", {}).get("reason")))
            return
        held = found["holdout"]
        facts({
            t("Customers with payments"): say.number(found["customers"]),
            t("Margin of payments"): say.percent(found["margin_pct"], 0),
            "r, α, a, b": "; ".join(say.number(found[name], 3) for name in ("r", "alpha", "a", "b")),
            "p, q, v": "; ".join(say.number(found[name], 3) for name in ("p", "q", "v")),
        }, columns=4)  # fmt: skip
        if held:
            st.caption(t(
                "Half a year ago the models would have said {said} payments; {came} came. Amounts: {said_amount} said,"
                " {came_amount} came; rank correlation by customer {rank}.",
                said=say.number(held["said"]), came=say.number(held["came"]),
                said_amount=say.compact_money(held["said_amount"]), came_amount=say.compact_money(held["came_amount"]),
                rank=say.number(held["rank_correlation"], 2),
            ))  # fmt: skip
