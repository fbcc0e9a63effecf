"""Planted leaks are found; features that only look back are not suspected."""

import numpy as np
import polars as pl
import pytest
from churn_world import FEATURES, MONTHS

from signals.models.churn import CUSTOMER, LABEL, MONTH
from signals.models.features import Feature
from signals.models.leaks import Suspect, suspects

HERE = 12


def looked_at(customers: pl.DataFrame, extra: tuple[Feature, ...] = ()) -> dict[str, Suspect]:
    months = [customers.filter(pl.col(MONTH) == MONTHS[HERE + step]) for step in (-1, 0, 1)]
    return {each.feature: each for each in suspects(*months, (*FEATURES, *extra))}


def test_features_that_look_back_are_not_suspected(customers: pl.DataFrame) -> None:
    assert looked_at(customers) == {}


@pytest.mark.parametrize("share", [0.0, 0.05])
def test_the_outcome_itself_is_found_even_with_errors_in_it(customers: pl.DataFrame, share: float) -> None:
    rng = np.random.default_rng(2)
    flipped = pl.Series(rng.random(customers.height) < share)
    leak = (pl.col(LABEL).fill_null(False) ^ flipped).alias("closed_flag")
    found = looked_at(customers.with_columns(leak), (Feature("closed_flag", "profile", "flag"),))
    assert found["closed_flag"].sign == "alone"
    assert found["closed_flag"].now > 0.9


def test_what_only_the_outcome_moves_is_found_by_taking_it_a_month_earlier(customers: pl.DataFrame) -> None:
    rng = np.random.default_rng(3)
    leak = pl.Series(rng.normal(size=customers.height)) + 1.5 * customers[LABEL].fill_null(False).cast(pl.Float64)
    found = looked_at(customers.with_columns(leak.alias("usage_after")), (Feature("usage_after", "usage"),))
    assert found["usage_after"].sign == "collapses"


def test_next_month_of_another_feature_is_found_though_it_tells_little(customers: pl.DataFrame) -> None:
    ahead = customers.sort(CUSTOMER, MONTH).with_columns(
        pl.col("trend").shift(-1).over(CUSTOMER).alias("trend_fresh")
    )  # fmt: skip
    found = looked_at(ahead, (Feature("trend_fresh", "usage"),))
    assert found["trend_fresh"].sign == "next_month"
    assert found["trend_fresh"].of == "trend"
