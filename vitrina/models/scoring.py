"""Scores of today's customers with their reasons, and how far they are from those the model learned from."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from signals.models.churn import CUSTOMER, ChurnModel
from signals.models.drift import Drift
from signals.models.features import Feature
from signals.models.reasons import MOST, Reasons, reasons
from vitrina.model_options import ModelOptions
from vitrina.models.history import average_of, score_rows

CHUNK = 200_000
"""Customers whose reasons are worked out at a time: contributions of all of them would fill the memory."""


@dataclass(frozen=True)
class Scored:
    """Scores of one month (customer_id, churn_*, risk_group, reason_1 to 3, reasons as JSON), and the drift."""

    month: dt.date
    rows: pl.DataFrame
    drifts: list[Drift]


def score(model: ChurnModel, table: pl.DataFrame, month: dt.date, options: ModelOptions) -> Scored:
    """Score a month's customers."""
    parts, raws, probabilities = [], [], []
    drifts: list[Drift] = []
    for start in range(0, max(table.height, 1), CHUNK):
        part = table.slice(start, CHUNK)
        scores = model.score(part)
        if not drifts and part.height:
            drifts = model.reference.drifts(model.encoder.names, scores.matrix, scores.probability)
        found = reasons(model.encoder.features, model.contributions(scores.matrix))
        parts.append(reason_columns(part, model.encoder.features, found))
        raws.append(scores.raw)
        probabilities.append(scores.probability)
    raw, probability = np.concatenate(raws), np.concatenate(probabilities)
    told = score_rows(table[CUSTOMER], raw, probability, average_of(model), options)
    return Scored(month, pl.concat([told, pl.concat(parts)], how="horizontal"), drifts)


def reason_columns(table: pl.DataFrame, features: tuple[Feature, ...], found: Reasons) -> pl.DataFrame:
    """Columns reason_1 to reason_3 (words), and reasons: a JSON list of word, feature, the customer's value, effect."""
    columns = {f"reason_{place + 1}": _named(found.words, found.word[place]) for place in range(MOST)}
    names = [feature.name for feature in features]
    texts = []
    for place in range(MOST):
        word, feature = columns[f"reason_{place + 1}"], _named(names, found.feature[place])
        value, effect = _values(table, features, found.feature[place]), pl.Series(found.effect[place]).round(3)
        parts = pl.DataFrame({"w": word, "f": feature, "v": value, "e": effect.cast(pl.String)})
        entry = pl.concat_str(
            pl.lit('{"word":"'), "w", pl.lit('","feature":"'), "f", pl.lit('","value":'), "v",
            pl.lit(',"effect":'), "e", pl.lit("}"),
        )  # fmt: skip
        texts.append(parts.select(_formatted(entry, place)).to_series())
    joined = pl.DataFrame(texts).select(pl.concat_str(pl.all(), separator=",", ignore_nulls=True).alias("reasons"))
    return pl.DataFrame(columns).with_columns(("[" + joined["reasons"] + "]").alias("reasons"))


def _formatted(entry: pl.Expr, place: int) -> pl.Expr:
    return pl.when(pl.col("w").is_not_null()).then(entry).alias(str(place))


def _named(names: Sequence[str], chosen: np.ndarray) -> pl.Series:
    """The names with these numbers; null for -1."""
    return pl.Series([*names, None], dtype=pl.String).gather(np.where(chosen < 0, len(names), chosen))


def _values(table: pl.DataFrame, features: tuple[Feature, ...], chosen: np.ndarray) -> pl.Series:
    """The customer's own value of the chosen feature, as JSON; null where there is none or it may not be told."""
    texts = np.full(len(chosen), "null", dtype=object)
    for number in np.unique(chosen[chosen >= 0]):
        feature = features[number]
        if not feature.told:
            continue
        rows = np.flatnonzero(chosen == number)
        column = table[feature.name].gather(rows)
        if feature.kind == "category":
            column = '"' + column.cast(pl.String).str.replace_all(r'["\\]', "") + '"'
        elif feature.kind == "flag":
            column = column.cast(pl.String)
        else:
            column = column.cast(pl.Float64).round(2).cast(pl.String)
        texts[rows] = column.fill_null("null").to_list()
    return pl.Series(texts.tolist(), dtype=pl.String)
