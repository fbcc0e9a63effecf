"""What the next payment will be: Gamma-Gamma (Fader and Hardie 2013, "The Gamma-Gamma Model of Monetary Value").

Payments of a customer vary around a mean of his own, and the means vary between customers; who paid seldom is drawn
towards the mean of all. `x` payments with the mean `m`, in any currency.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from signals.models.errors import FEW_PAYERS, NO_MAXIMUM, DoesNotFit


@dataclass(frozen=True)
class Amounts:
    """The three parameters; `v` is in the currency."""

    p: float
    q: float
    v: float

    def expected(self, x: np.ndarray, m: np.ndarray) -> np.ndarray:
        """Mean of the customer's payments to come."""
        return self.p * (self.v + x * m) / (self.p * x + self.q - 1)


def fit_amounts(x: np.ndarray, m: np.ndarray) -> Amounts:
    """Parameters of the greatest likelihood over customers with payments of more than nothing. Raises `DoesNotFit`."""
    known = (x > 0) & (m > 0)
    if known.sum() < 10:
        raise DoesNotFit(FEW_PAYERS, customers=len(x), again=int(known.sum()))
    x, m = x[known], m[known]
    scale = float(np.median(m))
    means = m / scale

    def loss(logs: np.ndarray) -> float:
        p, q, v = np.exp(logs[0]), 1 + np.exp(logs[1]), np.exp(logs[2])
        value = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + (p * x - 1) * np.log(means)
        return -float((value + p * x * np.log(x) - (p * x + q) * np.log(x * means + v)).mean())

    found = minimize(loss, np.array([1.0, 1.0, 1.0]), method="L-BFGS-B", bounds=[(-6, 9)] * 3)
    if not np.isfinite(found.fun):
        raise DoesNotFit(NO_MAXIMUM)
    p, q, v = np.exp(found.x[0]), 1 + np.exp(found.x[1]), np.exp(found.x[2])
    return Amounts(float(p), float(q), float(v * scale))
