"""Allocation against a plain greedy loop and an exact solver, with the bound and the prices it tells."""

import numpy as np
import polars as pl
import pytest
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from campaigns.allocation import Allocation, Demand, Limits, Option, allocate, allocate_greedily, compare, demand_of
from campaigns.allocation.problem import uses_of
from segments.errors import DefinitionError

CHANNELS = ("sms", "email", "call")
COSTS = {"sms": 2.0, "email": 0.1, "call": 6.0}


def demand(customers: int, seed: int, at_most: int = 2, *, ties: bool = False) -> Demand:
    """Five campaigns by one or two channels each, everything scarce."""
    rng = np.random.default_rng(seed)
    pairs = [(f"c{c}", CHANNELS[(c + k) % 3]) for c in range(5) for k in range(1 + c % 2)]
    options = tuple(Option(c, ch, COSTS[ch], 0.2 if ch == "call" else 0.0) for c, ch in pairs)
    values = rng.gamma(2.0, 4.0, (customers, len(options))).astype(np.float32)
    if ties:
        values = np.round(values / 5) * 5
    values[rng.random(values.shape) < 0.3] = np.nan
    limits = Limits({"sms": 0.3 * customers, "email": 0.4 * customers}, agent_hours=0.03 * customers,
                    budget=0.9 * customers, campaigns={"c0": round(0.1 * customers)})  # fmt: skip
    return Demand(np.arange(100, 100 + customers), options, values, limits, at_most)


