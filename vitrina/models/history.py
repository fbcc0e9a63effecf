"""Scores of past months as they were said, or would have been said, on the day: kept once and never changed.

Months before the first model come from the backtest: each from a model that knew no more than was known then. So a
signal or a segment that is replayed sees no score that anybody could not have had.
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from signals.models.backtest import Fold, Scored
from signals.models.churn import CUSTOMER, ChurnModel
from signals.models.metrics import deciles
from vitrina.durable import move_into_place
from vitrina.model_options import ModelOptions
from vitrina.models.rows import FeatureRows
from vitrina.models.store import ModelStore

COLUMNS: Final = {
    "customer_id": pl.Int64, "churn_probability": pl.Float64, "churn_decile": pl.Int32, "risk_group": pl.String,
    "reason_1": pl.String, "model_version": pl.String, "is_backtest": pl.Boolean,
}  # fmt: skip


def risk_groups(probability: np.ndarray, average: float, options: ModelOptions) -> pl.Series:
    """high, medium or low, by how many times the average the probability is."""
    times = probability / max(average, 1e-9)
    groups = np.where(times >= options.high_risk, "high", np.where(times >= options.medium_risk, "medium", "low"))
    return pl.Series(groups, dtype=pl.String)


def average_of(model: ChurnModel) -> float:
    """The share of customers who left in the rows that the model was trained on."""
    return model.churned / max(model.rows, 1)


def score_rows(
    customers: pl.Series, raw: np.ndarray, probability: np.ndarray, average: float, options: ModelOptions
) -> pl.DataFrame:
    """customer_id, churn_probability, churn_decile (by log-odds: calibrated steps have ties), risk_group."""
    return pl.DataFrame({
        "customer_id": customers, "churn_probability": probability,
        "churn_decile": pl.Series(deciles(raw), dtype=pl.Int32),
        "risk_group": risk_groups(probability, average, options),
    })  # fmt: skip


def keep_month(file: Path, rows: pl.DataFrame) -> None:
    """Write the scores of a month, unless they are there: what was said stays said."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_suffix(".tmp")
    rows.select(pl.col(name).cast(kind) for name, kind in COLUMNS.items()).write_parquet(aside)
    move_into_place(aside, file)


def keep_backtest(
    store: ModelStore, customer_type: str, definition: str, rows: FeatureRows, scored: Sequence[Scored],
    models: Sequence[ChurnModel], plan: Sequence[Fold], options: ModelOptions,
) -> None:  # fmt: skip
    """Keep what the backtest's models say of all customers in the months before the last origin, as far back as set."""
    by_fold = dict(zip(plan, models, strict=True))
    last = plan[-1].origin
    for each in (
        [one for one in scored if one.month < last][-options.history_months :] if options.history_months else []
    ):
        file = store.history_file(customer_type, definition, each.month)
        if file.exists():
            continue
        model = by_fold[each.fold]
        if rows.is_whole:
            told = score_rows(
                each.rows[CUSTOMER], each.rows["raw"].to_numpy(), each.rows["probability"].to_numpy(),
                average_of(model), options,
            )  # fmt: skip
        else:
            told = scored_month(rows, model, each.month, options)
        keep_month(file, _backtested(told, f"backtest {each.fold.origin:%Y-%m}"))


def fill_gaps(
    store: ModelStore, customer_type: str, definition: str, rows: FeatureRows, model: ChurnModel, name: str,
    months: Sequence[dt.date], options: ModelOptions,
) -> None:  # fmt: skip
    """Keep scores of months after the model was made that no run scored: of its judged months, and of days off."""
    for month in months:
        file = store.history_file(customer_type, definition, month)
        if not file.exists():
            keep_month(file, _backtested(scored_month(rows, model, month, options), name))


def scored_month(rows: FeatureRows, model: ChurnModel, month: dt.date, options: ModelOptions) -> pl.DataFrame:
    """Scores of every customer of a month."""
    table = rows.month(month)
    scores = model.score(table)
    return score_rows(table[CUSTOMER], scores.raw, scores.probability, average_of(model), options)


def _backtested(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.with_columns(
        reason_1=pl.lit(None, dtype=pl.String), model_version=pl.lit(name), is_backtest=pl.lit(True)
    )
