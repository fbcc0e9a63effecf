"""The past as it would have been: at every origin a model is trained on what was known then and scores what came after.

A label of a month is known when its gap and horizon have passed, so at an origin only months that lie that far back may
be learned from. The last `CALIBRATION` of them calibrate. The last origin's model is the one that may go live: it is
judged on months that it has not seen.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import polars as pl

from signals.models import metrics
from signals.models.baselines import fit_logistic, rule_scores
from signals.models.churn import CUSTOMER, LABEL, MONTH, ChurnModel
from signals.models.errors import FEW_MONTHS, TooLittleData

CALIBRATION: Final = 3
TRAINING: Final = 4
"""Months that calibrate, and the fewest that train."""
JUDGED: Final = 2
"""Latest labelled months that the last model has not seen."""


@dataclass(frozen=True)
class Fold:
    """One origin: months to train on, months to calibrate on, and months that its model scores until the next one."""

    origin: dt.date
    train: tuple[dt.date, ...]
    calibrate: tuple[dt.date, ...]
    score: tuple[dt.date, ...]


def folds(months: Sequence[dt.date], wait: int, refits: int, labelled: int | None = None) -> list[Fold]:
    """Origins spread evenly over the stored month ends, oldest first; `wait` is gap plus horizon in months. The first
    `labelled` months have a known future: all but the last `wait`, unless told.

    Raises `TooLittleData` when not even one model could have been trained and judged.
    """
    labelled = len(months) - wait if labelled is None else labelled
    first, last = TRAINING + CALIBRATION - 1 + wait, labelled - JUDGED
    if last < first:
        needed = first + wait + JUDGED
        raise TooLittleData(FEW_MONTHS, stored=len(months), needed=needed)
    origins = sorted({int(place) for place in np.linspace(last, first, min(refits, last - first + 1)).round()})
    found = []
    for number, origin in enumerate(origins):
        known = tuple(months[: origin - wait + 1])
        until = origins[number + 1] if number + 1 < len(origins) else len(months)
        found.append(Fold(months[origin], known[:-CALIBRATION], known[-CALIBRATION:], tuple(months[origin:until])))
    return found


@dataclass(frozen=True)
class Scored:
    """What a fold's model and the baselines said of one month: one row a customer (customer_id, raw, probability, rule,
    logistic, is_churned); labels are missing while the future is not stored."""

    month: dt.date
    fold: Fold
    rows: pl.DataFrame = field(hash=False)


Trainer = Callable[[pl.DataFrame, pl.DataFrame], ChurnModel]


def run(table: pl.DataFrame, plan: Sequence[Fold], trainer: Trainer) -> tuple[list[ChurnModel], list[Scored]]:
    """Train every fold and score its months; the last model is the one that may go live."""
    scored: list[Scored] = []
    models: list[ChurnModel] = []
    for fold in plan:
        training = labelled(table, fold.train)
        model = trainer(training, labelled(table, fold.calibrate))
        models.append(model)
        logistic = fit_logistic(training, model.encoder, model.recipe.seed)
        for month in fold.score:
            rows = table.filter(pl.col(MONTH) == month)
            if rows.height:
                scores = model.score(rows)
                columns = {
                    "raw": scores.raw, "probability": scores.probability, "rule": rule_scores(rows),
                    "logistic": logistic.scores(scores.matrix),
                }  # fmt: skip
                told = rows.select(CUSTOMER, LABEL).with_columns(**{k: pl.Series(v) for k, v in columns.items()})
                scored.append(Scored(month, fold, told))
    return models, scored


def labelled(table: pl.DataFrame, months: Sequence[dt.date]) -> pl.DataFrame:
    """The rows of these months whose future is known."""
    return table.filter(pl.col(MONTH).is_in(list(months)) & pl.col(LABEL).is_not_null())


def judged(scored: Sequence[Scored]) -> pl.DataFrame:
    """Rows with a label of all scored months, with the month and its base rate of the time (what was known before)."""
    parts = [
        each.rows.filter(pl.col(LABEL).is_not_null()).with_columns(pl.lit(each.month).alias(MONTH)) for each in scored
    ]
    return pl.concat(parts) if parts else pl.DataFrame()


def figures(rows: pl.DataFrame, score: str = "probability") -> dict[str, Any]:
    """Rows, churners, AUC with its interval, area under precision and recall, Brier score, lift of the first tenth."""
    labels, values = rows[LABEL].cast(pl.Int8).to_numpy(), rows[score].to_numpy()
    area, tenths = metrics.auc(labels, values), metrics.lift_by_decile(labels, values)
    return {
        "rows": rows.height, "churned": int(labels.sum()), "auc": area.value, "auc_low": area.low,
        "auc_high": area.high, "pr_auc": metrics.average_precision(labels, values),
        "brier": metrics.brier(labels, values) if score in ("probability", "logistic") else None,
        "lift_10": tenths[0]["lift"],
    }  # fmt: skip


def report(scored: Sequence[Scored]) -> dict[str, Any]:
    """Everything a person wants to know of the backtest, as plain values; not-a-number is told as None."""
    rows = judged(scored)
    labels, said = rows[LABEL].cast(pl.Int8).to_numpy(), rows["probability"].to_numpy()
    rate = float(labels.mean()) if len(labels) else 0.0
    by_month = [
        {"month": each.month.isoformat(), "origin": each.fold.origin.isoformat(), **figures(judged([each]))}
        for each in scored
        if each.rows[LABEL].drop_nulls().n_unique() == 2
    ]
    base = {"rows": rows.height, "churned": int(labels.sum()), "auc": 0.5, "pr_auc": rate, "brier": rate * (1 - rate)}
    return plain({
        "all": figures(rows), "months": by_month, "base_rate": rate,
        "baselines": {"base_rate": base | {"lift_10": 1.0}, **{n: figures(rows, n) for n in ("rule", "logistic")}},
        "lift": metrics.lift_by_decile(labels, said), "calibration": metrics.calibration_table(labels, said),
    })  # fmt: skip


def plain(value: Any) -> Any:
    """Numbers as JSON knows them."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
