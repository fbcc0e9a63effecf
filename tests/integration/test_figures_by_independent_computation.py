"""What pages and signals show against a second computation from the sources' files, on the small operator."""

import datetime as dt
import random
from pathlib import Path

import polars as pl
import pytest

from segments.questions import read_catalogue, stored_month_ends
from signals.definition import parse
from signals.engine import compile_rule
from signals.questions import found
from signals.templates import templates
from tests.integration import figures
from tests.integration.figures import Compared
from tests.integration.independent.billing import Sources
from tests.integration.independent.large_usage import LargeSources
from tests.integration.independent.measures import Measures
from tests.integration.independent.profile import Profiles
from tests.integration.independent.screens import Screens, norm
from tests.integration.whole_operator import MONTH_ENDS, UNTIL, reader
from vitrina.warehouse.reader import SnapshotReader


@pytest.fixture(scope="module")
def snapshot(operator_home: Path) -> SnapshotReader:
    return reader(operator_home)


@pytest.fixture(scope="module")
def screens(profiles: Profiles) -> Screens:
    return Screens(profiles, UNTIL)


def equal(done: Compared, at_least: int) -> None:
    assert done.wrong == []
    assert done.rows >= at_least, done.told()


def some(snapshot: SnapshotReader, condition: str, count: int) -> list[int]:
    rows = snapshot.query(f"select customer_id from customer_profiles where {condition} order by 1").column(0)
    return random.Random(3).sample(rows.to_pylist(), count)  # noqa: S311


def test_usage_of_every_kind_of_subject_equals_the_files(snapshot: SnapshotReader, screens: Screens) -> None:
    (client,) = some(snapshot, "customer_type = 'organisation' and data_mb_12m > 0", 1)
    product = snapshot.query("select product_id from dim_subscriptions group by 1 order by count(*) desc limit 1")
    asked = [("client", str(client)), ("market", "mass"), ("peers", str(client)), ("everybody", ""),
             ("product", str(product.column(0)[0]))]  # fmt: skip
    equal(figures.usage_of(snapshot, screens, asked, UNTIL), 2500)


def test_use_of_bundles_equals_events_and_files(snapshot: SnapshotReader, screens: Screens) -> None:
    chosen = some(snapshot, "customer_type = 'organisation' and subscriptions_active_count > 0", 8)
    chosen += some(snapshot, "customer_type = 'person'", 12)
    equal(figures.bundles_of(snapshot, screens, chosen, MONTH_ENDS[0].replace(day=1)), 500)


def test_debt_by_account_equals_a_walk_through_the_invoices(snapshot: SnapshotReader, screens: Screens) -> None:
    equal(figures.debts_of(snapshot, screens, some(snapshot, "debt_amount > 0", 20)), 160)


def test_tiles_sums_and_health_equal_the_second_profiles(
    snapshot: SnapshotReader, screens: Screens, profiles: Profiles
) -> None:
    days = {day: profiles.on(day) for day in (UNTIL, *MONTH_ENDS[-2:])}
    equal(figures.home_of(snapshot, screens, days), 30)
    managers = days[UNTIL]["manager_id"].drop_nulls().unique().sort().to_list()[:3]
    equal(figures.clients_of(snapshot, days[UNTIL], [None, *managers]), 200)


def test_every_measure_of_signals_equals_the_sources_on_any_day(snapshot: SnapshotReader, profiles: Profiles) -> None:
    """At the snapshot's day, and inside a month of the past where no month end helps."""
    chosen = some(snapshot, "customer_type = 'organisation'", 25) + some(snapshot, "customer_type = 'person'", 40)
    days = [dt.date(2026, 9, 17), UNTIL]
    done = figures.measures_of(snapshot, Measures(profiles), chosen, days)
    assert {each.figure: each.wrong for each in done if each.wrong} == {}
    assert len(done) == 24
    assert min(each.rows for each in done) > 100
    mine = [Measures(profiles).on(day) for day in days]
    idle = {name for name in mine[0] if not any(set(each[name].values()) - {0} for each in mine)}
    assert idle == set()


def test_what_customers_are_worth_follows_from_their_payments(snapshot: SnapshotReader, profiles: Profiles) -> None:
    equal(figures.worth_of(snapshot, profiles, UNTIL), 1000)


def test_the_template_of_agreements_finds_those_that_the_simulator_planted(
    operator_home: Path, snapshot: SnapshotReader, profiles: Profiles
) -> None:
    (template,) = (each for each in templates() if each.key == "agreement_ends")
    compiled = compile_rule(parse(template.rule), read_catalogue(snapshot), stored_month_ends(snapshot), [UNTIL])
    warned = set(found(snapshot, compiled).column("customer_id").to_pylist())
    terms = pl.read_parquet(operator_home / "truth" / "agreement_ends.parquet")
    still = [pl.col(name).is_null() | (pl.col(name) > UNTIL) for name in ("renewed_date", "left_date")]
    soon = pl.col("end_date").is_between(UNTIL, UNTIL + dt.timedelta(days=45))
    planted = {profiles.customers.of_record[who] for who in terms.filter(*still, soon)["customer_id"]}
    assert len(planted) >= 2
    assert warned == planted


def test_columns_of_usage_files_are_the_rows_read_one_by_one(operator_home: Path, sources: Sources) -> None:
    large = LargeSources(operator_home)
    for one, other in ((sources.usage, large.usage), (sources.archive, large.archive)):
        rows = one.frame()
        assert len(rows) > 1000
        assert other.frame().select(rows.columns).equals(rows)


def test_a_norm_is_what_the_page_says_it_is(screens: Screens) -> None:
    from apps.data import usage

    days = screens.usage("day")
    rows = [{"m": days.get(day, {"data_mb": 0.0})["data_mb"]} for day in usage.periods(min(days), UNTIL, "day")]
    values = [row["m"] for row in rows]
    for grain in usage.GRAINS:
        expected = [norm(values, place, grain) for place in range(len(values))]
        assert usage.norms(rows, "m", grain) == expected
        assert len({each for each in expected if each is not None}) > 20


def test_a_figure_that_differs_would_be_noticed(snapshot: SnapshotReader, screens: Screens, profiles: Profiles) -> None:
    profile = profiles.on(UNTIL).with_columns(pl.col("charges_amount_last_month") + 1)
    assert figures.home_of(snapshot, screens, {UNTIL: profile}).wrong
    assert figures.clients_of(snapshot, profile, [None]).wrong
