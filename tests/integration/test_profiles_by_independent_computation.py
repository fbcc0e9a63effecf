"""Profiles, RFM, cohorts and churn labels of all customers against a second computation from the sources."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from tests.integration.independent.calendar_months import first_day, index, last_day
from tests.integration.independent.profile import Profiles
from tests.integration.published_marts import ROUNDING, Marts
from tests.integration.whole_operator import LAST_MONTH, MONTH_ENDS, UNTIL

AN_ARCHIVED_MONTH_END, AN_EARLIER_MONTH_END = MONTH_ENDS[1], MONTH_ENDS[-2]
HELPERS = {"customer_id", "month_index"}


@pytest.mark.parametrize("day", [UNTIL, AN_EARLIER_MONTH_END, AN_ARCHIVED_MONTH_END])
def test_profiles_equal_the_second_computation(day: date, marts: Marts, profiles: Profiles) -> None:
    """All attributes that both have, of all customers, today and at two month ends."""
    mine = profiles.on(day)
    theirs = marts("customer_profiles") if day == UNTIL else marts("customer_profiles_history").filter(
        pl.col("month_end") == day)  # fmt: skip
    names = [c for c in theirs.columns if c in mine.columns and c not in HELPERS]
    assert len(names) >= 100
    assert sorted(mine["customer_id"]) == sorted(theirs["customer_id"])
    pairs = mine.select("customer_id", *names).join(theirs.select("customer_id", *names), on="customer_id", suffix="_t")
    wrong = {name: found for name in names if (found := _differing(pairs, name))}
    assert wrong == {}


def _differing(pairs: pl.DataFrame, name: str) -> list[tuple]:
    """Customers whose values differ, at most three, with both values."""
    one, other = pl.col(name), pl.col(f"{name}_t")
    if pairs.schema[name].is_numeric():
        one, other = one.cast(pl.Float64), other.cast(pl.Float64)
        differs = (one.is_null() != other.is_null()) | ((one - other).abs() > ROUNDING).fill_null(False)
    else:
        differs = ~one.eq_missing(other)
    return pairs.filter(differs).select("customer_id", name, f"{name}_t").head(3).rows()


def test_profile_attributes_are_not_all_one_value(marts: Marts, profiles: Profiles) -> None:
    """A comparison of columns of zeros would prove nothing."""
    mine = profiles.on(UNTIL)
    shared = [c for c in marts("customer_profiles").columns if c in mine.columns]
    assert sum(mine[name].n_unique() > 2 for name in shared) >= 90


def test_one_customer_with_one_more_soum_would_be_noticed(profiles: Profiles) -> None:
    mine = profiles.on(UNTIL).select("customer_id", "arpu_3m", "legal_status")
    first = pl.col("customer_id") == mine["customer_id"].min()
    changed = mine.select(
        "customer_id",
        arpu_3m_t=pl.when(first).then(pl.col("arpu_3m").fill_null(0) + 1).otherwise("arpu_3m"),
        legal_status_t=pl.when(first).then(pl.lit("blocked")).otherwise("legal_status"),
    )
    pairs = mine.join(changed, on="customer_id")
    assert [len(_differing(pairs, name)) for name in ("arpu_3m", "legal_status")] == [1, 1]


def test_rfm_of_every_month_end_equals_counting_who_is_better(marts: Marts, profiles: Profiles) -> None:
    columns = ["customer_id", "r_score", "f_score", "m_score", "rfm_group"]
    history = marts("customer_rfm_history")
    assert sorted(set(history["month_end"])) == MONTH_ENDS
    groups: dict[date, dict[int, tuple]] = {}
    for end in MONTH_ENDS:
        mine = profiles.on(end).with_columns(month_end=pl.lit(end))
        assert sorted(history.filter(pl.col("month_end") == end).select(columns).rows(), key=str) == sorted(
            mine.select(columns).rows(), key=str), end  # fmt: skip
        groups[end] = {c: (kind, g) for c, kind, g in mine.select("customer_id", "customer_type", "rfm_group").rows()}
    moves = Counter()
    for before, end in zip([None, *MONTH_ENDS], MONTH_ENDS, strict=False):
        for customer, (kind, group) in groups[end].items():
            origin = groups.get(before, {}).get(customer, (kind, "not_yet_customer"))[1]
            moves[end, kind, origin, group] += 1
    names = ("month_end", "customer_type", "from_group", "to_group", "customers")
    assert {tuple(row[:4]): row[4] for row in marts("rfm_migration").select(names).rows()} == moves


def test_cohorts_equal_counting_who_came_back(marts: Marts, profiles: Profiles) -> None:
    activity, kinds = profiles.activity, dict(profiles.customers.table().select("customer_id", "customer_type").rows())
    first = dict(activity.first_months(UNTIL).rows())
    active, revenue = defaultdict(set), Counter()
    for frame in (activity.monthly(UNTIL), *(f.filter((pl.col("on") <= UNTIL) & (pl.col("amount") > 0))
                                            for f in (activity.charges, activity.payments))):  # fmt: skip
        for customer, month in frame.select("customer", "m").unique().rows():
            active[first[customer], month, kinds[customer]].add(customer)
    for customer, month, amount in (
        activity.charges.filter(pl.col("on") <= UNTIL).select("customer", "m", "amount").rows()
    ):
        if customer in first:
            revenue[first[customer], month, kinds[customer]] += amount
    sizes = Counter((month, kinds[customer]) for customer, month in first.items())
    mine = {}
    for (cohort, kind), size in sizes.items():
        for month in range(cohort, LAST_MONTH + 1):
            key = (first_day(cohort), month - cohort, kind)
            mine[key] = (size, len(active[cohort, month, kind]), Decimal(revenue[cohort, month, kind]) / 100)
    names = ("cohort_month", "months_since", "customer_type", "customers", "active_customers", "revenue")
    theirs = {tuple(row[:3]): tuple(row[3:]) for row in marts("cohort_retention").select(names).rows()}
    assert theirs == mine
    rates = marts("cohort_retention").select("customers", "active_customers", "retention_pct", "revenue",
                                             "revenue_per_customer").rows()  # fmt: skip
    for size, present, rate, total, each in rates:
        assert abs(float(rate) - 100 * present / size) <= ROUNDING
        assert abs(float(each) - float(total) / size) <= ROUNDING


def test_persons_churned_who_were_active_and_used_nothing_afterwards(marts: Marts, profiles: Profiles) -> None:
    """One month is left out after the month end, two are watched; unknown as long as these are not over."""
    features = marts("churn_features").filter(pl.col("customer_type") == "person")
    used = defaultdict(set)
    for customer, month in profiles.activity.monthly(UNTIL).select("customer", "m").unique().rows():
        used[month].add(customer)
    labelled = 0
    for end in MONTH_ENDS:
        month, rows = index(end), features.filter(pl.col("month_end") == end)
        for customer, label, active in rows.select("customer_id", "is_churned", "subscriptions_active_count").rows():
            if month + 3 > LAST_MONTH or active == 0:
                assert label is None
            elif label is not None:
                labelled += 1
                assert label == (customer not in used[month + 2] | used[month + 3])
    assert labelled > 1000


def test_organisations_churned_that_lost_half_of_their_subscriptions(marts: Marts, profiles: Profiles) -> None:
    features = marts("churn_features").filter(pl.col("customer_type") == "organisation")
    labels = Counter()
    for end in MONTH_ENDS:
        before = profiles.services.open_on(end)
        after = profiles.services.open_on(last_day(index(end) + 3)) if index(end) + 3 <= LAST_MONTH else None
        rows = features.filter(pl.col("month_end") == end).select("customer_id", "is_churned").rows()
        for customer, label in rows:
            had = before.get(customer, 0)
            lost = None if after is None or had == 0 else 2 * (had - after.get(customer, 0)) >= had
            assert label == lost, (end, customer)
            labels[label] += 1
    assert min(labels[True], labels[False], labels[None]) > 0
