"""What another policy would have made of the past: the same as deciding about each contact in its turn."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.policy import Allowed, Contact, Policy, Request, Standing, decide, parse
from campaigns.policy import past as replaying
from campaigns.policy.batch import CONTACTS
from campaigns.policy.past import what_if
from tests.campaign_reference.policy_worlds import BEGIN, HOLIDAYS, POLICIES, crowded

GOOD = Standing(frozenset({"marketing"}), holidays=HOLIDAYS)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection


def table(rows: list[Contact]) -> pl.DataFrame:
    types = [pl.String, pl.Int64, pl.Int64, pl.String, pl.String, pl.String, pl.Datetime("us")]
    data = [[getattr(replace(each, at=each.at.replace(tzinfo=None)), name) for name in CONTACTS] for each in rows]
    return pl.DataFrame(data, schema=dict(zip(CONTACTS, types, strict=True)), orient="row")


def one_by_one(policy: Policy, made: list[Contact]) -> list[Contact]:
    """Those that `decide` allows, each knowing the ones allowed before."""
    kept: list[Contact] = []
    for each in sorted(made, key=lambda each: (each.at, each.contact_id)):
        asked = Request(each.customer_id, each.cluster_id, each.channel, each.category, "x", 1, each.at)
        if isinstance(decide(policy, asked, kept, GOOD), Allowed):
            kept.append(each)
    return kept


@settings(max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(POLICIES, st.integers(0, 1 << 32), st.booleans())
def test_the_past_is_judged_as_contact_after_contact_would_have_been(
    con: duckdb.DuckDBPyConnection, one: Policy, seed: int, in_parts: bool
) -> None:
    two, made, _ = crowded(seed)
    con.register("contacts", table(made))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(replaying, "MOST_ROWS", 3 if in_parts else 1_000_000)
        found = what_if(con, {"one": one, "two": two}, holidays=HOLIDAYS)
    for name, policy in (("one", one), ("two", two)):
        kept = one_by_one(policy, made)
        told = found[name]
        assert (told.contacts, told.allowed) == (len(made), len(kept))
        assert sum(told.held_back.values()) == len(made) - len(kept)
        assert told.customers == len({each.customer_id for each in made})
        assert told.customers_left == len({each.customer_id for each in kept})
        assert dict(told.channels.select("channel", "allowed").iter_rows()) == {
            channel: sum(each.channel == channel for each in kept) for channel in {each.channel for each in made}
        }
        assert told.months["allowed"].sum() == len(kept)


def test_what_is_held_back_does_not_count_against_what_comes_later(con: duckdb.DuckDBPyConnection) -> None:
    made = [Contact(f"c{hour}", 1, 1, "sms", "marketing", "x", BEGIN + hour * HOUR) for hour in (0, 8, 13)]
    con.register("contacts", table(made))
    policy = parse({"version": 1, "gaps": [{"minutes": 720}]})
    found = what_if(con, {"p": policy})["p"]
    assert (found.allowed, found.held_back["gaps/0"]) == (2, 1), "13 hours after the first, 5 after what was not sent"
    since = what_if(con, {"p": policy}, since=BEGIN + HOUR)["p"]
    assert (since.contacts, since.allowed) == (2, 1)


def test_months_and_the_rule_that_stands_first_are_told(con: duckdb.DuckDBPyConnection) -> None:
    days = [Contact(f"c{day}", day % 3, 7, "sms", "marketing", "x", BEGIN + day * 24 * HOUR) for day in range(60)]
    con.register("contacts", table(days))
    policy = parse({"version": 1, "caps": [{"per": "month", "at_most": 5, "of": "cluster"},
                                           {"per": "week", "at_most": 1}]})  # fmt: skip
    found = what_if(con, {"p": policy})["p"]
    assert found.months.rows() == [(dt.date(2026, 3, 1), 30, 5), (dt.date(2026, 4, 1), 30, 5)]
    assert set(found.held_back) == {"caps/0", "caps/1"}
    assert found.allowed + sum(found.held_back.values()) == 60


def test_nothing_in_the_past_is_nothing_to_judge(con: duckdb.DuckDBPyConnection) -> None:
    con.register("contacts", table([]))
    found = what_if(con, {"p": parse({"version": 1})})["p"]
    assert (found.contacts, found.allowed, found.months.height) == (0, 0, 0)


def test_contacts_by_ways_that_no_policy_knows_are_left_out(con: duckdb.DuckDBPyConnection) -> None:
    made = [Contact(f"c{place}", 1, 1, channel, "marketing", "x", BEGIN) for place, channel in enumerate(("sms", "tv"))]
    con.register("contacts", table(made))
    found = what_if(con, {"p": parse({"version": 1})})["p"]
    assert (found.contacts, found.channels.rows()) == (1, [("sms", 1, 1)])
