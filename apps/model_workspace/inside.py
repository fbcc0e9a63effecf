"""What a model looks at, what was left out as knowing the future, and whether customers still look alike."""

from typing import Any

import streamlit as st

from apps.data import models
from apps.language import speaker, t
from apps.model_workspace.words import SIGNS, STATES, feature_names, word
from apps.snapshot import ask
from apps.ui import charts, drawing, tables
from apps.ui.layout import card, empty_state

Row = dict[str, Any]
_MOST = 15


def inside(report: Row, customer_type: str) -> None:
    """Weights on the left, drift and leaks on the right."""
    names = feature_names()
    left, right = st.columns(2, gap="small")
    with left:
        _weights(report, names)
    with right:
        _drift(customer_type, names)
        _leaks(report, names)


def _weights(report: Row, names: dict[str, str]) -> None:
    say = speaker()
    rows = [
        {"name": names.get(row["feature"], row["feature"]), "value": row["weight"],
         "text": say.number(row["weight"], 2), "tip": f"{word(row['word'])}: {names.get(row['feature'], '')}"}
        for row in report["features"][:_MOST]
    ]  # fmt: skip
    title = t("What decides")
    with card(title, t("Average size of the effect on the score, in log-odds.")):
        option = charts.bars(rows)
        option["yAxis"]["axisLabel"] = {"width": 230, "overflow": "truncate"}
        drawing.chart(option, height=460, key="models_weights", alt=title)


def _drift(customer_type: str, names: dict[str, str]) -> None:
    say, rows = speaker(), ask(models.drift, customer_type)
    alarms = sum(row["state"] == "alarm" for row in rows)
    with card(t("Drift"), t("How far today's customers are from those learned from (PSI): alarm from 0.25.")):
        if alarms:
            st.warning(t("{count} features have moved far: look at them, and train anew.", count=alarms))
        shown = [
            {"name": names.get(row["name"], row["name"]), "psi": say.number(row["psi"], 3),
             "state": t(STATES[row["state"]])}
            for row in rows[:10]
        ]  # fmt: skip
        columns = {
            "name": tables.text(t("Feature"), 280), "psi": tables.number(t("PSI"), 70),
            "state": tables.text(t("State"), 90),
        }  # fmt: skip
        tables.plain(shown, columns, key="models_drift")


def _leaks(report: Row, names: dict[str, str]) -> None:
    say = speaker()
    with card(t("Leakage check"), t("Features that betray knowledge of the future are left out of training.")):
        if not report["leaks"]:
            empty_state("verified", t("Nothing found"), t("No feature knows more than it could have known."))
            return
        shown = [
            {"name": names.get(row["feature"], row["feature"]), "sign": t(SIGNS[row["sign"]]),
             "now": say.number(row["now"], 2), "before": say.number(row["before"], 2)}
            for row in report["leaks"]
        ]  # fmt: skip
        columns = {
            "name": tables.text(t("Feature"), 200), "sign": tables.text(t("Sign"), 220),
            "now": tables.number(t("Now"), 60), "before": tables.number(t("A month before"), 90),
        }  # fmt: skip
        tables.plain(shown, columns, key="models_leaks")
