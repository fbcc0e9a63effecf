"""How good a model is: backtest by month, against baselines, lift by tenth, calibration."""

from typing import Any

import streamlit as st

from apps.language import speaker, t
from apps.ui import charts, drawing, tables
from apps.ui.layout import card

Row = dict[str, Any]


def figures(report: Row) -> None:
    """The figures that one asks for first."""
    say, told = speaker(), report["all"]
    with st.grid(4, gap="small", min_column_width=190):
        st.metric(
            t("AUC"), say.number(told["auc"], 3), border=True,
            help=t("95 %: from {low} to {high}. Chance that of a customer who left and one who stayed the first has the"
                   " higher score.", low=say.number(told["auc_low"], 3), high=say.number(told["auc_high"], 3)),
        )  # fmt: skip
        st.metric(
            t("PR-AUC"), say.number(told["pr_auc"], 3), border=True,
            help=t("By chance it would be {rate}.", rate=say.number(report["base_rate"], 3)),
        )  # fmt: skip
        st.metric(
            t("Lift of the first tenth"), say.number(told["lift_10"], 1), border=True,
            help=t("How many times the average customers of the first tenth leave."),
        )  # fmt: skip
        st.metric(t("Brier score"), say.number(told["brier"], 4), border=True,
                  help=t("Without a model it would be {base}.",
                         base=say.number(report["baselines"]["base_rate"]["brier"], 4)))  # fmt: skip


def quality(report: Row) -> None:
    """The backtest in four cards."""
    figures(report)
    left, right = st.columns(2, gap="small")
    with left:
        _months(report)
        _lift(report)
    with right:
        _calibration(report)
        _baselines(report)


def _months(report: Row) -> None:
    say = speaker()
    rows = [
        {"month": f"{row['month'][5:7]}.{row['month'][2:4]}", "auc": _r(row["auc"]), "low": _r(row["auc_low"]),
         "high": _r(row["auc_high"])}
        for row in report["months"]
    ]  # fmt: skip
    names = {"auc": t("AUC"), "low": t("from (95 %)"), "high": t("to (95 %)")}
    title = t("Backtest by month")
    with card(title, t("Each month was scored by a model that knew only what was known then.")):
        option = charts.trend(rows, "month", names)
        for series in option["series"][1:]:
            series["lineStyle"] = {"width": 1, "type": "dashed"}
        option["yAxis"] |= {"min": 0.5, "max": 1}
        drawing.chart(option, height=240, key="models_months", alt=title)
        st.caption(t("{rows} customer months, {left} customers left.", rows=say.number(report["all"]["rows"]),
                     left=say.number(report["all"]["churned"])))  # fmt: skip


def _lift(report: Row) -> None:
    rows = [{"decile": str(row["decile"]), "lift": _r(row["lift"], 2)} for row in report["lift"]]
    title = t("Lift by tenth")
    with card(title, t("1 is the tenth with the highest scores; the line of chance is 1.")):
        drawing.chart(
            charts.trend(rows, "decile", {"lift": t("times the average")}, kind="bar"), height=220,
            key="models_lift", alt=title,
        )  # fmt: skip


def _calibration(report: Row) -> None:
    rows = [
        {"group": str(number), "said": _r(100 * row["said"], 2), "came": _r(100 * row["came"], 2)}
        for number, row in enumerate(report["calibration"], 1)
    ]
    title = t("Calibration")
    with card(title, t("Customers in ten groups by probability: what was said and what came, %.")):
        names = {"said": t("said"), "came": t("came")}
        drawing.chart(
            charts.trend(rows, "group", names, kind="bar"), height=240, key="models_calibration", alt=title
        )  # fmt: skip


def _baselines(report: Row) -> None:
    say = speaker()
    names = {
        "rule": t("Days since last usage alone"), "logistic": t("Logistic regression"),
        "base_rate": t("Base rate"),
    }  # fmt: skip
    rows = [{"name": t("The model"), **report["all"]}]
    rows += [{"name": name, **report["baselines"][key]} for key, name in names.items()]
    shown = [
        {"name": row["name"], "auc": say.number(row["auc"], 3), "pr": say.number(row["pr_auc"], 3),
         "lift": say.number(row["lift_10"], 1), "brier": say.number(row["brier"], 4)}
        for row in rows
    ]  # fmt: skip
    with card(t("Against simple ways"), t("On the same customers and months.")):
        tables.plain(
            shown,
            {
                "name": tables.text(t("Way"), 160), "auc": tables.number(t("AUC"), 62),
                "pr": tables.number(t("PR-AUC"), 68), "lift": tables.number(t("Lift"), 65),
                "brier": tables.number(t("Brier score"), 112),
            },
            key="models_baselines",
        )  # fmt: skip


def _r(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)
