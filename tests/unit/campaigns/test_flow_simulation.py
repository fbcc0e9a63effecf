"""Simulations of flows: what the live functions would have done, in numbers that can be checked by hand."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from campaigns.flow import Flow, parse
from campaigns.flow.simulation import Rates, Scenario, Simulation, simulate
from campaigns.flow.simulation.simulating import _chosen
from campaigns.flow.simulation.world import Person, World
from campaigns.flow.templates import templates
from campaigns.policy import Policy, Standing
from campaigns.policy import parse as parse_policy
from segments.errors import DefinitionError
from tests.campaign_reference.policy_worlds import broken

BEGINS = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)  # a Monday, noon in Tashkent
FREE = parse_policy({"version": 1, "consent": []})
RATES = {
    "push": Rates(0.5, 0.2, 0.1, (1, 60, 600), price=0), "sms": Rates(0.9, 0.1, 0.05, (1, 60, 600), price=100),
    "call": Rates(0.6, 0.3, 0.2, (5, 5, 600), price=1000), "email": Rates(0.9), "telegram": Rates(0.7),
}  # fmt: skip
FALLBACK = parse({
    "version": 1,
    "nodes": [
        {"id": "a", "kind": "audience"},
        {"id": "f", "kind": "fallback", "data": {"steps": [
            {"channel": "push", "template": "t", "success": "delivered", "wait_minutes": 60},
            {"channel": "sms", "template": "t", "success": "delivered", "wait_minutes": 60}]}},
        {"id": "r", "kind": "call_register", "data": {"register": "r"}},
        {"id": "z", "kind": "end"},
    ],
    "edges": [{"source": one, "port": port, "target": two} for one, port, two in (
        ("a", "next", "f"), ("f", "reached", "z"), ("f", "not_reached", "r"), ("r", "next", "z"))],
})  # fmt: skip
ONE = parse({
    "version": 1, "nodes": [{"id": "a", "kind": "audience"},
                            {"id": "m", "kind": "message", "data": {"channel": "sms", "template": "t"}},
                            {"id": "z", "kind": "end"}],
    "edges": [{"source": "a", "port": "next", "target": "m"}, {"source": "m", "port": "next", "target": "z"}],
})  # fmt: skip


def people(count: int, **columns: Any) -> pl.DataFrame:
    ids = range(1, count + 1)
    return pl.DataFrame({"customer_id": ids, "cluster_id": [each - each % 2 for each in ids], **columns})


def run(flow: Flow, rows: pl.DataFrame, policy: Policy = FREE, contacts: Any = None, **more: Any) -> Simulation:
    return simulate(flow, rows, RATES, policy, Scenario("c", "marketing", BEGINS, **more), contacts)


@pytest.fixture(scope="module")
def fallback() -> Simulation:
    return run(FALLBACK, people(3000))


def test_each_channel_is_used_as_often_as_the_ones_before_it_failed(fallback: Simulation) -> None:
    channels = fallback.by_channel()
    assert channels["push"] == (3000, 0)
    assert 0.46 < channels["sms"][0] / 3000 < 0.54, "half of the push messages do not arrive"
    assert 0.04 < channels["call"][0] / 3000 < 0.06, "and of those a tenth of the SMS"
    assert fallback.cost == channels["sms"][0] * 100 + channels["call"][0] * 1000
    steps = {step.node_id: step for step in fallback.steps}
    assert steps["f"].left["not_reached"] == channels["call"][0] == steps["r"].entered
    assert steps["z"].entered == 3000
    assert fallback.contacted == 3000
    assert {day.day for day in fallback.days} == {dt.date(2026, 3, 2)}


def test_the_same_scenario_gives_the_same_world(fallback: Simulation) -> None:
    assert run(FALLBACK, people(3000).reverse()) == fallback
    assert run(FALLBACK, people(3000), seed="other") != fallback


def test_a_sample_tells_of_the_whole_audience_within_its_interval(fallback: Simulation) -> None:
    part = run(FALLBACK, people(3000), sample=700)
    assert 700 <= part.simulated <= 701, "whole clusters"
    assert part.audience == 3000
    low, high = part.interval(part.by_channel()["sms"][0])
    assert low < fallback.by_channel()["sms"][0] < high
    chosen = _chosen(people(3000), Scenario("c", "marketing", BEGINS, sample=700))
    assert sorted(chosen["cluster_id"].unique().to_list()) == sorted(set(chosen["cluster_id"]))


def test_who_is_kept_out_is_told_with_the_reason() -> None:
    rows = people(
        100, control=["universal"] * 10 + [None] * 90, opted_out=[False] * 10 + [True] * 20 + [False] * 70,
        excluded_segment=[None] * 30 + ["vip"] * 5 + [None] * 65, channels=[["sms"]] * 60 + [["push"]] * 40,
    )  # fmt: skip
    policy = parse_policy({"version": 1, "exclude_segments": ["vip"]})
    found = run(ONE, rows, policy)
    assert {(each.reason, each.contacts) for each in found.held_back} == {
        ("control_group", 10), ("opted_out", 20), ("excluded_segment", 5), ("no_address", 40)
    }  # fmt: skip
    assert (found.contacted, found.untouched) == (25, 75)
    assert found.steps[0].entered == 90, "a control never enters"


def test_caps_count_the_real_contacts_of_those_months_and_put_off() -> None:
    at = [BEGINS.replace(tzinfo=None) + dt.timedelta(hours=hours) for hours in (-2, -3, -4, 30)]
    contacts = pl.DataFrame({
        "contact_id": range(4), "customer_id": [1, 3, 5, 7], "cluster_id": [0, 2, 4, 6], "channel": ["sms"] * 4,
        "category": ["marketing"] * 4, "campaign_key": ["other"] * 4, "at": at,
    })  # fmt: skip
    policy = parse_policy({"version": 1, "consent": [], "caps": [{"per": "day", "at_most": 1, "of": "cluster"}]})
    found = run(ONE, people(20), policy, contacts)
    (held,) = found.held_back
    alone = 11 - 3  # twenty people in eleven clusters; three clusters were contacted in the morning
    assert {day.day: day.contacts for day in found.days}[dt.date(2026, 3, 2)] == alone
    assert (held.verdict, held.reason, held.values["per"]) == ("deferred", "cap", "day")
    assert found.contacted == 20, "each household is contacted twice, on two days"
    assert max(day.day for day in found.days) <= dt.date(2026, 3, 4)
    dropping = parse_policy({"version": 1, "consent": [], "when_capped": "drop",
                             "caps": [{"per": "day", "at_most": 1, "of": "cluster"}]})  # fmt: skip
    assert run(ONE, people(20), dropping, contacts).contacted == alone


def test_no_world_breaks_the_policy_whatever_the_flow() -> None:
    policy = parse_policy({"version": 1, "caps": [{"per": "day", "at_most": 1}, {"per": "week", "at_most": 2}],
                           "gaps": [{"minutes": 600, "of": "cluster"}], "defer_days": 3,
                           "quiet": {"from": "21:00", "to": "09:00", "weekdays": [7]}})  # fmt: skip
    good = Standing(frozenset({"marketing"}))
    for template in templates():
        document = template.document(str)
        flow = parse(document)
        for cluster in range(15):
            world = World(flow, policy, Scenario("c", "marketing", BEGINS), RATES, ())
            world.run([Person(cluster * 2 + one, cluster * 2, None, good) for one in (0, 1)])
            assert broken(policy, world.made) == []
            assert len({each.contact_id for each in world.made}) == len(world.made)
            controls = {life.person.customer_id for life in world.lives
                        if "control" in life.participant.assignments.values()}  # fmt: skip
            assert not controls & {each.customer_id for each in world.made}


def test_conditions_are_answered_for_whom_they_hold() -> None:
    flow = parse({
        "version": 1,
        "nodes": [{"id": "a", "kind": "audience"},
                  {"id": "c", "kind": "condition", "data": {"test": {"kind": "signal", "rule": "r"}}},
                  {"id": "y", "kind": "task", "data": {"title": "t"}}, {"id": "z", "kind": "end"}],
        "edges": [{"source": one, "port": port, "target": two} for one, port, two in (
            ("a", "next", "c"), ("c", "yes", "y"), ("c", "no", "z"), ("y", "next", "z"))],
    })  # fmt: skip
    assert run(flow, people(50), answers={"c": {1, 2, 3}}).tasks == 3


def test_rates_of_few_messages_are_neither_nothing_nor_everything() -> None:
    rates = Rates.counted(4, 4, 0, 0)
    assert 0.5 < rates.delivered < 1
    assert 0 < rates.interest < 0.5
    assert Rates.counted(10_000, 9_000, 900, 90).interest == pytest.approx(0.1, abs=0.001)


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(DefinitionError):
        run(ONE, pl.DataFrame({"customer_id": [1]}))


def test_a_channel_of_which_nothing_is_known_is_refused() -> None:
    with pytest.raises(DefinitionError) as caught:
        simulate(FALLBACK, people(2), {"push": Rates()}, FREE, Scenario("c", "marketing", BEGINS))
    assert [problem.path for problem in caught.value.problems] == [("rates", "call"), ("rates", "sms")]
