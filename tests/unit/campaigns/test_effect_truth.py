"""Estimates against the planted truth of simulated campaigns; `make campaigns-proof` asks 500 of each kind."""

from functools import cache

import numpy as np
import pytest
from scipy import stats

from campaigns.effect import Outcome, measure
from tests.campaign_truth import trials
from tests.campaign_truth.trials import ADJUSTED, BOUGHT, REVENUE, false_claims, faults_found, without_some
from tests.campaign_truth.worlds import Settings, planted

CAMPAIGNS = range(60)
CLUSTERED = Settings(members=2_000, clustered=True)
SINGLE = Settings(members=2_000)


trial = cache(trials.trial)


def unlikely(hits: float, of: int, share: float) -> float:
    """How likely a count as far from `share` is, on its own side."""
    return float(min(stats.binom.cdf(hits, of, share), stats.binom.sf(hits - 1, of, share)))


@pytest.mark.parametrize("settings", [SINGLE, CLUSTERED], ids=["customers", "households"])
@pytest.mark.parametrize("outcome", [BOUGHT, REVENUE], ids=["shares", "heavy-tailed revenue"])
def test_intervals_hold_the_planted_truth_in_about_95_of_100_campaigns(settings: Settings, outcome: Outcome) -> None:
    found = trial(settings, outcome, CAMPAIGNS)
    assert unlikely(found.held.sum(), len(found.held), 0.95) > 0.002


def test_households_taken_for_independent_customers_would_give_intervals_that_are_too_narrow() -> None:
    settings = Settings(members=2_500, clustered=True, alike=2.0)
    honest = naive = 0
    for number in range(40):
        world = planted(number, settings)
        alone = world.units.with_columns(cluster_id=world.units["customer_id"])
        wide = measure(world.units, [BOUGHT], shares=world.shares).lifts[0].lift.believed
        narrow = measure(alone, [BOUGHT], shares=world.shares).lifts[0].lift.believed
        truth = world.bought["v0"]
        honest += wide.low <= truth <= wide.high
        naive += narrow.low <= truth <= narrow.high
        assert wide.high - wide.low > narrow.high - narrow.low
    assert honest >= 35
    assert naive < honest


def test_campaigns_without_an_effect_alarm_in_no_more_than_5_of_100() -> None:
    nothing = [
        trial(Settings(members=2_500, effect=False, clustered=c), BOUGHT, range(60)).claimed for c in (True, False)
    ]
    claimed = np.concatenate(nothing)
    assert stats.binom.sf(claimed.sum() - 1, len(claimed), 0.05) > 0.005


def test_cuped_narrows_the_interval_and_stays_on_the_truth() -> None:
    plain, adjusted = (trial(SINGLE, outcome, CAMPAIGNS) for outcome in (REVENUE, ADJUSTED))
    assert adjusted.widths.mean() < 0.85 * plain.widths.mean()
    assert abs(adjusted.errors.mean()) < 3.3 * adjusted.errors.std() / np.sqrt(len(adjusted.errors))


def test_ten_variants_that_do_nothing_are_hardly_ever_said_to_do_something() -> None:
    settings = Settings(members=4_000, control_pct=30, variants=10, effect=False)
    claims, winners = false_claims(settings, BOUGHT, range(60))
    assert stats.binom.sf(claims - 1, 60, 0.05) > 0.005
    assert winners <= claims


def test_a_split_that_lost_some_of_one_group_is_found_and_a_sound_one_is_not() -> None:
    settings = Settings(members=6_000)
    assert faults_found(settings, 15, range(8), told=False) == 8
    assert faults_found(settings, 3, range(8), told=True) == 8
    assert faults_found(settings, 0, range(60), told=True) == 0


def test_a_faulty_split_lets_no_variant_win() -> None:
    world = planted(3, Settings(members=8_000))
    sound = measure(world.units, [REVENUE], shares=world.shares)
    assert sound.ratio.is_fault is False
    found = measure(without_some(world, 25, 3), [REVENUE, BOUGHT], shares=world.shares)
    assert {each.verdict for each in found.lifts} == {"sample_ratio_fault"}
    assert {each.code for each in found.winners} == {"sample_ratio_fault"}


def test_segments_are_held_too_and_are_drawn_to_their_mean() -> None:
    found = trial(Settings(members=5_000), BOUGHT, range(30), by_segment=True)
    assert unlikely(found.segments.sum(), len(found.segments), 0.95) > 0.002
    assert found.shrunk.mean() > 0.9
