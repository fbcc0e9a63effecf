"""Payments, amounts and survival against published figures, simulations and other ways to compute them."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from signals.models.amounts import fit_amounts
from signals.models.errors import DoesNotFit
from signals.models.purchases import Purchases, fit_purchases
from signals.models.survival import curve, curves
from vitrina.settings import Settings

CDNOW = Settings().shared_data / "cdnow" / "CDNOW_sample.txt"
PUBLISHED = Purchases(r=0.243, alpha=4.414, a=0.793, b=2.426)


def cdnow(until: dt.date) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lines = [line.split() for line in CDNOW.read_text().splitlines() if line.strip()]
    days = pl.DataFrame({"id": [line[1] for line in lines], "day": [dt.date.fromisoformat(line[2]) for line in lines]})
    bought = days.filter(pl.col("day") <= until).unique().group_by("id").agg(
        first=pl.col("day").min(), last=pl.col("day").max(), count=pl.len()
    )  # fmt: skip
    weeks = [(pl.col("last") - pl.col("first")), (pl.lit(until) - pl.col("first"))]
    made = bought.select(x=pl.col("count") - 1, t_x=weeks[0].dt.total_days() / 7, t=weeks[1].dt.total_days() / 7)
    return tuple(made[name].to_numpy().astype(float) for name in ("x", "t_x", "t"))  # type: ignore[return-value]


@pytest.mark.skipif(not CDNOW.exists(), reason="the CDNOW sample is not beside the checkout (setting shared_data)")
def test_the_published_parameters_of_cdnow_are_found() -> None:
    found = fit_purchases(*cdnow(dt.date(1997, 9, 30)))
    for name in ("r", "alpha", "a", "b"):
        assert getattr(found, name) == pytest.approx(getattr(PUBLISHED, name), abs=6e-4), name


def test_the_published_example_is_computed_alike() -> None:
    """Fader, Hardie and Lee, "A note on implementing": x 2, t_x 30.43, T 38.86 gives 1.226 in 39 weeks."""
    said = PUBLISHED.expected(39, np.array([2.0]), np.array([30.43]), np.array([38.86]))
    assert said[0] == pytest.approx(1.226, abs=0.001)


def test_who_pays_often_overflows_nothing() -> None:
    x = np.array([0.0, 90, 150, 400])
    said = Purchases(90, 305, 1.06, 105).expected(52, x, np.minimum(x, 150), np.full(4, 155.0))
    assert np.isfinite(said).all()
    assert (said >= 0).all()


def test_planted_parameters_come_back_and_so_does_the_chance_of_being_there() -> None:
    rng, customers, weeks = np.random.default_rng(5), 4000, 78.0
    truth = Purchases(r=0.8, alpha=6.0, a=0.9, b=3.0)
    rate, leave = rng.gamma(truth.r, 1 / truth.alpha, customers), rng.beta(truth.a, truth.b, customers)
    x, last, here = np.zeros(customers), np.zeros(customers), np.ones(customers, dtype=bool)
    now = rng.exponential(1 / rate)
    paying = now < weeks
    while paying.any():
        x[paying] += 1
        last[paying] = now[paying]
        here &= ~(paying & (rng.random(customers) < leave))
        now = now + rng.exponential(1 / rate)
        paying &= here & (now < weeks)
    found = fit_purchases(x, last, np.full(customers, weeks))
    assert found.r == pytest.approx(truth.r, rel=0.12)
    assert found.alpha == pytest.approx(truth.alpha, rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(truth.a / (truth.a + truth.b), rel=0.15)
    assert found.p_alive(x, last, np.full(customers, weeks)).mean() == pytest.approx(here.mean(), abs=0.03)


def test_the_mean_payment_is_drawn_to_that_of_all_where_little_is_known() -> None:
    rng = np.random.default_rng(6)
    rate = rng.gamma(4.0, 1 / 45_000.0, 8000)
    x = rng.integers(1, 6, 8000).astype(float)
    mean = rng.gamma(6 * x, 1 / (x * rate))
    found = fit_amounts(x, mean)
    few, many = found.expected(np.array([1.0, 200.0]), np.array([90_000.0, 90_000.0]))
    average = found.expected(np.array([0.0]), np.array([0.0]))[0]
    assert abs(few - average) < abs(many - average)
    assert many == pytest.approx(90_000, rel=0.02)
    assert (found.p, found.q) == (pytest.approx(6, rel=0.15), pytest.approx(4, rel=0.15))
    assert average == pytest.approx(6 * 45_000 / 3, rel=0.05)


def test_without_payments_there_is_no_model_and_it_says_so() -> None:
    with pytest.raises(DoesNotFit, match="12 customers pay, 0 of them"):
        fit_purchases(np.zeros(12), np.zeros(12), np.full(12, 5.0))


def test_the_curve_of_staying_is_the_product_of_shares_that_stayed() -> None:
    rng = np.random.default_rng(8)
    months, left = rng.integers(0, 20, 400).astype(float), rng.random(400) < 0.5
    made = curve(months, left, 12)
    assert made is not None
    share = 1.0
    for month in range(13):
        share *= 1 - ((months == month) & left).sum() / max((months >= month).sum(), 1)
        assert made.share[month] == pytest.approx(share)
        assert made.low[month] <= made.share[month] <= made.high[month]


def test_a_group_of_few_has_no_curve() -> None:
    table = pl.DataFrame({"kind": ["a"] * 29 + ["b"] * 31, "months": [5.0] * 60, "left": [False] * 60})
    assert list(curves(table, "kind", 12)) == ["b"]
    assert curves(table, "kind", 12)["b"].share == (1.0,) * 6
