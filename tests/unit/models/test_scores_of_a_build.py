"""A run of the models on a build: scores, history that is kept as it was said, champions, and reasons for none."""

import datetime as dt
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from churn_world import MONTHS, world

from signals.models.features import Feature, parse_features
from vitrina.model_options import ModelOptions
from vitrina.models import run as runs
from vitrina.models.definitions import Definition, Promotion, Wishes, WrongDefinition, remember, remembered
from vitrina.models.rows import FeatureRows
from vitrina.models.run import score_build
from vitrina.models.store import ModelStore
from vitrina.settings import Settings

OPTIONS = ModelOptions(refits=1, training_rows=3_000)
NOW = dt.datetime(2026, 1, 5, 3, 0, tzinfo=dt.UTC)
AS_OF = MONTHS[-1]
DECLARED = parse_features({
    "usage": {"data_mb_trend_pct": {}, "days_since_last_usage": {}}, "quality": {"complaints_12m_count": {}},
    "tariff": {"main_product_id": {"kind": "category"}},
})  # fmt: skip
NAMES = {
    "trend": "data_mb_trend_pct", "complaints": "complaints_12m_count", "product": "main_product_id",
}  # fmt: skip
PROFILE = (
    "SELECT DISTINCT customer_id, 'person' AS customer_type, 'mass' AS segment, 'prepaid' AS payment_type,"
    " 'active' AS lifecycle_status, false AS is_inactive, DATE '2024-02-01' AS subscription_first_activated_date,"
    " DATE '2025-08-01' AS last_usage_date, DATE '2025-08-28' AS profile_date FROM rows"
)


def build(settings: Settings, customers: int = 450, months: int = len(MONTHS)) -> None:
    """A build with the marts that models read: persons alone, payments every two weeks."""
    rows = world(customers, months=MONTHS[:months]).rename(NAMES).to_arrow()
    settings.build_path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.build_path)) as connection:
        connection.register("rows", rows)
        connection.execute("CREATE SCHEMA marts")
        connection.execute(
            "CREATE TABLE marts.churn_features AS SELECT *, 'person' AS customer_type, true AS is_eligible FROM rows"
        )
        connection.execute(f"CREATE TABLE marts.customer_profiles AS {PROFILE}")
        connection.execute(
            """CREATE TABLE marts.fct_payments AS SELECT customer_id,
                 DATE '2025-08-20' - (n * (9 + customer_id % 20))::INT AS paid_date, 10000 + 100 * customer_id AS amount
               FROM marts.customer_profiles, range(1, 12) AS s(n) WHERE customer_id % 7 > 0 OR n > 8"""
        )
        connection.execute(
            """CREATE TABLE marts.attribute_catalogue AS SELECT unit, unit AS unit_label_ru, unit AS unit_label_uz,
                 unit AS unit_label_en FROM (VALUES ('code'), ('date'), ('score')) AS units(unit)"""
        )
        connection.execute("CREATE TABLE marts.fct_usage_monthly AS SELECT DATE '2024-01-01' AS month")
        for name, columns in {
            "segment_entities": "position INT, name TEXT, kind TEXT, table_name TEXT, customer_column TEXT,"
            " date_column TEXT, month_column TEXT, valid_from_column TEXT, valid_to_column TEXT, label_ru TEXT,"
            " label_uz TEXT, label_en TEXT, description TEXT",
            "segment_fields": "position INT, entity TEXT, name TEXT, label_ru TEXT, label_uz TEXT, label_en TEXT,"
            " type TEXT, unit TEXT, unit_label_ru TEXT, unit_label_uz TEXT, unit_label_en TEXT,"
            " personal_data_class TEXT, description TEXT, null_meaning TEXT, values_from TEXT",
        }.items():
            connection.execute(f"CREATE TABLE marts.{name} ({columns})")


def rows_of(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.build_path)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(runs, "declared_features", lambda: DECLARED)
    return Settings(home=tmp_path, models=OPTIONS)


