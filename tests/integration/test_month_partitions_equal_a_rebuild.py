"""A delta gives what a full build gives; totals are those of the raw rows; a failure names its node."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.integration.raw_operator import RandomOperator, Tables, known_by, write_raw
from vitrina.settings import Settings
from vitrina.warehouse.build import BuildFailed, run_dbt

pytestmark = pytest.mark.slow

FIRST, CUT, LAST = dt.date(2025, 1, 1), dt.date(2025, 7, 20), dt.date(2025, 9, 10)
CORE_TREE = ["+path:models/marts/core", "+int_customer_months"]
FACTS = [
    "marts.fct_usage_daily", "marts.fct_usage_monthly", "marts.fct_charges", "marts.fct_payments",
    "marts.fct_interactions", "marts.fct_invoices", "marts.fct_debt_monthly", "intermediate.int_customer_months",
    "marts.dim_subscriptions", "marts.dim_devices", "marts.dim_customers",
]  # fmt: skip


@pytest.fixture(scope="module")
def operator() -> Tables:
    return RandomOperator(seed=5, customers=30, first=FIRST, until=LAST).tables


@pytest.fixture(scope="module")
def full(operator: Tables, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return _built(tmp_path_factory.mktemp("full"), operator, LAST)


@pytest.fixture(scope="module")
def scratch(operator: Tables, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A build that tests may change, each leaving it ready for a build of its own."""
    return _built(tmp_path_factory.mktemp("scratch"), operator, LAST)


def _built(home: Path, tables: Tables, as_of: dt.date, **options: Any) -> Settings:
    settings = Settings(home=home, memory_limit="1GB", threads=2)
    write_raw(home, tables)
    run_dbt(settings, as_of, select=CORE_TREE, command="run", **options)
    return settings


def _rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    # Not read-only: dbt's adapter may still hold the file in this process, and one process opens a file in one way.
    with duckdb.connect(str(settings.build_path)) as connection:
        return connection.execute(query).fetchall()


def _without_late_rows(tables: Tables) -> Tables:
    """What had arrived by the cut: some usage of March was late."""
    early = known_by(tables, CUT)
    late = [row for row in early["foris__usage"] if row["usage_date"].month == 3][::3]
    assert late, "the operator has no usage in March to be late"
    return {**early, "foris__usage": [row for row in early["foris__usage"] if row not in late]}


def test_a_delta_with_late_rows_equals_a_full_build(operator: Tables, full: Settings, tmp_path: Path) -> None:
    delta = _built(tmp_path, _without_late_rows(operator), CUT)
    assert _rows(delta, "select * from marts.fct_usage_daily") != _rows(full, "select * from marts.fct_usage_daily")
    write_raw(tmp_path, operator)
    run_dbt(delta, LAST, ["2025-03", "2025-08"], select=CORE_TREE, command="run")
    for table in FACTS:
        query = f"select * from {table} order by all"
        assert _rows(delta, query) == _rows(full, query), table


def test_a_delta_leaves_untouched_months_alone(scratch: Settings) -> None:
    _rows(scratch, "update marts.fct_charges set amount = 7 where month = date '2025-02-01'")
    run_dbt(scratch, LAST, ["2025-09"], select="fct_charges", command="run")
    assert _rows(scratch, "select distinct amount from marts.fct_charges where month = date '2025-02-01'") == [(7,)]
    run_dbt(scratch, LAST, select="fct_charges", command="run")
    assert len(_rows(scratch, "select distinct amount from marts.fct_charges where month = date '2025-02-01'")) > 1


def test_records_that_become_one_party_take_their_old_months_along(scratch: Settings) -> None:
    usage = "select count(*) from marts.fct_usage_daily where customer_id = "
    both = _rows(scratch, usage + "1")[0][0] + _rows(scratch, usage + "2")[0][0]
    moved = _rows(scratch, usage + "2 and month < date '2025-09-01'")[0][0]
    assert moved, "the second customer has no usage in an old month"
    _rows(scratch, "insert into resolved.party_members values (1, 'foris', '1'), (1, 'foris', '2')")
    run_dbt(scratch, LAST, ["2025-09"], select=CORE_TREE, command="run")
    assert _rows(scratch, usage + "2") == [(0,)]
    assert _rows(scratch, usage + "1") == [(both,)]


def test_usage_totals_are_those_of_the_latest_raw_rows(operator: Tables, full: Settings) -> None:
    latest = {(row["subscription_id"], row["usage_date"]): row for row in operator["foris__usage"]}
    expected = (len(latest), sum(row["sms_out"] for row in latest.values()))
    assert _rows(full, "select count(*), sum(sms_out) from marts.fct_usage_daily") == [expected]
    assert _rows(full, "select sum(active_days), sum(sms_out) from marts.fct_usage_monthly") == [expected]


def test_debt_is_that_of_a_walk_through_invoices_and_payments(operator: Tables, full: Settings) -> None:
    found = {account: (debt, over_90) for account, debt, over_90 in _rows(
        full, f"select account_id, debt_amount, overdue_over_90_amount from marts.fct_debt_monthly"
        f" where measured_date = date '{LAST}'")}  # fmt: skip
    assert found == _walked_debt(operator)


def _walked_debt(tables: Tables) -> dict[int, tuple[Decimal, Decimal]]:
    paid: dict[int, Decimal] = defaultdict(Decimal)
    for row in tables["foris__payment"]:
        paid[row["account_id"]] += row["amount"]
    debt: dict[int, tuple[Decimal, Decimal]] = {}
    for row in sorted(tables["foris__invoice"], key=lambda row: (row["issued_date"], row["invoice_id"])):
        account = row["account_id"]
        settled = min(paid[account], Decimal(row["amount"]))
        paid[account] -= settled
        remains = row["amount"] - settled
        total, old = debt.get(account, (Decimal(0), Decimal(0)))
        debt[account] = (total + remains, old + (remains if (LAST - row["due_date"]).days > 90 else 0))
    return debt


def test_the_models_pass_their_own_tests(full: Settings) -> None:
    others = "path:tests/customers path:models/marts/customers path:tests/performance path:models/marts/performance"
    results = run_dbt(full, LAST, select="path:models/marts/core", exclude=others, command="test", unit_tests=True)
    assert {result.status for result in results} <= {"pass", "success"}
    assert sum(result.kind == "unit_test" for result in results) >= 9


def test_a_failing_test_is_named_and_stops_the_build(operator: Tables, scratch: Settings) -> None:
    stranger = {**operator["foris__charge"][0], "charge_id": 1, "account_id": 999_999, "charge_date": LAST}
    write_raw(scratch.home, {**operator, "foris__charge": [*operator["foris__charge"], stranger]})
    with pytest.raises(BuildFailed, match=r"unique_grain_fct_charges") as failure:
        run_dbt(scratch, LAST, select=CORE_TREE)
    skipped = {result.node for result in failure.value.results if result.status == "skipped"}
    assert "int_customer_months" in skipped