def table_of(wanted: Demand) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The whole linear programme, written out plainly: gains, rows, what there is, (customer, option) per column."""
    cost = np.array([each.cost for each in wanted.options])
    net = np.nan_to_num(wanted.values.astype(float) - cost, nan=-1.0)
    who, what = np.nonzero(net > 0)
    uses = uses_of(wanted)
    rows = [uses.each[:, what]]
    there = [uses.there]
    rows.append((np.arange(len(wanted.customers))[:, None] == who[None, :]).astype(float))
    there.append(np.full(len(wanted.customers), wanted.at_most))
    for key in sorted({each.campaign_key for each in wanted.options}):
        own = np.array([wanted.options[j].campaign_key == key for j in what])
        rows.append(rows[1] * own)
        there.append(np.ones(len(wanted.customers)))
    return net[who, what], np.vstack(rows), np.concatenate(there), np.column_stack([who, what])


def check(wanted: Demand, found: Allocation) -> None:
    """Nothing is used beyond what there is, nobody gets too much, and the figures are those of the contacts."""
    rows = found.chosen.to_pylist()
    names = {(o.campaign_key, o.channel): o for o in wanted.options}
    per_customer: dict[int, list[str]] = {}
    for row in rows:
        per_customer.setdefault(row["customer_id"], []).append(row["campaign_key"])
    assert all(len(each) <= wanted.at_most and len(set(each)) == len(each) for each in per_customer.values())
    assert all(each.used <= each.there * (1 + 1e-9) for each in found.resources)
    spent = sum(names[row["campaign_key"], row["channel"]].cost for row in rows)
    assert found.cost == pytest.approx(spent)
    assert found.net == pytest.approx(sum(row["value"] for row in rows) - spent, rel=1e-5)
    assert (found.contacts, found.customers) == (len(rows), len(per_customer))


@pytest.mark.parametrize("seed", range(6))
def test_the_answer_lies_between_the_exact_optimum_and_its_own_bound(seed: int) -> None:
    wanted = demand(60, seed, at_most=1 + seed % 3, ties=seed > 3)
    found = compare(wanted)
    check(wanted, found.optimum)
    check(wanted, found.greedy)
    gains, rows, there, _ = table_of(wanted)
    exact = -milp(-gains, constraints=LinearConstraint(rows, ub=there), integrality=np.ones(len(gains)),
                  bounds=Bounds(0, 1)).fun  # fmt: skip
    assert found.optimum.net <= exact * (1 + 1e-6)
    assert found.optimum.bound >= exact * (1 - 1e-6)
    assert found.optimum.net >= 0.93 * exact
    assert found.greedy.net <= exact * (1 + 1e-6)
    assert found.optimum.gap == pytest.approx(1 - found.optimum.net / found.optimum.bound)


def test_bound_and_prices_are_those_of_the_linear_programme() -> None:
    wanted = demand(150, 11)
    found = allocate(wanted)
    gains, rows, there, _ = table_of(wanted)

    def worth(place: int, more: float) -> float:
        there_ = there + more * (np.arange(len(there)) == place)
        return float(-linprog(-gains, A_ub=rows, b_ub=there_, bounds=(0, 1), method="highs").fun)

    whole = worth(0, 0.0)
    assert found.bound == pytest.approx(whole, rel=1e-5)
    for place, each in enumerate(found.resources):
        # The optimum is bent where a customer changes, so a price lies between what one more brings and one less takes.
        assert worth(place, 1.0) - whole - 0.02 <= each.price <= whole - worth(place, -1.0) + 0.02


def test_one_more_of_what_is_scarce_is_worth_its_price_and_of_what_is_not_nothing() -> None:
    wanted = demand(4_000, 3)
    found = allocate(wanted)
    check(wanted, found)
    budget = next(each for each in found.resources if each.name == "budget")
    more = Limits(wanted.limits.channels, wanted.limits.agent_hours, (wanted.limits.budget or 0) + 40,
                  wanted.limits.campaigns)  # fmt: skip
    richer = allocate(Demand(wanted.customers, wanted.options, wanted.values, more, wanted.at_most))
    assert richer.bound - found.bound == pytest.approx(40 * budget.price, rel=0.05)
    assert found.gap < 0.002
    idle = [each for each in found.resources if each.used < 0.9 * each.there]
    assert all(each.price == pytest.approx(0, abs=0.02) for each in idle)


def test_the_greedy_way_is_a_plain_loop_over_contacts_by_value() -> None:
    for seed in (1, 2):
        wanted = demand(500, seed)
        gains, _, _, pairs = table_of(wanted)
        uses = uses_of(wanted)
        left, had = uses.there.copy(), {}
        for place in np.argsort(-gains.astype(np.float32), kind="stable"):
            who, what = pairs[place]
            mine = had.setdefault(who, set())
            key = wanted.options[what].campaign_key
            if len(mine) < wanted.at_most and key not in mine and (uses.each[:, what] <= left + 1e-6).all():
                mine.add(key)
                left -= uses.each[:, what]
        found = allocate_greedily(wanted)
        check(wanted, found)
        assert found.contacts == sum(len(each) for each in had.values())


def test_thousands_of_customers_come_within_a_thousandth_of_the_bound_and_greed_does_not() -> None:
    wanted = demand(205_000, 7)
    found = compare(wanted)
    assert found.optimum.gap < 0.001
    assert found.greedy_gap > 0.02
    assert all(each.used <= each.there * (1 + 1e-9) for each in found.optimum.resources)


def test_customers_of_a_few_classes_who_are_all_alike_are_divided_within_a_thousandth_of_the_bound() -> None:
    wanted = demand(40_000, 9)  # so many that no other way of rounding is tried
    classes = np.random.default_rng(1).integers(0, 4, 40_000)
    values = np.nan_to_num(wanted.values[:4], nan=5.0)[classes]  # like values for a quarter of the customers each
    alike = Demand(wanted.customers, wanted.options, values, wanted.limits, 2)
    found = allocate(alike)
    check(alike, found)
    assert found.gap < 0.001


def test_without_limits_everybody_gets_his_best_and_nothing_that_costs_more_than_it_brings() -> None:
    options = (Option("a", "sms", 2.0), Option("a", "email", 0.1), Option("b", "sms", 2.0))
    values = np.array([[3.0, 2.0, 1.0], [1.9, 0.05, 9.0], [np.nan, np.nan, np.inf]], np.float32)
    found = allocate(Demand(np.array([1, 2, 3]), options, values, Limits({}), 2))
    assert found.chosen.select(["customer_id", "campaign_key", "channel"]).to_pylist() == [
        {"customer_id": 1, "campaign_key": "a", "channel": "email"},
        {"customer_id": 2, "campaign_key": "b", "channel": "sms"}]  # fmt: skip
    assert found.gap == pytest.approx(0, abs=1e-6)
    nothing = allocate(Demand(np.empty(0, np.int64), options, np.empty((0, 3), np.float32), Limits({"sms": 5}), 1))
    assert (nothing.contacts, nothing.net, nothing.gap) == (0, 0.0, 0.0)
    none = allocate(Demand(np.array([1, 2, 3]), options, values, Limits({"sms": 0, "email": 0}), 1))
    assert none.contacts == 0


def test_offers_as_a_long_table_are_the_same_demand() -> None:
    offers = pl.DataFrame({"customer_id": [7, 7, 3], "campaign_key": ["a", "b", "a"],
                           "channel": ["sms", "sms", "email"], "value": [5.0, 6.0, 7.0]})  # fmt: skip
    found = allocate(demand_of(offers, [Option("a", "sms"), Option("b", "sms")], Limits({"sms": 1})))
    assert found.chosen.select(["customer_id", "campaign_key"]).to_pylist() == [{"customer_id": 7, "campaign_key": "b"}]


def test_what_cannot_be_is_refused_with_every_mistake() -> None:
    with pytest.raises(DefinitionError) as caught:
        Demand(np.array([1]), (Option("a", "sms", -1.0), Option("a", "sms")), np.ones((2, 2), np.float32),
               Limits({"sms": -5}), 0)  # fmt: skip
    assert {each.path[0] for each in caught.value.problems} == {"values", "at_most", "options", "limits"}
