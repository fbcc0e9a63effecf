"""A model of churn: how the columns are read, the forest, the calibration, and what it was made from."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

import numpy as np
import polars as pl

from signals.models.boosting import Recipe, grow
from signals.models.calibration import Calibration
from signals.models.drift import Reference
from signals.models.encoding import Encoder
from signals.models.errors import FEW_LEFT, FEW_TO_CALIBRATE, TooLittleData
from signals.models.features import Feature
from signals.models.trees import Forest

LABEL: Final = "is_churned"
MONTH: Final = "month_end"
CUSTOMER: Final = "customer_id"
FEWEST_LEFT = 30
"""Customers who left that training and calibration need each; with fewer there is no model, and it says so."""


@dataclass(frozen=True)
class ChurnModel:
    """Everything that scoring needs. `definition` is what churn meant in training; months are month ends, inclusive."""

    customer_type: str
    definition: dict[str, Any] = field(hash=False)
    recipe: Recipe
    encoder: Encoder
    forest: Forest
    calibration: Calibration
    reference: Reference
    trained_from: dt.date
    trained_until: dt.date
    calibrated_until: dt.date
    rows: int
    churned: int

    def score(self, table: pl.DataFrame) -> "Scores":
        """Score the rows of a table that has the model's features. Raises polars' error for a missing column."""
        matrix = self.encoder.matrix(table)
        raw = self.forest.raw(matrix)
        return Scores(matrix, raw, self.calibration.probability(raw))

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """(features, rows) of a matrix that `score` made: how much each feature moves the log-odds."""
        return self.forest.contributions(matrix)

    def to_json(self) -> str:
        """The model's file. The same model gives the same text."""
        plain = {
            "format": 1, "customer_type": self.customer_type, "definition": self.definition,
            "recipe": asdict(self.recipe), "encoder": self.encoder.to_json(), "forest": self.forest.to_json(),
            "calibration": self.calibration.to_json(), "reference": self.reference.to_json(),
            "trained_from": self.trained_from.isoformat(), "trained_until": self.trained_until.isoformat(),
            "calibrated_until": self.calibrated_until.isoformat(), "rows": self.rows, "churned": self.churned,
        }  # fmt: skip
        return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` gave."""
        plain = json.loads(text)
        return cls(
            plain["customer_type"], plain["definition"], Recipe(**plain["recipe"]),
            Encoder.from_json(plain["encoder"]), Forest.from_json(plain["forest"]),
            Calibration.from_json(plain["calibration"]), Reference.from_json(plain["reference"]),
            _day(plain["trained_from"]), _day(plain["trained_until"]), _day(plain["calibrated_until"]),
            plain["rows"], plain["churned"],
        )  # fmt: skip

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the model's file."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


@dataclass(frozen=True)
class Scores:
    """Scores of rows: the matrix they were made from (features, rows), log-odds and calibrated probabilities."""

    matrix: np.ndarray
    raw: np.ndarray
    probability: np.ndarray


def train(
    table: pl.DataFrame, calibrate: pl.DataFrame, features: Sequence[Feature], customer_type: str,
    definition: dict[str, Any], recipe: Recipe | None = None, most_rows: int = 40_000,
) -> ChurnModel:  # fmt: skip
    """Train on the labelled rows of `table` and calibrate on those of `calibrate`, which come from later months.

    Of more than `most_rows` rows, all who left are kept and some who stayed, weighted. Raises `TooLittleData`.
    """
    recipe = recipe or Recipe()
    for rows, message in ((table, FEW_LEFT), (calibrate, FEW_TO_CALIBRATE)):
        left = int(rows[LABEL].sum() or 0)
        if left < FEWEST_LEFT or left == rows.height:
            raise TooLittleData(message, left=left, needed=FEWEST_LEFT)
    sample, weights = thinned(table, most_rows, recipe.seed)
    labels = sample[LABEL].cast(pl.Int8).to_numpy()
    encoder = Encoder.fit(sample, labels, weights, features)
    forest = grow(encoder.matrix(sample), labels, weights, recipe)
    matrix = encoder.matrix(calibrate)
    raw = forest.raw(matrix)
    calibration = Calibration.fit(raw, calibrate[LABEL].cast(pl.Int8).to_numpy())
    reference = Reference.of(encoder.names, matrix, calibration.probability(raw))
    months, later = table[MONTH], calibrate[MONTH]
    return ChurnModel(
        customer_type, definition, recipe, encoder, forest, calibration, reference,
        _day(months.min()), _day(months.max()), _day(later.max()), table.height, int(table[LABEL].sum()),
    )  # fmt: skip


def thinned(table: pl.DataFrame, most_rows: int, seed: int) -> tuple[pl.DataFrame, np.ndarray]:
    """All who left and as many of the others as fit, in the table's order; weights make up for those left out."""
    labels = table[LABEL].cast(pl.Int8).to_numpy()
    stayed = int((labels == 0).sum())
    share = min(1.0, max(most_rows - int(labels.sum()), most_rows // 2) / max(stayed, 1))
    kept = (labels == 1) | (np.random.default_rng(seed).random(len(labels)) < share)
    weights = np.where(labels == 1, 1.0, stayed / max(int((kept & (labels == 0)).sum()), 1))
    return table.filter(pl.Series(kept)), weights[kept]


def _day(value: Any) -> dt.date:
    return value if type(value) is dt.date else dt.date.fromisoformat(str(value)[:10])
