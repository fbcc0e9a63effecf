"""The profile of a day is made of what was known on that day, and a delta gives what a full build gives."""

import datetime as dt
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.integration.raw_operator import RandomOperator, Tables, known_by, with_another_future, write_raw
from vitrina.settings import Settings
from vitrina.warehouse.build import run_dbt

pytestmark = pytest.mark.slow

FIRST, CUT, LAST = dt.date(2024, 11, 1), dt.date(2025, 9, 30), dt.date(2026, 1, 17)
MARTS = {
    "customer_profiles": ["customer_id"],
    "customer_profiles_history": ["month_end", "customer_id"],
    "customer_rfm_history": ["month_end", "customer_id"],
    "rfm_migration": ["month_end", "customer_type", "from_group", "to_group"],
    "cohort_retention": ["activity_month", "cohort_month", "customer_type"],
    "churn_features": ["month_end", "customer_id"],
}
LABELS = ["is_churned"]


@pytest.fixture(scope="module")
def operator() -> Tables:
    """Forty customers over fifteen months."""
    return RandomOperator(seed=11, customers=40, first=FIRST, until=LAST).tables


@pytest.fixture(scope="module")
def full(operator: Tables, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Everything, built at once."""
    return _built(tmp_path_factory.mktemp("full"), operator, LAST)


@pytest.fixture(scope="module")
def early(operator: Tables, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """What was known on the day of the cut, built on that day."""
    return _built(tmp_path_factory.mktemp("early"), known_by(operator, CUT), CUT)


def _built(home: Path, tables: Tables, as_of: dt.date) -> Settings:
    settings = Settings(home=home, memory_limit="1GB", threads=2)
    write_raw(home, tables)
    run_dbt(settings, as_of, command="run")
    return settings


def _mart(settings: Settings, name: str, until: dt.date | None = None) -> pl.DataFrame:
    # Not read-only: dbt's adapter may still hold the file in this process, and one process opens a file in one way.
    with duckdb.connect(str(settings.build_path)) as connection:
        frame = pl.from_arrow(connection.sql(f"select * from marts.{name}").to_arrow_table())
    if until is not None:
        frame = frame.filter(pl.col(MARTS[name][0]) <= until)
    return frame.sort(MARTS[name])


def test_the_profile_of_a_past_month_end_is_the_one_computed_on_that_day(full: Settings, early: Settings) -> None:
    on_the_day = _mart(early, "customer_profiles")
    afterwards = _mart(full, "customer_profiles_history").filter(pl.col("month_end") == CUT)
    assert on_the_day.height > 20
    assert_frame_equal(on_the_day, afterwards)


def test_the_profile_at_a_month_end_is_the_history_of_that_month_end(early: Settings) -> None:
    history = _mart(early, "customer_profiles_history").filter(pl.col("month_end") == CUT)
    assert_frame_equal(_mart(early, "customer_profiles"), history)


def test_another_future_changes_nothing_in_the_past(operator: Tables, full: Settings, tmp_path: Path) -> None:
    other = _built(tmp_path, with_another_future(operator, CUT, seed=1), LAST)
    for name in ("customer_profiles_history", "customer_rfm_history", "rfm_migration", "cohort_retention"):
        assert_frame_equal(_mart(other, name, CUT), _mart(full, name, CUT))
    features = [_mart(home, "churn_features", CUT) for home in (other, full)]
    assert not features[0].select(LABELS).equals(features[1].select(LABELS)), "the labels do tell of the future"
    assert_frame_equal(features[0].drop(LABELS), features[1].drop(LABELS))
    assert not _mart(other, "customer_profiles").equals(_mart(full, "customer_profiles")), "the future did change"


def test_a_delta_gives_what_a_full_build_gives(operator: Tables, full: Settings, tmp_path: Path) -> None:
    settings = _built(tmp_path, known_by(operator, CUT), CUT)
    write_raw(tmp_path, operator)
    run_dbt(settings, LAST, changed_months=["2025-10", "2025-11", "2025-12", "2026-01"], command="run")
    for name in MARTS:
        assert_frame_equal(_mart(settings, name), _mart(full, name))


def test_a_late_row_changes_every_month_that_looks_back_at_it(operator: Tables, full: Settings, tmp_path: Path) -> None:
    late = [row for row in operator["foris__payment"] if row["paid_at"].date() < dt.date(2025, 3, 1)]
    assert late, "the operator has payments in the first months"
    tables = {**operator, "foris__payment": [row for row in operator["foris__payment"] if row not in late]}
    settings = _built(tmp_path, tables, LAST)
    write_raw(tmp_path, operator)
    months = sorted({f"{row['paid_at']:%Y-%m}" for row in late})
    run_dbt(settings, LAST, changed_months=months, command="run")
    for name in MARTS:
        assert_frame_equal(_mart(settings, name), _mart(full, name))
