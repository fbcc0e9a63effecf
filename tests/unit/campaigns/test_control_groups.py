"""Clusters, the drawing of control groups, their balance, what polluted them, and what they can show."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.control import (
    Sizes,
    Ties,
    assign,
    balance,
    cluster_sizes,
    clusters,
    design_effect,
    freeze,
    hashes,
    intraclass,
    plan_means,
    plan_shares,
    pollution,
    sizes_of,
    uniform,
    uniforms,
)
from campaigns.control.clusters import connected
from segments.errors import DefinitionError

T0 = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


class Marts:
    """The tables that clusters read, with a few customers."""

    def __init__(self, customers: list[tuple[Any, ...]], links: list[tuple[Any, ...]], numbers: list[tuple[int, str]],
                 contacts: list[tuple[int, str | None, str | None]]) -> None:  # fmt: skip
        self.con = duckdb.connect()
        self.con.execute(
            "create table dim_customers (customer_id bigint, customer_type varchar, last_name varchar,"
            " region_code varchar, district varchar, address varchar, contact_phone varchar, email varchar);"
            "create table dim_customer_links (customer_id bigint, linked_customer_id bigint, link_type varchar,"
            " is_current boolean); create table dim_subscriptions (customer_id bigint, msisdn varchar,"
            " is_current boolean); create table dim_contacts (customer_id bigint, phone varchar, email varchar)"
        )
        for table, rows in (("dim_customers", customers), ("dim_customer_links", links), ("dim_contacts", contacts)):
            if rows:
                self.con.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
        for row in numbers:
            self.con.execute("insert into dim_subscriptions values (?, ?, true)", row)

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        return self.con.sql(sql, params=dict(params or {})).to_arrow_table()


def person(
    number: int, phone: str | None = None, name: str | None = None, address: str | None = None
) -> tuple[Any, ...]:
    return number, "person", name, "1726", "Chilonzor", address, phone, None


@pytest.fixture(scope="module")
def marts() -> Marts:
    people = [
        person(10, "+998901", "Karimov", "Bunyodkor 5-12"), person(11, "+998902", "Karimova", "Bunyodkor 5-12"),
        person(12, "+998903", "Olimov", "Bunyodkor 5-12"), person(13, "+998913"), person(14), person(15, "+998915"),
        *(person(100 + n, "+998000") for n in range(11)),
    ]  # fmt: skip
    firms = [(number, "organisation", None, "1726", None, None, None, f"F{number}@X.UZ") for number in (30, 31, 32, 33)]
    links = [(30, 31, "parent_of", True), (32, 33, "same_director", False)]
    return Marts(
        people + firms, links, [(14, "998913"), (99, "998915")], [(32, "+998915", None), (33, None, "f31@x.uz")]
    )


def grouped(table: pa.Table) -> set[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for customer, cluster in zip(*(column.to_pylist() for column in table.columns), strict=True):
        found.setdefault(cluster, set()).add(customer)
    assert all(cluster == min(members) for cluster, members in found.items())
    return {frozenset(members) for members in found.values() if len(members) > 1}


def test_families_second_numbers_and_holdings_are_one_cluster_and_a_placeholder_number_ties_nobody(
    marts: Marts,
) -> None:
    found = grouped(clusters(marts))
    # 13 is reached at a number of 14; 15 is the contact person of firm 32; firm 33 has the address of 31.
    assert found == {frozenset({10, 11}), frozenset({13, 14}), frozenset({15, 32}), frozenset({30, 31, 33})}


def test_every_kind_of_tie_can_be_left_out(marts: Marts) -> None:
    assert grouped(clusters(marts, Ties(reached=False, households=False))) == {frozenset({30, 31})}
    assert frozenset({10, 11}) not in grouped(clusters(marts, Ties(households=False)))
    assert grouped(clusters(marts, Ties(link_kinds=(), reached=False))) == {frozenset({10, 11})}
    sizes = cluster_sizes(clusters(marts, Ties(most_sharing=11)))
    assert (sizes.customers, sizes.largest) == (21, 11)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), max_size=40))
def test_components_are_those_of_a_plain_union(pairs: list[tuple[int, int]]) -> None:
    members = np.arange(0, 26, 2)  # half of the named ones are nobody's
    plain = {int(each): int(each) for each in members}
    for left, right in pairs:
        if left in plain and right in plain and plain[left] != plain[right]:
            low, high = sorted((plain[left], plain[right]))
            plain = {each: low if root == high else root for each, root in plain.items()}
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    assert connected(members.astype(np.int64), ends[:, 0], ends[:, 1]).tolist() == [plain[int(m)] for m in members]


def test_hashes_are_the_same_one_by_one_even_and_unlike_for_other_seeds() -> None:
    ids = np.arange(200_000)
    found = uniforms("spring", ids)
    assert [uniform("spring", each) for each in (0, 7, 199_999, 2**62)] == [
        *found[[0, 7, 199_999]],
        *uniforms("spring", [2**62]),
    ]
    counts = np.histogram(found, 50, (0, 1))[0]
    assert ((counts - 4_000) ** 2 / 4_000).sum() < 90
    other = uniforms("autumn", ids)
    assert abs(np.corrcoef(found, other)[0, 1]) < 0.01
    assert len(np.unique(hashes("spring", ids))) == len(ids)


def audience(count: int = 3_000, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng(seed)
    ids = np.arange(1_000, 1_000 + count)
    cluster = ids.copy()
    cluster[: count // 2] = ids[: count // 2] // 3 * 3  # triples, then single customers
    regions = rng.choice(["a", "b", None], count, p=[0.6, 0.3, 0.1])
    rows = pl.DataFrame({"customer_id": ids, "region": regions, "type": rng.choice(["person", "firm"], count),
                         "paid": rng.lognormal(3, 1, count)})  # fmt: skip
    return rows, pl.DataFrame({"customer_id": ids, "cluster_id": np.minimum(cluster, ids)})


def test_the_draw_depends_on_the_seed_and_not_on_the_order_of_rows() -> None:
    members, tied = audience()
    first = pl.from_arrow(assign(members, tied, "spring", 10, ["region"])).sort("customer_id")
    mixed = members.sample(fraction=1, shuffle=True, seed=3).to_arrow()
    again = pl.from_arrow(assign(mixed, tied.reverse(), "spring", 10,
                                 ["region"])).sort("customer_id")  # fmt: skip
    assert first.equals(again)
    other = pl.from_arrow(assign(members, tied, "autumn", 10, ["region"])).sort("customer_id")
    both = (first["is_control"] & other["is_control"]).sum()
    assert both < 70  # 30 are expected of two independent draws of a tenth


def test_a_cluster_is_never_split_and_strata_have_their_share_to_one_member() -> None:
    members, tied = audience()
    alone = members.tail(1_500)
    for share in (5, 10, 33):
        found = pl.from_arrow(assign(members, tied, "s", share, ["region", "type"]))
        assert found.group_by("cluster_id").agg(pl.col("is_control").n_unique())["is_control"].max() == 1
        assert abs(found["is_control"].sum() - share / 100 * 3_000) <= 1
        exact = pl.from_arrow(assign(alone, tied, "s", share, ["region", "type"])).join(alone, on="customer_id")
        for count, control in (
            exact.group_by("region", "type").agg(n=pl.len(), c=pl.col("is_control").sum()).select("n", "c").rows()
        ):
            assert abs(control - share / 100 * count) <= 1
    nobody, everybody = (assign(members, tied, "s", share) for share in (0, 100))
    assert not any(nobody["is_control"].to_pylist())
    assert all(everybody["is_control"].to_pylist())


def test_many_small_strata_do_not_round_to_nobody() -> None:
    members = pl.DataFrame({"customer_id": range(3_000), "branch": [each // 3 for each in range(3_000)]})
    tied = members.select("customer_id", pl.col("customer_id").alias("cluster_id"))
    assert sum(assign(members, tied, "s", 10, ["branch"])["is_control"].to_pylist()) == 300


def test_large_clusters_are_drawn_as_often_as_single_customers() -> None:
    members, tied = audience(900)
    triples = singles = 0
    for seed in range(60):
        found = pl.from_arrow(assign(members, tied, f"draw {seed}", 10))
        flags = found["is_control"].to_numpy()
        triples, singles = triples + flags[:450].sum(), singles + flags[450:].sum()
    assert triples / (450 * 60) == pytest.approx(0.1, abs=0.012)
    assert singles / (450 * 60) == pytest.approx(0.1, abs=0.012)


def test_a_customer_twice_in_the_audience_and_an_impossible_share_are_refused() -> None:
    members, tied = audience(20)
    with pytest.raises(DefinitionError, match="more than once"):
        assign(pl.concat([members, members.head(2)]), tied, "s", 10)
    with pytest.raises(DefinitionError, match="between 0 and 100"):
        assign(members, tied, "s", 101)
    with pytest.raises(DefinitionError, match="no branch"):
        assign(members, tied, "s", 10, ["branch"])
    assert assign(members.clear(), tied, "s", 10, ["region"]).num_rows == 0


def test_a_frozen_audience_is_balanced_and_a_chosen_group_is_not() -> None:
    members, tied = audience()
    found = freeze(members, tied, "spring", 20, ["region"])
    assert (found.members, found.control, found.clusters) == (3_000, 600, cluster_sizes(tied).clusters)
    assert found.balance.verdict == "balanced"
    assert {(each.name, each.kind) for each in found.balance.covariates} == {
        ("region", "unknown"), ("region", "category"), ("type", "category"), ("paid", "number")}  # fmt: skip
    rich = members.select("customer_id", is_control=pl.col("paid") > pl.col("paid").quantile(0.8))
    chosen = balance(members, rich, ["paid", "type"])
    assert chosen.verdict == "unbalanced"
    paid = chosen.covariates[0]
    one, other = (members.filter(rich["is_control"] == flag)["paid"] for flag in (False, True))
    expected = (one.mean() - other.mean()) / np.sqrt((one.var() + other.var()) / 2)
    assert paid.difference == pytest.approx(expected)
    assert paid.p_holm < 1e-6
    assert balance(members, members.select("customer_id", is_control=pl.lit(False))).verdict == "too_few"


def test_the_distance_of_a_category_of_two_levels_is_that_of_its_shares() -> None:
    rows = pl.DataFrame({"customer_id": range(400), "kind": (["x"] * 150 + ["y"] * 50) + (["x"] * 100 + ["y"] * 100)})
    groups = rows.select("customer_id", is_control=pl.col("customer_id") < 200)
    (found,) = balance(rows, groups).covariates
    assert found.difference == pytest.approx(0.25 / np.sqrt((0.75 * 0.25 + 0.5 * 0.5) / 2))


def test_pollution_names_who_was_contacted_himself_and_through_his_household() -> None:
    groups = pl.DataFrame({"customer_id": [1, 2, 3, 4, 5], "cluster_id": [1, 2, 2, 4, 5],
                           "is_control": [True, True, False, True, False]})  # fmt: skip
    hour = dt.timedelta(hours=1)
    contacts = pl.DataFrame({
        "customer_id": [1, 1, 3, 5, 4, 4], "campaign_key": ["a", "b", "a", "a", "a", "a"],
        "channel": ["sms", "call", "sms", "sms", "sms", "sms"],
        "category": ["marketing"] * 4 + ["service", "marketing"], "at": [T0, T0 + hour, T0, T0, T0, T0 + 48 * hour],
    })  # fmt: skip
    found = pollution(groups, contacts, T0, T0 + 24 * hour)
    assert (found.control, found.polluted, found.exposed) == (3, 1, 1)
    assert found.left_of_effect == pytest.approx(2 / 3)
    assert found.customers.select(["customer_id", "how", "contacts"]).to_pylist() == [
        {"customer_id": 1, "how": "direct", "contacts": 2},
        {"customer_id": 2, "how": "cluster", "contacts": 1}]  # fmt: skip
    assert {(each.how, each.campaign_key, each.channel, each.customers) for each in found.paths} == {
        ("direct", "a", "sms", 1), ("direct", "b", "call", 1), ("cluster", "a", "sms", 1)}  # fmt: skip
    own = pollution(groups, contacts, T0, T0 + 99 * hour, campaigns=["a"], categories=None)
    assert (own.polluted, own.exposed) == (2, 1)


def test_power_is_what_simulated_campaigns_show_and_the_least_effect_is_seen_with_it() -> None:
    plan = plan_shares(0.05, 9_000, 1_000, 0.02)
    rng = np.random.default_rng(4)
    one, other = rng.binomial(9_000, 0.07, 20_000) / 9_000, rng.binomial(1_000, 0.05, 20_000) / 1_000
    error = np.sqrt(one * (1 - one) / 9_000 + other * (1 - other) / 1_000)
    assert plan.power == pytest.approx(np.mean(np.abs(one - other) / error > 1.96), abs=0.02)
    assert plan_shares(0.05, 9_000, 1_000, plan.minimum_effect).power == pytest.approx(0.8, abs=1e-6)
    assert plan.members_needed is not None
    scaled = plan.members_needed / 10_000
    assert plan_shares(0.05, round(9_000 * scaled), round(1_000 * scaled), 0.02).power == pytest.approx(0.8, abs=1e-3)


def test_sixty_three_in_each_group_see_half_a_deviation_as_in_cohens_tables() -> None:
    assert plan_means(2.0, 63, 63, 1.0).power == pytest.approx(0.80, abs=0.005)
    twice = plan_means(2.0, 126, 126, 1.0, design_effect=2.0)
    assert twice.power == pytest.approx(plan_means(2.0, 63, 63, 1.0).power)
    assert plan_shares(0.5, 3, 3).minimum_effect is None
    with pytest.raises(DefinitionError, match="Both groups"):
        plan_means(2.0, 10, 0)
    with pytest.raises(DefinitionError, match="between 0 and 1"):
        plan_shares(1.2, 10, 10)


def test_alikeness_within_clusters_is_found_and_makes_members_worth_less() -> None:
    rng = np.random.default_rng(6)
    cluster = np.repeat(np.arange(3_000), 4)
    values = rng.normal(0, np.sqrt(0.3), 3_000)[cluster] + rng.normal(0, np.sqrt(0.7), 12_000)
    assert intraclass(values, cluster) == pytest.approx(0.3, abs=0.03)
    assert intraclass(rng.normal(size=100), np.arange(100)) == 0.0
    sizes = sizes_of(pl.DataFrame({"cluster_id": cluster}))
    assert sizes == Sizes(3_000, 4.0, 0.0)
    assert design_effect(sizes, 0.3) == pytest.approx(1 + 3 * 0.3)
    assert design_effect(Sizes(10, 4.0, 1.0), 0.3) == pytest.approx(1 + 7 * 0.3)
