"""Is a customer still there, and how often will he pay? BG/NBD (Fader, Hardie and Lee 2005, Marketing Science 24:275).

While a customer is there he pays at a rate of his own, spread as a gamma distribution (r, alpha); after any payment he
leaves with a chance of his own, spread as a beta distribution (a, b). Known of each: `x` payments after the first, the
time `t_x` of the last of them and the time `T` watched, both since the first. Time is in any unit, here weeks.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

from signals.models.errors import FEW_PAYERS, NO_MAXIMUM, DoesNotFit

_BOUNDS = [(-7.0, 4.5), (-7.0, 7.0), (-7.0, 4.5), (-7.0, 7.0)]
"""Of the logarithms: customers who all pay alike would send r and alpha to infinity together, and figures with them."""


@dataclass(frozen=True)
class Purchases:
    """The four parameters."""

    r: float
    alpha: float
    a: float
    b: float

    def p_alive(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:  # noqa: N803
        """Chance that the customer is still there; 1 where there was no payment after the first."""
        return 1 / (1 + self._gone(x, t_x, T))

    def expected(self, weeks: float, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:  # noqa: N803
        """Payments to be expected in the next `weeks` (equation 10 of the paper)."""
        a, b = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6, self.b
        c = a + b + x - 1
        z = weeks / (self.alpha + T + weeks)
        # Euler's transformation: the function as printed overflows for customers who pay often.
        curve = (1 - z) ** (a - 1) * hyp2f1(a + b - self.r - 1, a - 1, c, z)
        return np.maximum(c / (a - 1) * (1 - curve), 0) * self.p_alive(x, t_x, T)

    def _gone(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:  # noqa: N803
        """Odds of having left after the last payment."""
        power = (self.r + x) * np.log((self.alpha + T) / (self.alpha + t_x))
        odds = self.a / (self.b + np.maximum(x, 1) - 1) * np.exp(np.minimum(power, 700))
        return np.where(x > 0, odds, 0.0)


def fit_purchases(
    x: np.ndarray, t_x: np.ndarray, T: np.ndarray, counts: np.ndarray | None = None  # noqa: N803
) -> Purchases:  # fmt: skip
    """Parameters of the greatest likelihood (equation 6); `counts` says how many customers a row stands for.

    Raises `DoesNotFit`.
    """
    counts = np.ones(len(x)) if counts is None else counts
    if len(x) < 10 or not (x > 0).any():
        raise DoesNotFit(FEW_PAYERS, customers=int(counts.sum()), again=int(counts[x > 0].sum()))
    scale = float(np.max(T)) / 40 or 1.0  # the search starts near 1 whatever the unit of time is
    times = t_x / scale, T / scale

    def loss(logs: np.ndarray) -> float:
        return -float((counts * _likelihood(np.exp(logs), x, *times)).sum()) / float(counts.sum())

    found = minimize(loss, np.zeros(4), method="L-BFGS-B", bounds=_BOUNDS, options={"maxiter": 500})
    options = {"xatol": 1e-5, "fatol": 1e-9, "maxiter": 1000}
    found = minimize(loss, found.x, method="Nelder-Mead", bounds=_BOUNDS, options=options)
    if not np.isfinite(found.fun):
        raise DoesNotFit(NO_MAXIMUM)
    r, alpha, a, b = np.exp(found.x)
    return Purchases(float(r), float(alpha * scale), float(a), float(b))


def _likelihood(
    parameters: np.ndarray, x: np.ndarray, t_x: np.ndarray, T: np.ndarray  # noqa: N803
) -> np.ndarray:  # fmt: skip
    r, alpha, a, b = parameters
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    common += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    stays = -(r + x) * np.log(alpha + T)
    left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
    return common + np.where(x > 0, np.logaddexp(stays, left), stays)
