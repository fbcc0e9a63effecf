"""Training, calibration, reasons and backtest on customers whose leaving is known."""

import numpy as np
import polars as pl
import pytest
from churn_world import FEATURES, GAP, HORIZON, MONTHS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from signals.models import backtest, metrics
from signals.models.boosting import Recipe
from signals.models.calibration import Calibration
from signals.models.churn import LABEL, MONTH, ChurnModel, train
from signals.models.errors import TooLittleData
from signals.models.reasons import reasons

RECIPE = Recipe(rounds=40)
WAIT = GAP + HORIZON


def trained(rows: pl.DataFrame, later: pl.DataFrame) -> ChurnModel:
    return train(rows, later, FEATURES, "person", {"gap_months": GAP}, RECIPE, 8_000)


@pytest.fixture(scope="module")
def tested(customers: pl.DataFrame) -> tuple[ChurnModel, list[backtest.Scored]]:
    models, scored = backtest.run(customers, backtest.folds(MONTHS, WAIT, 2), trained)
    return models[-1], scored


def test_the_model_beats_its_baselines_and_knows_the_planted_chance(
    customers: pl.DataFrame, tested: tuple[ChurnModel, list[backtest.Scored]]
) -> None:
    model, scored = tested
    told = backtest.report(scored)
    assert told["all"]["auc"] > 0.8
    assert told["all"]["auc"] > max(told["baselines"]["rule"]["auc"], told["baselines"]["base_rate"]["auc"]) + 0.2
    last = customers.filter(pl.col(MONTH) == MONTHS[-1])
    assert spearmanr(model.score(last).probability, last["chance"]).statistic > 0.8


def test_probabilities_come_true_as_often_as_they_say(tested: tuple[ChurnModel, list[backtest.Scored]]) -> None:
    rows = backtest.judged(tested[1])
    for group in metrics.calibration_table(rows[LABEL].to_numpy().astype(int), rows["probability"].to_numpy(), 5):
        assert group["low"] - 0.02 <= group["said"] <= group["high"] + 0.02


def test_what_tells_nothing_is_not_blamed(
    customers: pl.DataFrame, tested: tuple[ChurnModel, list[backtest.Scored]]
) -> None:
    model = tested[0]
    last = customers.filter(pl.col(MONTH) == MONTHS[-1])
    scores = model.score(last)
    found = reasons(model.encoder.features, model.contributions(scores.matrix))
    risky = np.argsort(-scores.probability)[:150]
    first = [found.words[number] for number in found.word[0][risky] if number >= 0]
    assert first.count("usage") + first.count("quality") + first.count("tariff") > 0.95 * len(first)
    assert "noise" not in first


def test_reasons_are_told_strongest_first_and_only_when_they_raise_the_risk(
    customers: pl.DataFrame, tested: tuple[ChurnModel, list[backtest.Scored]]
) -> None:
    model = tested[0]
    found = reasons(model.encoder.features, model.contributions(model.score(customers.head(500)).matrix))
    assert (found.effect[0] >= found.effect[1]).all()
    assert (found.effect[found.word >= 0] >= 0.05).all()
    assert (found.feature[found.word < 0] == -1).all()


def test_the_same_rows_train_the_same_model(customers: pl.DataFrame) -> None:
    early, later = (backtest.labelled(customers, MONTHS[a:b]) for a, b in ((0, 6), (6, 8)))
    first, second = (trained(early, later) for _ in range(2))
    assert first.fingerprint == second.fingerprint
    assert ChurnModel.from_json(first.to_json()).fingerprint == first.fingerprint


def test_a_model_learns_only_from_labels_that_were_known_at_its_origin() -> None:
    for fold in backtest.folds(MONTHS, WAIT, 4):
        known = MONTHS.index(fold.origin) - WAIT
        assert max(MONTHS.index(month) for month in (*fold.train, *fold.calibrate)) <= known
        assert min(fold.calibrate) > max(fold.train)
        assert min(fold.score) == fold.origin


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), cut=st.integers(9, 16))
def test_another_future_changes_no_score_of_the_past(customers: pl.DataFrame, seed: int, cut: int) -> None:
    """What comes after an origin, labels that were not known then included, moves nothing that is said then."""
    origin = MONTHS[cut]
    rng = np.random.default_rng(seed)
    future = pl.Series(rng.random(customers.height) < 0.5)
    other = customers.with_columns(
        trend=pl.when(pl.col(MONTH) > origin).then(pl.Series(rng.normal(size=customers.height))).otherwise("trend"),
        is_churned=pl.when(pl.col(MONTH) > MONTHS[cut - WAIT]).then(future).otherwise(LABEL),
    )
    known = MONTHS[: cut - WAIT + 1]
    told = []
    for world in (customers, other):
        rows = backtest.labelled(world, known).filter(pl.col("customer_id") % 5 == 0)
        early, later = (rows.filter(pl.col(MONTH).is_in(known[a:b])) for a, b in ((0, -2), (-2, None)))
        model = train(early, later, FEATURES, "person", {}, Recipe(rounds=3), 900)
        told.append(model.score(world.filter(pl.col(MONTH) == origin)).probability)
    assert np.array_equal(*told)


def test_too_few_months_or_leavers_are_told(customers: pl.DataFrame) -> None:
    with pytest.raises(TooLittleData, match="5 month ends are stored"):
        backtest.folds(MONTHS[:5], WAIT, 2)
    nobody = customers.filter(~pl.col(LABEL))
    with pytest.raises(TooLittleData, match="0 customers left"):
        trained(nobody, nobody)


def test_a_leap_of_calibration_keeps_the_order() -> None:
    rng = np.random.default_rng(1)
    raw = rng.normal(size=4000)
    labels = (rng.random(4000) < 1 / (1 + np.exp(2 - raw))).astype(int)
    for part in (slice(0, 800), slice(None)):
        fitted = Calibration.fit(raw[part], labels[part])
        said = fitted.probability(np.linspace(-4, 4, 200))
        assert (np.diff(said) >= 0).all()
        assert 0 < said[0] < said[-1] < 1
    assert Calibration.fit(raw, labels).method == "isotonic"
    assert Calibration.fit(raw[:400], labels[:400]).method == "platt"


def test_a_decile_holds_a_tenth_and_lift_is_counted_from_the_average() -> None:
    labels = np.array([1] * 10 + [0] * 90)
    rows = metrics.lift_by_decile(labels, np.linspace(1, 0, 100))
    assert [row["rows"] for row in rows] == [10] * 10
    assert rows[0]["lift"] == pytest.approx(10)
    assert metrics.average_precision(labels, np.linspace(1, 0, 100)) == pytest.approx(1)


def test_the_interval_of_the_area_holds_the_truth() -> None:
    rng, inside = np.random.default_rng(4), 0
    for _ in range(60):
        labels = (rng.random(400) < 0.3).astype(int)
        estimate = metrics.auc(labels, rng.normal(size=400) + labels)
        inside += estimate.low <= 0.7602 <= estimate.high  # Phi(1 / sqrt 2)
    assert inside >= 51
