"""What a model has to beat: the average, one rule that everybody knows, and a logistic regression."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from signals.models.churn import LABEL, thinned
from signals.models.encoding import Encoder

RULE: Final = "days_since_last_usage"
BASELINES: Final = ("base_rate", "rule", "logistic")
_MOST_ROWS = 12_000


@dataclass(frozen=True)
class Logistic:
    """A logistic regression over the model's own features: missing values at the median, each scaled to the middle."""

    middle: np.ndarray
    spread: np.ndarray
    coefficients: np.ndarray
    shift: float

    def scores(self, matrix: np.ndarray) -> np.ndarray:
        """Probabilities of the columns of a matrix (features, rows)."""
        z = self.coefficients @ _scaled(matrix, self.middle, self.spread) + self.shift
        return 1 / (1 + np.exp(-np.clip(z, -30, 30)))


def fit_logistic(table: pl.DataFrame, encoder: Encoder, seed: int) -> Logistic:
    """Fit on the rows that the model was trained on, with its encoder."""
    sample, weights = thinned(table, _MOST_ROWS, seed)
    matrix, labels = encoder.matrix(sample), sample[LABEL].cast(pl.Int8).to_numpy()
    middle = np.nan_to_num(np.nanmedian(matrix, axis=1))
    low, high = np.nanpercentile(matrix, [5, 95], axis=1)
    spread = np.where(high > low, high - low, 1.0)
    fitted = LogisticRegression(C=0.5, max_iter=200, tol=1e-3).fit(_scaled(matrix, middle, spread).T, labels, weights)
    return Logistic(middle, spread, fitted.coef_[0], float(fitted.intercept_[0]))


def _scaled(matrix: np.ndarray, middle: np.ndarray, spread: np.ndarray) -> np.ndarray:
    filled = np.where(np.isnan(matrix), middle[:, None], matrix)
    return np.clip((filled - middle[:, None]) / spread[:, None], -5, 5)


def rule_scores(table: pl.DataFrame) -> np.ndarray:
    """The one rule: the longer without usage, the likelier gone; who never used anything stands first."""
    if RULE not in table.columns:
        return np.zeros(table.height)
    return table[RULE].cast(pl.Float64).fill_null(1e9).to_numpy()
