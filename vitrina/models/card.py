"""The model card: what the model is, what it was made from, how good it is, and where it must not be trusted."""

from collections.abc import Iterable, Sequence
from typing import Any

from signals.models.drift import Drift
from vitrina.models.store import Promoted, Version

_MOST_FEATURES = 15
_WHAT = {
    "person": "A person has left when no usage is stored in any month of the horizon; who has used nothing for"
    " {inactivity_days} days at the month end is gone already and not scored.",
    "organisation": "An organisation has left when it lost at least {base_loss_pct} % of its open subscriptions by"
    " the end of the horizon.",
}


def model_card(version: Version, promotions: Sequence[Promoted], drifts: Sequence[Drift]) -> str:
    """Markdown of a version, in English: from its report alone, with the drift of today."""
    told = version.report
    return "\n\n".join([
        f"# Churn of customers of type {version.customer_type}: {version.name}",
        _purpose(version), _data(told), _metrics(told), _baselines(told), _calibration(told), _lift(told),
        _features(told), _leaks(told), _drift(drifts), _promotions(version, promotions), _limits(told),
    ]) + "\n"  # fmt: skip


def _purpose(version: Version) -> str:
    told, definition = version.report, version.report["definition"]
    return (
        f"Trained on {version.trained_at[:10]}. File `model.json`, SHA-256 `{version.sha256}`; seed"
        f" {told['recipe']['seed']}: the same data give the same file.\n\n"
        "**What it is for.** To rank customers by the chance of leaving, for retention work by people and campaigns."
        " Not for refusing service, prices of single persons or credit decisions.\n\n**What leaving means.** "
        f"Features of a month end; {definition['gap_months']} months are left out, the {definition['horizon_months']}"
        f" after them are watched. {_WHAT[version.customer_type].format(**definition)}\n\n"
        "**How.** Gradient boosting of trees with three levels"
        f" ({told['recipe']['rounds']} rounds at rate {told['recipe']['rate']}, half as many where few left),"
        f" calibrated by {told['calibration_method']} regression on later months. Reasons are exact path-dependent"
        " Shapley values."
    )


def _data(told: dict[str, Any]) -> str:
    lines = [
        "## Data", "",
        f"{told['rows']:,} customer months, {told['churned']:,} of them with a customer who left; month ends"
        f" {told['trained_from']} to {told['trained_until']}, calibrated until {told['calibrated_until']}.", "",
        "Origins of the backtest; each model learned only from labels that were known at its origin:", "",
    ]  # fmt: skip
    rows = (
        [f["origin"], f["train_from"], f["train_until"], f["calibrate_until"], f["score_until"]] for f in told["folds"]
    )
    return "\n".join([*lines, _table(["origin", "train from", "train until", "calibrate until", "scores until"], rows)])


def _metrics(told: dict[str, Any]) -> str:
    rows = [
        [m["month"], m["rows"], m["churned"], _interval(m), _f(m["pr_auc"]), _f(m["lift_10"], 2), _f(m["brier"], 4)]
        for m in [{"month": "all", **told["all"]}, *told["months"]]
    ]
    head = ["month", "customers", "left", "AUC (95 %)", "PR-AUC", "lift of the first tenth", "Brier"]
    return "## Backtest\n\n" + _table(head, rows)


def _baselines(told: dict[str, Any]) -> str:
    names = {"base_rate": "base rate", "rule": "one rule: days since last usage", "logistic": "logistic regression"}
    rows = [
        [
            "the model",
            _f(told["all"]["auc"]),
            _f(told["all"]["pr_auc"]),
            _f(told["all"]["lift_10"], 2),
            _f(told["all"]["brier"], 4),
        ]
    ]
    for key, name in names.items():
        each = told["baselines"][key]
        rows.append([name, _f(each["auc"]), _f(each["pr_auc"]), _f(each["lift_10"], 2), _f(each["brier"], 4)])
    return "## Against baselines, on the same months\n\n" + _table(["", "AUC", "PR-AUC", "lift", "Brier"], rows)


def _calibration(told: dict[str, Any]) -> str:
    rows = (
        [r["rows"], _f(100 * r["said"], 2), _f(100 * r["came"], 2), f"{100 * r['low']:.2f} to {100 * r['high']:.2f}"]
        for r in told["calibration"]
    )
    return "## Calibration, %\n\n" + _table(["customers", "said", "came", "95 %"], rows)


def _lift(told: dict[str, Any]) -> str:
    rows = ([r["decile"], r["rows"], r["churned"], _f(100 * r["rate"], 2), _f(r["lift"], 2)] for r in told["lift"])
    return "## Lift by tenth\n\n" + _table(["tenth", "customers", "left", "%", "times the average"], rows)


def _features(told: dict[str, Any]) -> str:
    rows = ([r["feature"], r["word"], _f(r["weight"])] for r in told["features"][:_MOST_FEATURES])
    return "## What decides (mean size of the effect, log-odds)\n\n" + _table(["feature", "word", "weight"], rows)


def _leaks(told: dict[str, Any]) -> str:
    if not told["leaks"]:
        return "## Leakage check\n\nNo feature betrayed knowledge of the future."
    rows = ([r["feature"], r["sign"], _f(r["now"]), _f(r["before"]), r["of"]] for r in told["leaks"])
    return "## Leakage check: left out of training\n\n" + _table(
        ["feature", "sign", "now", "a month before", "of"], rows
    )


def _drift(drifts: Sequence[Drift]) -> str:
    rows = ([each.name, _f(each.psi), each.state] for each in drifts[:10])
    return "## Drift of the scored month (PSI; from 0.1 watch, from 0.25 alarm)\n\n" + _table(
        ["", "PSI", "state"], rows
    )


def _promotions(version: Version, promotions: Sequence[Promoted]) -> str:
    rows = [[each.at[:10], each.by, each.reason] for each in promotions if each.name == version.name]
    duel = version.report.get("duel")
    compared = (
        f"\n\nAgainst the champion of then, on the judged months: AUC {_f(duel['challenger'])} to"
        f" {_f(duel['champion'])}; promoted by itself from a margin of {version.report['margin']} on."
        if duel
        else ""
    )
    return "## Promotions\n\n" + (_table(["on", "by", "because"], rows) if rows else "None.") + compared


def _limits(told: dict[str, Any]) -> str:
    return (
        "## Limits\n\n- Scores are of customers who could leave at the month end; between month ends they stand"
        " still.\n"
        "- The model learned from what happened under past prices, offers and retention work; when those change, it"
        " lags.\n"
        "- Reasons say what moved the score, not what causes leaving.\n"
        f"- Intervals are of the months judged ({told['all']['rows']:,} rows, customers repeat from month to month, so"
        " they are somewhat too narrow)."
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)])


def _interval(row: dict[str, Any]) -> str:
    return f"{_f(row['auc'])} ({_f(row['auc_low'])} to {_f(row['auc_high'])})"


def _f(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
