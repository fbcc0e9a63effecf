"""What the truth says is really in the data, and only there."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from simulator import generate
from tests.unit.simulator.conftest import UNTIL

Query = Callable[[Path, str], list[tuple]]


def truth(home: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(home / "truth" / f"{name}.parquet")


def test_usage_declines_before_a_customer_leaves(clean_operator: Path, all_usage: pl.DataFrame, foris: Query) -> None:
    owners = pl.DataFrame(foris(clean_operator, """
        SELECT s.subscription_id, g.customer_id FROM subscription s JOIN account a USING (account_id)
        JOIN agreement g USING (agreement_id)"""), schema=["subscription_id", "customer_id"], orient="row")  # fmt: skip
    leavers = truth(clean_operator, "churn").filter(
        pl.col("is_churned") & pl.col("cause").is_in(["price", "quality", "competitor"]))  # fmt: skip
    days = all_usage.join(owners, on="subscription_id").join(leavers, on="customer_id")
    before = days.filter(pl.col("usage_date") < pl.col("decline_start"))
    end = days.filter(pl.col("usage_date") >= pl.col("churn_date") - timedelta(days=14))
    assert leavers.height > 5
    assert end["data_mb"].mean() < 0.6 * before["data_mb"].mean()  # type: ignore[operator]


def test_customers_with_a_higher_hazard_leave_more_often(tmp_path: Path) -> None:
    generate(tmp_path, customers=4000, months=12, seed=3, until=date(2026, 3, 31), daily_months=1, defects=False)
    churn = truth(tmp_path, "churn").sort("hazard_monthly")
    half = churn.height // 2
    low, high = churn.head(half)["is_churned"].mean(), churn.tail(half)["is_churned"].mean()
    assert high > 2 * low > 0  # type: ignore[operator]
    # hazards are probabilities per month: expected and seen leavers agree
    months = 10.0  # nobody leaves in the first two months
    expected = (1 - (-churn["hazard_monthly"] * months).exp()).sum()
    assert 0.75 < churn["is_churned"].sum() / expected < 1.25


def test_closed_customers_are_those_of_the_truth(clean_operator: Path, foris: Query) -> None:
    closed = {r[0] for r in foris(clean_operator, "SELECT customer_id FROM customer WHERE status = 'closed'")}
    assert closed == set(truth(clean_operator, "churn").filter("is_churned")["customer_id"])


def test_planted_drops_lower_the_usage_of_their_subscriptions(clean_operator: Path, all_usage: pl.DataFrame) -> None:
    drops = truth(clean_operator, "usage_drops")
    days = all_usage.join(drops, on="subscription_id")
    month = timedelta(days=30)
    start, day = pl.col("drop_start"), pl.col("usage_date")
    before = days.filter((day < start) & (day >= start - month))["data_mb"].sum()
    after = days.filter((day >= start) & (day < start + month) & (day < start + timedelta(days=20)))["data_mb"].sum()
    assert drops.height > 3
    assert after / 20 < 0.7 * before / 30


def test_agreements_of_organisations_end_when_the_truth_says(clean_operator: Path, foris: Query) -> None:
    """An agreement ends with the first of its terms that was not signed anew by now; those of persons never do."""
    rows = foris(
        clean_operator,
        """SELECT agreement_id, customer_type, g.status, end_date, signed_date
                                    FROM agreement g JOIN customer USING (customer_id)""",
    )
    ends = truth(clean_operator, "agreement_ends").filter(
        pl.col("renewed_date").is_null() | (pl.col("renewed_date") > UNTIL)).group_by("agreement_id").agg(
        pl.col("end_date").min())  # fmt: skip
    planted = dict(ends.rows())
    active = {r[0]: date.fromisoformat(r[3]) for r in rows if r[1] == "organisation" and r[2] == "active"}
    assert {a: d for a, d in active.items() if d <= UNTIL + timedelta(days=60)} == {
        a: d for a, d in planted.items() if a in active}  # fmt: skip
    assert all(d >= UNTIL - timedelta(days=90) for d in active.values())
    assert len([d for d in active.values() if UNTIL <= d <= UNTIL + timedelta(days=45)]) >= 2
    assert {r[3] for r in rows if r[1] == "person" and r[2] == "active"} == {None}


def test_pairs_of_the_truth_name_records_that_exist(operator: Path, foris: Query) -> None:
    pairs = truth(operator, "identity_pairs")
    customers = {str(r[0]) for r in foris(operator, "SELECT customer_id FROM customer")}
    codes = "".join(p.read_text() for p in (operator / "inbox" / "onec" / "counterparties").glob("*.xml"))
    assert set(pairs["source_id_l"]) <= customers
    assert set(pairs.filter(pl.col("source_r") == "foris")["source_id_r"]) <= customers
    named = pairs.filter(pl.col("source_r") == "onec")["source_id_r"]
    assert named.len() == codes.count("<Контрагент>") - 2  # the two planted cards belong to nobody
    assert all(f"<Код>{code}</Код>" in codes for code in named)


def test_most_counterparties_are_spelled_otherwise_than_in_the_billing(operator: Path, foris: Query) -> None:
    sql = "SELECT full_name FROM customer UNION SELECT short_name FROM customer WHERE short_name IS NOT NULL"
    names = {r[0].upper() for r in foris(operator, sql)}
    text = "".join(p.read_text() for p in (operator / "inbox" / "onec" / "counterparties").glob("*.xml"))
    spelled = [part.split("<")[0].upper() for part in text.split("<Наименование>")[1:]]
    assert sum(name in names for name in spelled) < 0.2 * len(spelled)


def test_a_run_without_defects_says_so(clean_operator: Path) -> None:
    assert json.loads((clean_operator / "truth" / "defects.json").read_text()) == []