@pytest.fixture(scope="module")
def scored_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has been scored once. Read only: copy it to change it."""
    folder = tmp_path_factory.mktemp("scored")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "declared_features", lambda: DECLARED)
        settings = Settings(home=folder, models=OPTIONS)
        build(settings)
        score_build(settings, AS_OF, NOW)
    return folder


@pytest.fixture
def scored(scored_home: Path, home: Settings) -> Settings:
    """A copy of the scored home."""
    shutil.copytree(scored_home, home.home, dirs_exist_ok=True)
    return home


def test_customers_are_scored_with_reasons_value_and_history(home: Settings) -> None:
    build(home)
    done = {(each.customer_type, each.part): each for each in score_build(home, AS_OF, NOW)}
    assert done["person", "churn"].state == done["person", "value"].state == "scored"
    assert done["organisation", "churn"].state == "none"
    ((scored, told, valued),) = rows_of(
        home, "SELECT count(churn_probability), count(reason_1), count(value_12m) FROM marts.customer_scores"
    )
    assert (scored, valued) == (450, 450)
    assert told > 100
    ((reasons,),) = rows_of(
        home, "SELECT reasons FROM marts.customer_scores ORDER BY churn_probability DESC, customer_id LIMIT 1"
    )
    first = json.loads(str(reasons))[0]
    assert first["word"] in {"usage", "quality", "tariff"}
    assert first["value"] is not None
    months = rows_of(
        home,
        "SELECT month_end, valid_to, bool_and(is_backtest) FROM marts.customer_scores_history GROUP BY ALL ORDER BY 1",
    )
    assert [row[0] for row in months] == list(MONTHS[-len(months) :])
    assert [row[1] for row in months[:-1]] == [row[0] for row in months[1:]]
    assert [row[2] for row in months] == [True] * (len(months) - 1) + [False]
    assert rows_of(home, "SELECT name, kind FROM marts.segment_entities") == [("churn_scores", "related")]
    assert ("risk_group",) in rows_of(home, "SELECT name FROM marts.segment_fields")


def test_a_second_run_trains_nothing_and_changes_nothing_that_was_said(scored: Settings) -> None:
    home = scored
    query = "SELECT * FROM marts.customer_scores_history ORDER BY customer_id, month_end"
    before, files = rows_of(home, query), sorted((home.models_dir / "versions").iterdir())
    score_build(home, AS_OF, NOW + dt.timedelta(days=1))
    assert sorted((home.models_dir / "versions").iterdir()) == files
    assert rows_of(home, query) == before


def test_another_definition_of_churn_trains_another_model(scored: Settings) -> None:
    home = scored
    remember(home.models_dir, Wishes({"person": Definition(inactivity_days=30), "organisation": Definition()}))
    assert remembered(home.models_dir).for_dbt()["person"]["inactivity_days"] == 30
    score_build(home, AS_OF, NOW + dt.timedelta(days=1))
    versions = ModelStore(home.models_dir).versions("person")
    assert len({version.definition for version in versions}) == 2
    assert ModelStore(home.models_dir).champion("person", Definition(inactivity_days=30).key) == versions[-1]


def test_people_promote_what_the_margin_did_not(scored: Settings) -> None:
    home = scored
    with duckdb.connect(str(home.build_path)) as connection:  # one more month becomes known
        connection.execute(
            "UPDATE marts.churn_features SET is_churned = data_mb_trend_pct < -30 WHERE month_end = ?", [MONTHS[-3]]
        )
    strict = home.model_copy(update={"models": home.models.model_copy(update={"margin": 0.5})})
    score_build(strict, AS_OF, NOW + dt.timedelta(days=1))
    store, key = ModelStore(home.models_dir), Definition().key
    champion, challenger = store.champion("person", key), store.challenger("person", key)
    assert champion is not None
    assert challenger is not None
    assert challenger.report["duel"]["rows"] > 0
    wish = Promotion(challenger.name, "analyst", (NOW + dt.timedelta(days=2)).isoformat(), "newer customers")
    remember(home.models_dir, Wishes(promotions=(wish,)))
    score_build(strict, AS_OF, NOW + dt.timedelta(days=3))
    assert store.champion("person", key) == challenger
    assert store.promotions("person")[-1].by == "analyst"
    assert rows_of(home, "SELECT DISTINCT model_version FROM marts.customer_scores") == [(challenger.name,)]


def test_too_little_data_gives_no_scores_and_says_why(home: Settings) -> None:
    build(home, customers=300, months=5)
    score_build(home, MONTHS[4], NOW)
    ((reason,),) = rows_of(
        home, "SELECT reason FROM marts.model_runs WHERE customer_type = 'person' AND part = 'churn'"
    )
    assert json.loads(str(reason))["values"] == {"stored": 5, "needed": 14}


def test_a_damaged_file_gives_no_scores_and_says_so(scored: Settings) -> None:
    (version,) = ModelStore(scored.models_dir).versions("person")
    file = scored.models_dir / "versions" / version.name / "model.json"
    file.write_text(file.read_text().replace('"base":', '"base":1', 1))
    done = score_build(scored, AS_OF, NOW)
    assert "not the one that was recorded" in str(done[0].reason)
    assert rows_of(scored, "SELECT count(churn_probability), count(value_12m) > 0 FROM marts.customer_scores") == [
        (0, True)
    ]


def test_after_an_unforeseen_fault_there_are_empty_tables(scored: Settings) -> None:
    runs.without_scores(scored)
    assert rows_of(scored, "SELECT count(*) FROM marts.customer_scores") == [(0,)]
    assert rows_of(scored, "SELECT name FROM marts.segment_entities") == [("churn_scores",)]


def test_a_feature_with_a_lag_is_taken_from_the_month_before(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "b.duckdb")) as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute(
            """CREATE TABLE marts.churn_features AS SELECT 1 AS customer_id, last_day(d::DATE) AS month_end,
                 month(d) AS late, 'person' AS customer_type, true AS is_eligible, NULL::BOOLEAN AS is_churned
               FROM generate_series(DATE '2025-01-01', DATE '2025-04-01', INTERVAL 1 MONTH) AS s(d)"""
        )
        rows = FeatureRows(connection, "person", (Feature("late", "legal", lag=2),))
        assert rows.sample(1000)["late"].to_list() == [None, None, 1, 2]


def test_what_cannot_be_is_refused() -> None:
    for wrong in ({"gap_months": 9}, {"horizon_months": 0}, {"base_loss_pct": 0}, {"inactivity_days": 3}):
        with pytest.raises(WrongDefinition):
            Definition(**wrong)
    assert Wishes.from_json(Wishes().to_json()) == Wishes()
