"""The card of a model in the reader's language: what it is for, what it was made from, how good it is, its limits.

The file beside the model says the same in English; here it is told from the report that both are made of.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from apps.language import speaker, t
from apps.model_workspace.words import PROMOTED, SIGNS, feature_names, word
from apps.ui.layout import escape

Row = dict[str, Any]
_MOST_FEATURES: Final = 15


def told_card(version: Row, report: Row, customer_type: str) -> str:
    """Markdown of one version: its row of the list and its report."""
    parts = [
        _purpose(version, report, customer_type), _data(report), _months(report), _baselines(report),
        _calibration(report), _features(report), _leaks(report), _promotion(version, report), _limits(report),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _purpose(version: Row, report: Row, customer_type: str) -> str:
    say, meant = speaker(), report["definition"]
    if customer_type == "person":
        left = t(
            "A person has left when no usage is stored in any of these months; who has used nothing for {days} days at "
            "the month end is gone already and not scored.", days=say.number(meant["inactivity_days"]),
        )  # fmt: skip
    else:
        left = t(
            "An organisation has left when it lost at least {share} of its open subscriptions by the end of these "
            "months.", share=say.percent(meant["base_loss_pct"], 0),
        )  # fmt: skip
    watched = t(
        "The model looks at a month end, leaves out {gap} months and watches the {horizon} after them.",
        gap=say.number(meant["gap_months"]), horizon=say.number(meant["horizon_months"]),
    )  # fmt: skip
    how = t(
        "Gradient boosting of trees with three levels, {rounds} rounds, half as many where few left, calibrated on "
        "later months. Reasons are exact Shapley values.", rounds=say.number(report["recipe"]["rounds"]),
    )  # fmt: skip
    purpose = t(
        "To rank customers by the chance of leaving, for retention work by people and campaigns. Not for refusing "
        "service, prices of single persons or credit decisions."
    )
    lines = {
        t("What the model is for"): purpose, t("What leaving means"): f"{watched} {left}", t("How it works"): how,
        t("File"): f"`{version['sha256']}` (SHA-256, {say.moment(version['trained_at'])})",
    }  # fmt: skip
    return "\n\n".join(f"**{name}.** {text}" for name, text in lines.items())


def _data(report: Row) -> str:
    say = speaker()
    text = t(
        "{rows} customer months, {left} of them with a customer who left; month ends {first} to {last}, calibrated "
        "until {until}.", rows=say.number(report["rows"]), left=say.number(report["churned"]),
        first=_day(report["trained_from"]), last=_day(report["trained_until"]), until=_day(report["calibrated_until"]),
    )  # fmt: skip
    return f"#### {t('Data')}\n\n{text}"


def _months(report: Row) -> str:
    say = speaker()
    rows = [
        [_day(each["month"]) if "month" in each else t("All months"), say.number(each["rows"]),
         say.number(each["churned"]), _interval(each), say.number(each["pr_auc"], 3), say.number(each["lift_10"], 1),
         say.number(each["brier"], 4)]
        for each in [report["all"], *report["months"]]
    ]  # fmt: skip
    head = [t("Month"), t("Customers"), t("Left, customers"), t("AUC (95 %)"), t("PR-AUC"), t("Lift"), t("Brier score")]
    return f"#### {t('Checked on the past')}\n\n" + _table(head, rows)


def _baselines(report: Row) -> str:
    say = speaker()
    names = {"base_rate": t("Base rate"), "rule": t("Days since last usage alone"),
             "logistic": t("Logistic regression")}  # fmt: skip
    known = {t("The model"): report["all"]} | {name: report["baselines"][key] for key, name in names.items()}
    rows = [
        [name, say.number(each["auc"], 3), say.number(each["pr_auc"], 3), say.number(each["lift_10"], 1),
         say.number(each["brier"], 4)]
        for name, each in known.items()
    ]  # fmt: skip
    head = [t("Way"), t("AUC"), t("PR-AUC"), t("Lift"), t("Brier score")]
    return f"#### {t('Against simple ways')}\n\n" + _table(head, rows)


def _calibration(report: Row) -> str:
    say = speaker()
    rows = [
        [say.number(place + 1), say.number(each["rows"]), say.percent(100 * each["said"], 2),
         say.percent(100 * each["came"], 2), f"{say.number(100 * each['low'], 2)}–{say.number(100 * each['high'], 2)}"]
        for place, each in enumerate(report["calibration"])
    ]  # fmt: skip
    head = [t("Tenth"), t("Customers"), t("Was said"), t("Came"), "95 %"]
    return f"#### {t('Calibration')}\n\n" + _table(head, rows)


def _features(report: Row) -> str:
    names, say = feature_names(), speaker()
    rows = [
        [names.get(each["feature"], each["feature"]), word(each["word"]), say.number(each["weight"], 3)]
        for each in report["features"][:_MOST_FEATURES]
    ]
    head = [t("Feature"), t("In words"), t("Weight")]
    return f"#### {t('What decides')}\n\n" + _table(head, rows)


def _leaks(report: Row) -> str:
    title = f"#### {t('Knowledge of the future')}\n\n"
    if not report["leaks"]:
        return title + t("No feature betrayed knowledge of the future.")
    names = feature_names()
    rows = [
        [names.get(each["feature"], each["feature"]), t(SIGNS[each["sign"]]) if each["sign"] in SIGNS else each["sign"]]
        for each in report["leaks"]
    ]
    return title + _table([t("Left out"), t("Why")], rows)


def _promotion(version: Row, report: Row) -> str:
    say, lines = speaker(), []
    if version["promoted_at"] is not None:
        why = version["promoted_because"] or ""
        lines.append(f"{say.moment(version['promoted_at'])}, {escape(version['promoted_by'] or '')}: "
                     + (t(PROMOTED[why]) if why in PROMOTED else escape(why)))  # fmt: skip
    if duel := report.get("duel"):
        lines.append(
            t("Against the model of then: AUC {new} to {old}.", new=say.number(duel["challenger"], 3),
              old=say.number(duel["champion"], 3))
        )  # fmt: skip
    return f"#### {t('Promoted')}\n\n" + ("\n\n".join(lines) or t("Never yet."))


def _limits(report: Row) -> str:
    lines = [
        t("Scores are of customers who could leave at the month end; between month ends they stand still."),
        t("The model learned from what happened under past prices, offers and retention work; when those change, it "
          "lags."),
        t("Reasons say what moved the score, not what causes leaving."),
        t("Intervals are of the months judged ({rows} rows; customers repeat from month to month, so they are somewhat "
          "too narrow).", rows=speaker().number(report["all"]["rows"])),
    ]  # fmt: skip
    return f"#### {t('Limits of the model')}\n\n" + "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| {' | '.join(escape(cell) for cell in row)} |" for row in rows)])


def _interval(row: Row) -> str:
    say = speaker()
    return f"{say.number(row['auc'], 3)} ({say.number(row['auc_low'], 3)}–{say.number(row['auc_high'], 3)})"


def _day(text: str) -> str:
    year, month, day = text[:10].split("-")
    return f"{day}.{month}.{year}"
