"""Runs after the first one: nothing new, two days more, rows that come late, a source that is down.

Each state of the operator is a folder that is made once and then only read; the tests compare the marts of two of them.
"""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from benchmarks.crash_run import compare
from ingest import health
from tests.integration.operator_states import AGAIN, LATE_DAY, LATE_ROWS, LATER
from tests.integration.whole_operator import UNTIL, reader
from vitrina.settings import Settings

# What a profile of the past takes from the resolution that is in force now, as its description says.
AS_NOW = {"source_records_count"}

pytestmark = pytest.mark.slow


def test_old_files_under_new_names_change_no_row_of_any_mart(operator_home: Path, offered_again: Path) -> None:
    assert reader(offered_again).version == reader(operator_home).version + 1
    assert compare(operator_home, offered_again) == {}


def test_old_files_under_new_names_are_kept_as_duplicates_and_loaded_by_nobody(
    operator_home: Path, offered_again: Path
) -> None:
    again = health.deliveries(Settings(home=offered_again), state="duplicate", limit=1000)
    assert sum("_again" in row["file_name"] for row in again) >= 3 * AGAIN
    assert not any(row["accepted_rows"] for row in again)
    names = ("source", "entity", "received", "accepted", "quarantined", "raw_rows")
    totals = [
        [{n: t[n] for n in names} for t in health.totals(Settings(home=h))] for h in (operator_home, offered_again)
    ]
    assert totals[0] == totals[1]


def test_months_whose_rows_are_the_same_keep_their_files(operator_home: Path, offered_again: Path) -> None:
    files = [sorted(str(p.relative_to(h)) for p in (h / "published" / "facts").rglob("*.parquet"))
             for h in (operator_home, offered_again)]  # fmt: skip
    assert files[0] == files[1]


def test_a_portal_that_is_down_is_told_and_stops_nothing(offered_again: Path) -> None:
    found = {(r["source"], r["entity"]): r for r in health.sources(Settings(home=offered_again))}
    assert {key for key, row in found.items() if row["status"] == "failed"} == {
        ("tax", "taxpayer"),
        ("tax", "einvoice"),
    }
    assert all(found["tax", entity]["last_error"] for entity in ("taxpayer", "einvoice"))
    assert reader(offered_again).query("select count(*) as n from fct_einvoices").to_pylist()[0]["n"] > 0


def test_two_more_days_give_what_a_rebuild_of_everything_gives(later: Path, rebuilt: Path) -> None:
    assert reader(later).manifest.as_of == LATER
    assert compare(later, rebuilt) == {}


def test_customers_keep_their_numbers_when_everything_is_built_anew(operator_home: Path, rebuilt: Path) -> None:
    records = "select source, source_id, customer_id from customer_identities where is_customer_record"
    old, new = ({(r["source"], r["source_id"]): r["customer_id"] for r in reader(h).query(records).to_pylist()}
                for h in (operator_home, rebuilt))  # fmt: skip
    assert {key: new[key] for key in old} == old


def _history(home: Path) -> pl.DataFrame:
    columns = [
        c.name for c in reader(home).manifest.tables["customer_profiles_history"].columns if c.name not in AS_NOW
    ]
    listed = ", ".join(f'"{c}"' for c in columns)
    rows = reader(home).query(f"select {listed} from customer_profiles_history order by month_end, customer_id")
    return pl.from_arrow(rows)  # type: ignore[return-value]


def test_late_rows_reach_the_day_and_month_they_belong_to_and_no_other(operator_home: Path, later: Path) -> None:
    days = "select usage_date, count(*) as n, sum(data_mb) as mb from fct_usage_daily group by 1"
    old, new = ({r["usage_date"]: (r["n"], r["mb"]) for r in reader(h).query(days).to_pylist()}
                for h in (operator_home, later))  # fmt: skip
    assert {day for day in old if new[day] != old[day]} == {LATE_DAY}
    assert new[LATE_DAY][0] == old[LATE_DAY][0] + LATE_ROWS
    assert set(new) - set(old) == {LATER, LATER - timedelta(days=1)}


def test_profiles_of_months_before_a_late_row_stay_as_they_were(operator_home: Path, later: Path) -> None:
    before = pl.col("month_end") < LATE_DAY
    old, new = (_history(home).filter(before) for home in (operator_home, later))
    assert old["month_end"].n_unique() >= 3
    assert old.equals(new)


def test_a_late_row_changes_only_the_profiles_that_look_back_at_it(operator_home: Path, later: Path) -> None:
    since = (pl.col("month_end") >= LATE_DAY) & (pl.col("month_end") <= UNTIL)
    old, new = (_history(home).filter(since) for home in (operator_home, later))
    late = reader(later).query(f"select customer_id from fct_usage_daily where usage_date = '{LATE_DAY}'")
    differing = set(old.join(new, on=old.columns, how="anti", nulls_equal=True)["customer_id"])
    assert old.height == new.height
    assert 0 < len(differing) <= LATE_ROWS
    assert differing <= {row["customer_id"] for row in late.to_pylist()}
