"""`make bench-scoring`: scores with reasons for millions of customers, beside the bare call of the model's library.

The model is trained on made-up months with as many features as the product declares. The bare call is `predict_proba`
of the library's booster of the same recipe, on a matrix that lies ready in memory: no reading, no calibration, no
reasons, no groups. Ratios are of processor time, which other work on the machine disturbs less than the clock.
"""

import argparse
import datetime as dt
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from signals.models.boosting import Recipe
from signals.models.churn import LABEL, MONTH, ChurnModel, train
from signals.models.features import Feature, features_of
from vitrina.model_options import ModelOptions
from vitrina.models.scoring import score

DAY = dt.date(2026, 10, 31)
TRAINING = 40_000


def made_up(customers: int, features: tuple[Feature, ...], seed: int) -> pl.DataFrame:
    """Customers with every declared feature: some missing, categories of six kinds, leaving by a few of them."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {"customer_id": np.arange(customers), MONTH: [DAY] * customers}
    signal = np.zeros(customers, dtype=np.float32)
    for number, feature in enumerate(features):
        if feature.kind == "category":
            columns[feature.name] = pl.Series(rng.integers(0, 6, customers)).cast(pl.String)
            continue
        values = rng.gamma(2.0, 50.0, customers).astype(np.float32)
        if number < 12:
            signal += (values - 100) / 70
        columns[feature.name] = pl.Series(np.where(rng.random(customers) < 0.05, np.nan, values)).fill_nan(None)
    columns[LABEL] = pl.Series(rng.random(customers) < 1 / (1 + np.exp(4 - 0.6 * signal)))
    return pl.DataFrame(columns)


@dataclass(frozen=True)
class Took:
    """Seconds by the clock and of the processor."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:.1f} s (processor {self.processor:.1f} s)"


def timed(call: Callable[[], Any]) -> tuple[Took, Any]:
    """How long a call took, and its result."""
    clock, processor = time.perf_counter(), time.process_time()
    result = call()
    return Took(time.perf_counter() - clock, time.process_time() - processor), result


def peak() -> float:
    """The most memory that the process has held, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def bare_booster(model: ChurnModel, table: pl.DataFrame) -> HistGradientBoostingClassifier:
    """The library's own booster, grown with the same recipe on the same rows."""
    recipe, matrix = model.recipe, np.ascontiguousarray(model.encoder.matrix(table).T)
    booster = HistGradientBoostingClassifier(
        max_depth=3, max_leaf_nodes=8, max_iter=recipe.rounds, learning_rate=recipe.rate, early_stopping=False,
        l2_regularization=recipe.l2, random_state=recipe.seed,
    )  # fmt: skip
    with threadpool_limits(1):
        return booster.fit(matrix, table[LABEL].to_numpy())


def main() -> None:
    """Prints seconds, ratios and peak memory."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=3_000_000)
    customers = options.parse_args().customers
    features = features_of("person")
    learning = made_up(TRAINING, features, 1)
    later = made_up(TRAINING, features, 2)
    taken, model = timed(lambda: train(learning, later, features, "person", {}, Recipe()))
    print(f"{len(model.encoder.features)} features, {model.forest.trees} trees, trained in {taken}")
    table = made_up(customers, features, 3).drop(LABEL)
    ready = peak()
    booster = bare_booster(model, learning)
    matrix = np.ascontiguousarray(model.encoder.matrix(table).T)
    for threads in (2, 1):
        with threadpool_limits(threads):
            bare, _ = timed(partial(booster.predict_proba, matrix))
        print(f"{customers:,} customers, the bare model call, {threads} thread(s): {bare}")
    del matrix
    alone, scores = timed(lambda: model.score(table))
    print(f"probabilities from the table, one thread: {alone}, {alone.processor / bare.processor:.2f} of the bare call")
    del scores
    before = peak()
    whole, scored = timed(lambda: score(model, table, DAY, ModelOptions()))
    ratio = whole.processor / bare.processor
    print(f"probabilities, reasons in words, groups, drift: {whole}, {ratio:.2f} of the bare call")
    print(f"peak memory {max(peak(), before):.2f} GB, of which the table {ready:.2f} GB; {scored.rows.height:,} rows")


if __name__ == "__main__":
    main()
