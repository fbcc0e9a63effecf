"""Columns of a table as one matrix of numbers, the same way at training and at scoring.

Numbers stay, flags become 0 and 1, a category becomes its place in the order of churn rates (smoothed, so that a rare
one stands near the middle), what is missing stays missing. Learned on training rows alone.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import polars as pl

from signals.models.features import Feature

SMOOTHING = 200.0
"""Rows of the average rate that are added to each category: below so many rows a category tells little."""


@dataclass(frozen=True)
class Encoder:
    """Features in the order of the matrix's columns, and the place of each known category."""

    features: tuple[Feature, ...]
    places: dict[str, dict[str, float]] = field(default_factory=dict, hash=False)

    @classmethod
    def fit(cls, table: pl.DataFrame, labels: np.ndarray, weights: np.ndarray, features: Sequence[Feature]) -> Self:
        """Learn the order of categories. Features without two different values are left out: nothing to learn."""
        kept = tuple(f for f in features if f.name in table.columns and table[f.name].drop_nulls().n_unique() > 1)
        places = {f.name: _places(table[f.name], labels, weights) for f in kept if f.kind == "category"}
        return cls(kept, places)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of the matrix."""
        return tuple(feature.name for feature in self.features)

    def matrix(self, table: pl.DataFrame) -> np.ndarray:
        """Float32, one row a feature and one column a customer: features are read one at a time."""
        values = np.empty((len(self.features), table.height), dtype=np.float32)
        for row, feature in enumerate(self.features):
            values[row] = self._column(feature, table[feature.name])
        return values

    def _column(self, feature: Feature, column: pl.Series) -> np.ndarray:
        if feature.kind == "category":
            known = self.places[feature.name]
            texts = column.cast(pl.String)
            codes = pl.Series(list(known), dtype=pl.String), pl.Series(list(known.values()), dtype=pl.Float32)
            return texts.replace_strict(*codes, default=None, return_dtype=pl.Float32).to_numpy()
        return column.cast(pl.Float32, strict=False).to_numpy()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"features": [{**asdict(f), "of": list(f.of)} for f in self.features], "places": self.places}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        """What `to_json` gave."""
        return cls(tuple(Feature(**{**each, "of": tuple(each["of"])}) for each in plain["features"]), plain["places"])


def _places(column: pl.Series, labels: np.ndarray, weights: np.ndarray) -> dict[str, float]:
    average = float(np.average(labels, weights=weights))
    rows = pl.DataFrame({"value": column.cast(pl.String), "rows": weights, "hits": labels * weights})
    sums = rows.drop_nulls("value").group_by("value").agg(pl.col("rows", "hits").sum())
    rate = (pl.col("hits") + SMOOTHING * average) / (pl.col("rows") + SMOOTHING)
    ordered = sums.select("value", rate=rate).sort("rate", "value")["value"].to_list()
    return {value: float(place) for place, value in enumerate(ordered)}
