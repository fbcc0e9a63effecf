"""Decisions about contacts: never against the policy, as early as it allows, the same for one and for all."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.policy import (
    Allowed,
    Contact,
    Deferred,
    Policy,
    Refused,
    Request,
    Standing,
    choose_channel,
    decide,
    parse,
)
from campaigns.policy.batch import AUDIENCE, CONTACTS, Batch
from campaigns.policy.bulk import bulk, reason_values, row_of
from tests.campaign_reference.policy_worlds import (
    BEGIN,
    CATEGORIES,
    CHANNELS,
    CLUSTERS,
    HOLIDAYS,
    MINUTES,
    POLICIES,
    broken,
    contacts,
    crowded,
)

REGIONS = {1: None, 2: "UZ-X", 3: "UZ-Y", 4: "UZ-Z", 5: "UZ-X", 6: None}
GOOD = Standing(frozenset({"marketing"}), holidays=HOLIDAYS)
MANY = settings(
    max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
NOON = dt.datetime(2026, 3, 17, 7, tzinfo=dt.UTC)  # a Tuesday, noon in Tashkent
ASKED = st.lists(
    st.tuples(st.sampled_from(list(CLUSTERS)), st.sampled_from(CHANNELS), st.sampled_from(CATEGORIES), MINUTES),
    min_size=5,
    max_size=25,
)


def request(customer: int, at: dt.datetime, channel: str = "sms", category: str = "marketing") -> Request:
    return Request(customer, CLUSTERS[customer], channel, category, "mine", 50, at, REGIONS[customer])


def contact(asked: Request, identity: str, at: dt.datetime | None = None) -> Contact:
    return Contact(
        identity, asked.customer_id, asked.cluster_id, asked.channel, asked.category, asked.campaign_key,
        at or asked.moment,
    )  # fmt: skip


@MANY
@given(POLICIES, ASKED)
def test_what_is_allowed_never_breaks_the_policy_and_what_is_put_off_is_allowed_then(
    policy: Policy, asked: list[tuple[int, str, str, dt.timedelta]]
) -> None:
    queue = sorted((BEGIN + after, place, customer, channel, kind)
                   for place, (customer, channel, kind, after) in enumerate(asked))  # fmt: skip
    made: list[Contact] = []
    tried: dict[int, int] = {}
    while queue:
        moment, place, customer, channel, kind = queue.pop(0)
        wanted = request(customer, moment, channel, kind)
        verdict = decide(policy, wanted, made, GOOD)
        if isinstance(verdict, Allowed):
            made.append(contact(wanted, f"m{place}"))
        if isinstance(verdict, Deferred):
            assert moment < verdict.until <= moment + dt.timedelta(days=policy.defer_days)
            assert isinstance(decide(policy, replace(wanted, moment=verdict.until), made, GOOD), Allowed)
            tried[place] = tried.get(place, 0) + 1
            if tried[place] < 4:
                queue = sorted([*queue, (verdict.until, place, customer, channel, kind)])
    assert broken(policy, made, REGIONS) == []


@MANY
@given(st.integers(0, 1 << 32), st.sampled_from(list(CLUSTERS)))
def test_a_contact_is_held_back_only_where_it_would_break_the_policy_and_not_a_minute_longer(
    seed: int, customer: int
) -> None:
    policy, past, moment = crowded(seed)
    wanted = request(customer, moment)
    broken_before = Counter(broken(policy, past, REGIONS))

    def would_break(at: dt.datetime) -> bool:
        """More than the past alone, which another policy may have made, breaks already."""
        return bool(Counter(broken(policy, [*past, contact(wanted, "new", at)], REGIONS)) - broken_before)

    verdict = decide(policy, wanted, past, GOOD)
    assert isinstance(verdict, Allowed) != would_break(wanted.moment)
    if isinstance(verdict, Deferred):
        assert not would_break(verdict.until)
        step = (verdict.until - wanted.moment) / 24
        earlier = [wanted.moment + step * part for part in range(24)] + [verdict.until - dt.timedelta(minutes=1)]
        assert all(would_break(at) for at in earlier)


def test_a_campaign_gives_way_to_what_one_of_higher_priority_has_planned() -> None:
    policy = parse({"version": 1, "caps": [{"per": "day", "at_most": 1}], "quiet": None})
    wanted = request(1, NOON)
    planned = replace(contact(wanted, "p", NOON + dt.timedelta(hours=3)), campaign_key="urgent", planned_priority=90)
    verdict = decide(policy, wanted, [planned], GOOD)
    assert isinstance(verdict, Deferred)
    assert (verdict.reason, verdict.values["campaign"]) == ("higher_priority", "urgent")
    assert verdict.until == dt.datetime(2026, 3, 17, 19, tzinfo=dt.UTC), "the next day in Tashkent"
    assert isinstance(decide(policy, replace(wanted, priority=90), [planned], GOOD), Allowed)
    assert isinstance(decide(policy, replace(wanted, contact_id="p", priority=1), [planned], GOOD), Allowed), "its own"


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (replace(GOOD, controls=frozenset({"universal"})), "control_group"),
        (replace(GOOD, opt_outs=frozenset({("all", "marketing")})), "opted_out"),
        (replace(GOOD, opt_outs=frozenset({("sms", "all")})), "opted_out"),
        (replace(GOOD, consents=frozenset()), "no_consent"),
        (replace(GOOD, segments=frozenset({"vip"})), "excluded_segment"),
        (replace(GOOD, channels=frozenset({"email"})), "no_address"),
    ],
)
def test_who_is_not_to_be_contacted_is_refused_with_the_reason(standing: Standing, reason: str) -> None:
    policy = parse({"version": 1, "exclude_segments": ["vip"]})
    verdict = decide(policy, request(1, NOON), [], standing)
    assert isinstance(verdict, Refused)
    assert verdict.reason == reason
    assert verdict.values


def test_somebody_who_opted_out_of_another_channel_is_contacted() -> None:
    standing = replace(GOOD, opt_outs=frozenset({("email", "all"), ("sms", "service")}))
    assert isinstance(decide(parse({"version": 1}), request(1, NOON), [], standing), Allowed)


def test_the_first_possible_channel_of_the_policy_is_chosen_and_else_the_one_that_is_free_first() -> None:
    policy = parse({"version": 1, "channel_priority": ["push", "sms", "email"], "gaps": [
        {"minutes": 600, "channels": ["push"]}, {"minutes": 300, "channels": ["sms"]}]})  # fmt: skip
    wanted, hour = request(1, NOON), dt.timedelta(hours=1)
    pushed = contact(replace(wanted, channel="push"), "p", NOON - hour)
    assert choose_channel(policy, wanted, ["email", "push", "sms"], [], GOOD)[0] == "push"
    assert choose_channel(policy, wanted, ["email", "push", "sms"], [pushed], GOOD)[0] == "sms"
    both = [pushed, contact(wanted, "s", NOON - hour)]
    channel, verdict = choose_channel(policy, wanted, ["push", "sms"], both, GOOD)
    assert channel == "sms"
    assert isinstance(verdict, Deferred)


def test_quiet_hours_are_those_of_the_region_and_days_off_are_told_as_such() -> None:
    policy = parse({"version": 1, "quiet": {"from": "21:00", "to": "09:00", "weekdays": [7], "holidays": True,
                                            "by_region": {"UZ-X": "Europe/London"}}})  # fmt: skip
    late = dt.datetime(2026, 3, 20, 17, tzinfo=dt.UTC)  # Friday, 22:00 in Tashkent; Saturday is a holiday
    verdict = decide(policy, request(1, late), [], GOOD)
    hours = {"from": "21:00", "to": "09:00", "timezone": "Asia/Tashkent"}
    assert verdict == Deferred(dt.datetime(2026, 3, 23, 4, tzinfo=dt.UTC), "quiet_hours", hours)
    assert isinstance(decide(policy, request(2, late), [], GOOD), Allowed), "17:00 in London"
    sunday = decide(policy, request(1, dt.datetime(2026, 3, 22, 7, tzinfo=dt.UTC)), [], GOOD)
    assert isinstance(sunday, Deferred)
    assert sunday.reason == "day_off"


def test_a_moment_without_a_time_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="time zone"):
        decide(parse({"version": 1}), request(1, NOON.replace(tzinfo=None)), [], GOOD)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection


STANDINGS = st.fixed_dictionaries(
    {each: st.sampled_from([
        *[GOOD] * 9, replace(GOOD, consents=frozenset()),
        replace(GOOD, opt_outs=frozenset({("all", "all")})),
        replace(GOOD, controls=frozenset({"universal"})), replace(GOOD, segments=frozenset({"vip"})),
        replace(GOOD, channels=frozenset()),
    ]) for each in CLUSTERS}
)  # fmt: skip


@settings(MANY, max_examples=120)
@given(st.integers(0, 1 << 32), contacts(2), STANDINGS, st.sampled_from(CATEGORIES))
def test_a_whole_audience_is_decided_as_each_of_its_members(
    con: duckdb.DuckDBPyConnection, seed: int, ahead: list[Contact], standings: dict[int, Standing], category: str
) -> None:
    policy, past, moment = crowded(seed)
    planned = [replace(each, contact_id=f"a{each.contact_id}", planned_priority=40 + 10 * (place % 3))
               for place, each in enumerate(ahead) if each.at > moment]  # fmt: skip
    con.register("contacts", _table(past).drop("planned_priority"))
    con.register("planned", _table(planned))
    con.register("audience", _audience(standings))
    batch = Batch("sms", category, "mine", 50, moment, HOLIDAYS)
    decided = bulk(con, policy, batch, planned="planned").sort("customer_id")
    alone = {
        each: decide(policy, request(each, moment, "sms", category), [*past, *planned], standings[each])
        for each in CLUSTERS
    }
    assert decided.rows() == [row_of(each, alone[each]) for each in CLUSTERS]
    for row in decided.iter_rows(named=True):
        told = alone[row["customer_id"]]
        if not isinstance(told, Allowed):
            values = {name: value for name, value in told.values.items() if name != "beyond_days"}
            assert reason_values(policy, batch, row, REGIONS[row["customer_id"]]) == values


@pytest.mark.parametrize(("minutes", "kind"), [(1440, Deferred), (1441, Refused)])
def test_what_may_wait_for_a_day_waits_for_a_day_and_no_minute_longer(
    con: duckdb.DuckDBPyConnection, minutes: int, kind: type
) -> None:
    policy = parse({"version": 1, "gaps": [{"minutes": minutes, "of": "cluster"}], "defer_days": 1})
    past = [contact(request(2, NOON), "c")]
    verdict = decide(policy, request(1, NOON), past, GOOD)
    assert isinstance(verdict, kind), "of one household"
    con.register("contacts", _table(past).drop("planned_priority"))
    con.register("audience", _audience({1: GOOD}))
    assert bulk(con, policy, Batch("sms", "marketing", "mine", 50, NOON, HOLIDAYS)).rows() == [row_of(1, verdict)]


@pytest.mark.parametrize("rule", [
    {"caps": [{"per": "month", "at_most": 1}]}, {"caps": [{"per": "month", "at_most": 1, "window": "rolling"}]},
    {"gaps": [{"minutes": 200 * 1440}]}, {"caps": [{"per": "day", "at_most": 1}], "timezone": "Europe/London"},
])  # fmt: skip
def test_older_contacts_than_the_policy_remembers_change_nothing(
    con: duckdb.DuckDBPyConnection, rule: dict[str, Any]
) -> None:
    policy = parse({"version": 1, **rule})
    for moment in (NOON, dt.datetime(2026, 3, 31, 18, 59, tzinfo=dt.UTC), dt.datetime(2026, 10, 25, 23, tzinfo=dt.UTC)):
        for part in (0.5, 0.97, 1.0001, 1.2):
            made = [contact(request(1, moment - policy.memory * part), "c")]
            verdict = decide(policy, request(1, moment), made, GOOD)
            assert isinstance(verdict, Allowed) or part < 1
            con.register("contacts", _table(made).drop("planned_priority"))
            con.register("planned", _table([replace(made[0], contact_id="p", at=moment + dt.timedelta(days=300),
                                                    planned_priority=90)]))  # fmt: skip
            con.register("audience", _audience({1: GOOD}))
            batch = Batch("sms", "marketing", "mine", 50, moment, HOLIDAYS)
            assert bulk(con, policy, batch).rows() == bulk(con, policy, batch, planned="planned").rows()


def _table(rows: list[Contact]) -> pl.DataFrame:
    columns = [*CONTACTS, "planned_priority"]
    types = [pl.String, pl.Int64, pl.Int64, pl.String, pl.String, pl.String, pl.Datetime("us"), pl.Int32]
    data = [[getattr(replace(each, at=each.at.replace(tzinfo=None)), name) for name in columns] for each in rows]
    return pl.DataFrame(data, schema=dict(zip(columns, types, strict=True)), orient="row")


def _audience(standings: dict[int, Standing]) -> pl.DataFrame:
    rows = [
        (each, CLUSTERS[each], REGIONS[each], min(found.controls, default=None), bool(found.opt_outs),
         bool(found.consents), min(found.segments, default=None), found.channels is None)
        for each, found in standings.items()
    ]  # fmt: skip
    types = [pl.Int64, pl.Int64, pl.String, pl.String, pl.Boolean, pl.Boolean, pl.String, pl.Boolean]
    return pl.DataFrame(rows, schema=dict(zip(AUDIENCE, types, strict=True)), orient="row")
