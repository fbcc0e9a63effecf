"""The planted truth of how customers take contacts, and what a campaign's analysis finds of it."""

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from campaigns.control import assign
from campaigns.effect import Outcome, fatigue, measure
from simulator.channels.people import KnownPeople, people_of
from simulator.randomness import lots
from simulator.reactions import CHANNELS, convert, react

T0 = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def truth(clean_operator: Path) -> pl.DataFrame:
    """The small operator's customers, several times over."""
    small = pl.read_parquet(clean_operator / "truth" / "reactions.parquet")
    many = [small.with_columns(pl.col("customer_id") + 10_000 * copy) for copy in range(1, 25)]
    return pl.concat([small, *many])


def contacts(customers: pl.Series, campaign: str, channel: str = "sms", days: float = 0) -> pl.DataFrame:
    return pl.DataFrame({"customer_id": customers}).with_columns(
        campaign_key=pl.lit(campaign), channel=pl.lit(channel), at=pl.lit(T0 + dt.timedelta(days=days)),
        contact_id=pl.col("customer_id") * 100 + int(days),
    )  # fmt: skip


def test_every_customer_of_the_operator_has_chances_that_are_chances(clean_operator: Path, truth: pl.DataFrame) -> None:
    churn = pl.read_parquet(clean_operator / "truth" / "churn.parquet")
    small = pl.read_parquet(clean_operator / "truth" / "reactions.parquet")
    assert small["customer_id"].equals(churn["customer_id"])
    chances = small.drop("customer_id", "gain")
    assert chances.min_horizontal().min() > 0
    assert chances.max_horizontal().max() <= 1
    assert (truth["gain"] < 0).any()
    assert truth["gain"].mean() > 0.2


def test_lots_are_even_and_independent_of_one_another() -> None:
    ids = np.arange(100_000)
    one, other = lots(7, "reach", ids), lots(7, "interest", ids)
    assert one.mean() == pytest.approx(0.5, abs=0.005)
    assert ((np.histogram(one, 20)[0] - 5_000) ** 2 / 5_000).sum() < 45
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.012
    assert abs(np.corrcoef(one, lots(8, "reach", ids))[0, 1]) < 0.012


def test_a_contact_is_answered_alike_whatever_stands_beside_it(truth: pl.DataFrame) -> None:
    rows = contacts(truth["customer_id"], "spring")
    whole, half = react(truth, rows, 7), react(truth, rows.sample(fraction=0.5, seed=1), 7)
    assert half.equals(whole.join(half.select("contact_id"), on="contact_id", how="semi"))
    assert whole["delivered"].mean() == pytest.approx(0.95, abs=0.01)
    assert whole.filter("interested")["delivered"].all()
    assert (whole.filter("interested").select(pl.col("interested_at") > pl.col("at")).to_series()).all()


def test_the_more_contacts_the_fewer_show_interest(truth: pl.DataFrame) -> None:
    rows = pl.concat([contacts(truth["customer_id"], f"c{day}", "email", day) for day in range(8)])
    found = react(truth, rows, 7)
    shares = found.group_by("earlier").agg(pl.col("interested").mean()).sort("earlier")["interested"].to_list()
    assert len(shares) == 8
    assert shares[-1] < 0.6 * shares[0]
    judged = fatigue(found.select("customer_id", "at", responded="interested"))
    assert judged.code == "tires"
    later = react(truth, contacts(truth["customer_id"], "late", "email", 60), 7)
    assert later["earlier"].max() == 0


def test_an_analysis_finds_the_planted_effect_and_none_where_none_was_planted(truth: pl.DataFrame) -> None:
    everybody = truth.select("customer_id").with_columns(cluster_id=pl.col("customer_id"))
    for campaign in ("spring", "aa"):
        drawn = pl.from_arrow(assign(everybody, everybody, campaign, 40))
        spoken_to = drawn.filter(~pl.col("is_control"))["customer_id"]
        done = react(truth, contacts(spoken_to, campaign), 7)
        members = everybody.select("customer_id", campaign_key=pl.lit(campaign), begins=pl.lit(T0))
        found = convert(truth, members, done, 7, without_effect=frozenset({"aa"}))
        units = drawn.join(found, on="customer_id").with_columns(
            arm=pl.when("is_control").then(pl.lit("control")).otherwise(pl.lit("a"))
        )
        lift = measure(units, [Outcome("converted", "share")], shares={"control": 40, "a": 60}).lifts[0].lift.believed
        reached = units.filter(pl.col("arm") == "a")
        planted = (
            reached.select(pl.col("reached") * (pl.col("chance_with") - pl.col("chance_without"))).to_series().mean()
        )
        assert lift.low < planted < lift.high
        assert (planted == 0) == (campaign == "aa")
        assert not found.filter(~pl.col("converted"))["at"].is_not_null().any()
        assert (found.filter("converted")["at"] >= T0).all()


def test_the_people_behind_a_peer_answer_as_the_truth_says(truth: pl.DataFrame) -> None:
    some = truth.head(3_000)
    book = some.select("customer_id", channel=pl.lit("sms"), address=pl.format("+998{}", "customer_id"))
    people = KnownPeople(people=people_of(some, book))
    addresses = [each.lstrip("+") for each in book["address"]]
    reached = [people.fate(each, "Hello") == "delivered" for each in addresses]
    assert np.mean(reached) == pytest.approx(some["reach_sms"].mean(), abs=0.02)
    first = [people.answers(each, "Hello") is not None for each in addresses]
    assert first == [people.answers(each, "Hello") is not None for each in addresses]
    for number in range(12):
        later = [people.answers(each, f"Hello {number}") not in (None, "STOP") for each in addresses]
    assert sum(later) < 0.6 * sum(first)
    stranger = KnownPeople().answers("998000", "Hello")
    assert stranger == KnownPeople(people=people.people).answers("998000", "Hello")


def test_every_channel_has_its_chances(truth: pl.DataFrame) -> None:
    rows = pl.concat(
        [contacts(truth["customer_id"], "x", channel, 40 * place) for place, channel in enumerate(CHANNELS)]
    )
    found = react(truth, rows, 3).group_by("channel").agg(pl.col("delivered", "interested").mean())
    by_channel = {row["channel"]: row for row in found.to_dicts()}
    assert by_channel["sms"]["delivered"] > by_channel["push"]["delivered"] > by_channel["call"]["delivered"]
    assert by_channel["email"]["interested"] > by_channel["sms"]["interested"]
