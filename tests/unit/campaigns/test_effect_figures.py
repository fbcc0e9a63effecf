"""Formulas against published figures and plain computations; verdicts; money; funnels; all campaigns together."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from scipy import stats

from campaigns.effect import (
    Outcome,
    Target,
    cannibalisation,
    fatigue,
    fieller,
    funnel,
    holm,
    measure,
    newcombe,
    overlap,
    plan_fact,
    returns,
    sample_ratio,
    shrink,
    wilson,
)
from campaigns.effect.intervals import welch
from segments.errors import DefinitionError

T0 = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("one", "count", "other", "other_count", "low", "high"),
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (5, 56, 0, 29, -0.0381, 0.1926)],
)  # fmt: skip
def test_differences_of_shares_are_those_of_newcombes_paper(one, count, other, other_count, low, high) -> None:  # type: ignore[no-untyped-def]
    found = newcombe(one / count, count, other / other_count, other_count)
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


def test_a_share_is_that_of_newcombes_paper_on_single_proportions() -> None:
    found = wilson(81, 263)
    assert (found.low, found.high) == (pytest.approx(0.2553, abs=6e-5), pytest.approx(0.3662, abs=6e-5))
    assert wilson(0, 0).value is None


def test_a_difference_of_means_is_welchs() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(3, 2, 40), rng.normal(2, 5, 25)
    known = stats.ttest_ind(one, other, equal_var=False)
    error = np.sqrt(one.var(ddof=1) / 40 + other.var(ddof=1) / 25)
    found, p_value = welch(one.mean() - other.mean(), error, known.df)
    assert p_value == pytest.approx(known.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(known.confidence_interval()))


def test_holm_adjusts_as_published_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_fieller_is_the_plain_interval_where_the_bottom_is_certain_and_open_where_it_may_be_nothing() -> None:
    sure = fieller(10.0, 4.0, 4.0, 0.0, 0.0)
    assert (sure.low, sure.high) == pytest.approx(((10 - 1.96 * 2) / 4, (10 + 1.96 * 2) / 4), abs=1e-3)
    open_ = fieller(10.0, 1.0, 4.0, 1.0, 0.0)
    assert (open_.value, open_.low, open_.high) == (10.0, None, None)


def test_fieller_holds_a_known_ratio_in_95_of_100_samples() -> None:
    rng = np.random.default_rng(2)
    draws = rng.multivariate_normal([2.0, 5.0], [[0.5, 0.3], [0.3, 0.8]], 1_500)
    held = [
        (e := fieller(top, bottom, 0.5, 0.8, 0.3)).low is not None and e.low <= 0.4 <= e.high for top, bottom in draws
    ]
    assert np.mean(held) == pytest.approx(0.95, abs=0.018)


def test_effects_of_many_segments_are_drawn_together_by_their_noise() -> None:
    noisy = shrink([0.10, -0.02, 0.05, 0.0, 0.04, 0.01], [0.05] * 6)
    assert noisy.differs > 0.2
    assert max(each.value for each in noisy.estimates) < 0.07
    clear = shrink([0.50, -0.50, 0.20, 0.00], [0.01] * 4)
    assert clear.differs < 1e-6
    assert [each.value for each in clear.estimates] == pytest.approx([0.5, -0.5, 0.2, 0.0], abs=0.01)
    few = shrink([0.1, 0.3], [0.1, 0.1])
    assert [each.value for each in few.estimates] == [0.1, 0.3]


def units(sizes: dict[str, int], bought: dict[str, float], seed: int = 5) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    arm = np.repeat(list(sizes), list(sizes.values()))
    ids = np.arange(1, len(arm) + 1)
    share = np.array([bought[each] for each in arm])
    return pl.DataFrame({"customer_id": ids, "cluster_id": ids, "arm": arm, "bought": rng.random(len(arm)) < share,
                         "revenue": rng.gamma(2.0, 50, len(arm)) * (rng.random(len(arm)) < 2 * share),
                         "cost": np.where(arm == "control", 0.0, 0.5)})  # fmt: skip


def test_a_variant_wins_only_when_it_beats_control_and_every_other_variant() -> None:
    sizes = {"control": 3_000, "a": 3_000, "b": 3_000}
    shares = {"control": 1.0, "a": 1.0, "b": 1.0}

    def winner(a: float, b: float) -> tuple[str, str | None]:
        rows = units(sizes, {"control": 0.05, "a": a, "b": b})
        found = measure(rows, [Outcome("bought", "share")], shares=shares).winners[0]
        return found.code, found.variant

    assert winner(0.10, 0.15) == ("winner", "b")
    assert winner(0.101, 0.10)[0] == "tied"
    assert winner(0.05, 0.05) == ("no_evidence", None)


def test_less_is_better_where_the_outcome_says_so() -> None:
    rows = units({"control": 4_000, "a": 4_000}, {"control": 0.10, "a": 0.05})
    left = Outcome("bought", "share", more_is_better=False)
    found = measure(rows, [left, Outcome("bought", "share")], shares={"control": 50, "a": 50})
    assert [each.verdict for each in found.lifts] == ["better", "worse"]
    assert [each.code for each in found.winners] == ["winner", "no_evidence"]


def test_too_few_customers_give_no_verdict_and_no_control_gives_an_error() -> None:
    rows = units({"control": 60, "a": 60}, {"control": 0.02, "a": 0.9})
    found = measure(rows, [Outcome("bought", "share"), Outcome("revenue")], shares={"control": 1, "a": 1})
    assert found.lifts[0].verdict == "better"
    few = measure(rows.group_by("arm").head(10), [Outcome("bought", "share")], shares={"control": 1, "a": 1})
    assert few.lifts[0].verdict == "too_few"
    assert few.winners[0].code == "too_few"
    with pytest.raises(DefinitionError, match="Nobody is in the group"):
        measure(rows.filter(pl.col("arm") == "a"), [Outcome("bought", "share")], shares={"control": 1, "a": 1})
    with pytest.raises(DefinitionError, match="no income"):
        measure(rows, [Outcome("income")], shares={"control": 1, "a": 1})


def test_planned_shares_that_name_other_groups_are_refused() -> None:
    with pytest.raises(DefinitionError, match="other groups"):
        sample_ratio({"a": 5, "x": 5}, {"a": 1, "b": 1})
    assert sample_ratio({"a": 1_000}, {"a": 1, "b": 1}).is_fault
    assert not sample_ratio({"a": 1_000, "b": 1_050}, {"a": 1, "b": 1}).is_fault
    assert sample_ratio({"a": 5_000, "b": 5_400}, {"a": 1, "b": 1}).is_fault
    assert not sample_ratio({"a": 5_000, "b": 5_400}, {"a": 1, "b": 1}, size_effect=12).is_fault


def test_money_is_what_came_above_control_and_its_ratio_has_an_interval() -> None:
    rows = units({"control": 10_000, "a": 30_000}, {"control": 0.05, "a": 0.10})
    (found,) = returns(rows, revenue="revenue", conversion="bought", cost="cost", margin=0.4, fixed_cost=3_000)
    by_arm = dict(rows.group_by("arm").agg(pl.col("revenue").mean()).rows())
    assert found.revenue.value == pytest.approx((by_arm["a"] - by_arm["control"]) * 30_000)
    assert found.cost == pytest.approx(30_000 * 0.5 + 3_000)
    assert found.romi is not None
    assert found.romi.value == pytest.approx(0.4 * found.revenue.value / found.cost - 1)
    assert found.romi.low < found.romi.value < found.romi.high
    assert found.sac is not None
    assert found.sac.value == pytest.approx(found.cost / found.conversions.value)
    assert found.sac.low < found.sac.value < found.sac.high


def test_a_campaign_that_may_have_brought_nobody_has_no_greatest_cost_per_customer() -> None:
    rows = units({"control": 2_000, "a": 2_000}, {"control": 0.08, "a": 0.08})
    (found,) = returns(rows, revenue=None, conversion="bought", cost="cost")
    assert found.sac is not None
    assert found.sac.high is None
    assert found.sac.low == pytest.approx(found.cost / found.conversions.high, rel=1e-6)
    assert found.romi is None


def test_a_funnel_counts_an_answer_as_proof_of_delivery() -> None:
    rows = pl.DataFrame({"channel": ["sms", "sms", "email", None], "sent": [True, True, True, False],
                         "delivered": [True, None, False, False], "interested": [False, True, False, False],
                         "converted": [False, True, False, False]})  # fmt: skip
    sms, nothing = funnel(rows, ["channel"])[1:]
    assert [each.count for each in sms.steps] == [2, 2, 1, 1]
    assert sms.steps[2].of_previous.value == 0.5
    assert nothing.group == {"channel": None}
    assert [each.count for each in nothing.steps] == [0, 0, 0, 0]
    assert nothing.steps[1].of_previous.value is None


def test_targets_are_met_missed_unsure_or_unknown() -> None:
    found = plan_fact([
        Target("sales", 100, 120), Target("sales", 100, 80), Target("complaints", 10, 8, more_is_better=False),
        Target("lift", 0.02, 0.03, interval=wilson(3, 100)), Target("nps", 50, None),
    ])  # fmt: skip
    assert [each.code for each in found] == ["met", "missed", "met", "unsure", "unknown"]
    assert found[0].reached == pytest.approx(1.2)


def test_overlap_counts_common_members_and_contacts_that_lie_close() -> None:
    members = pl.DataFrame({"campaign_key": ["a"] * 4 + ["b"] * 3, "customer_id": [1, 2, 3, 4, 3, 4, 5]})
    contacts = pl.DataFrame({"campaign_key": ["a", "b", "a", "b"], "customer_id": [3, 3, 4, 4],
                             "at": [T0, T0 + dt.timedelta(days=2), T0, T0 + dt.timedelta(days=20)]})  # fmt: skip
    (found,) = overlap(members, contacts)
    assert (found.one, found.other, found.both, found.close) == ("a", "b", 2, 1)
    assert found.share == pytest.approx(2 / 3)


def test_a_campaign_that_takes_sales_from_another_is_told_by_its_own_lot() -> None:
    rng = np.random.default_rng(8)
    ids = np.arange(1, 8_001)
    by = rng.random(8_000) < 0.5
    sold = {"loan": rng.random(8_000) < np.where(by, 0.20, 0.10), "card": rng.random(8_000) < 0.2,
            "tariff": rng.random(8_000) < 0.3}  # fmt: skip
    control = {"loan": rng.random(8_000) < 0.5, "card": by, "tariff": rng.random(8_000) < 0.5}
    members = pl.concat([
        pl.DataFrame({"campaign_key": key, "customer_id": ids, "cluster_id": ids, "is_control": control[key],
                      "outcome": sold[key]})
        for key in sold
    ])  # fmt: skip
    found = cannibalisation(members)
    assert (found[0].of, found[0].by, found[0].code) == ("loan", "card", "takes")
    assert found[0].lift.believed.low < -0.10 < found[0].lift.believed.high
    assert {each.code for each in found[1:]} == {"no_evidence"}


def test_fatigue_is_seen_within_customers_though_the_most_contacted_answer_most() -> None:
    rng = np.random.default_rng(9)
    rows = []
    for customer in range(1_500):
        eager = customer % 2
        for place in range(8 if eager else 2):
            chance = (0.5 if eager else 0.15) - 0.03 * place
            rows.append((customer, T0 + dt.timedelta(days=3 * place), rng.random() < chance))
    contacts = pl.DataFrame(rows, schema=["customer_id", "at", "responded"], orient="row")
    found = fatigue(contacts)
    assert found.steps[2].response.value > found.steps[0].response.value
    assert found.code == "tires"
    assert found.within.low < -0.03 < found.within.high
    assert [each.before for each in found.steps] == list(range(8))
    alone = fatigue(contacts.group_by("customer_id").head(1))
    assert (alone.code, alone.within.value) == ("too_few", None)
