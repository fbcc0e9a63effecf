"""Publishing: what a snapshot holds, what is written anew, what is refused."""

import json
from pathlib import Path

import duckdb
import pytest
from snapshot_builds import AS_OF, CATALOGUE, NOW, make_build

from vitrina.warehouse.guard import PublishRefused
from vitrina.warehouse.marts import MartCatalogue, MartMismatch, MartSpec, load_catalogue
from vitrina.warehouse.publish import PublishRequest, publish
from vitrina.warehouse.reader import SnapshotReader
from vitrina.warehouse.retention import verify
from vitrina.warehouse.store import Store, StoreIsBusy


def change(build: Path, *statements: str) -> None:
    """Alter the build as a run would."""
    with duckdb.connect(str(build)) as con:
        for statement in statements:
            con.execute(statement)


def fact_files(published_dir: Path, table: str) -> set[str]:
    """Names of all files of a fact, of every month."""
    return {str(path.relative_to(published_dir)) for path in published_dir.glob(f"facts/{table}/*/*.parquet")}


def test_every_table_of_the_build_is_published_with_its_rows(build, published_dir, publish_build):
    published = publish_build(watermarks={"foris": "2026-10-31T23:00:00"}, code_revision="abc")
    reader = SnapshotReader(published_dir)
    with duckdb.connect(str(build), read_only=True) as con:
        for name, entry in published.manifest.tables.items():
            expected = con.execute(f"SELECT * FROM marts.{name} ORDER BY ALL").fetchall()
            assert reader.cursor().rows(f"SELECT * FROM {name} ORDER BY ALL") == expected
            assert entry.rows == len(expected)
    assert set(published.manifest.tables) == {*CATALOGUE.specs, "cohort_retention"}
    assert published.manifest.watermarks == {"foris": "2026-10-31T23:00:00"}
    assert verify(published_dir, published.version) == []


def test_native_tables_are_sorted_and_keyed_and_their_parquet_is_the_same(published_dir, publish_build):
    manifest = publish_build().manifest
    with duckdb.connect(str(published_dir / manifest.database.path), read_only=True) as con:
        ids = [row[0] for row in con.execute("SELECT customer_id FROM customer_profiles").fetchall()]
        indexes = {row[0] for row in con.execute("SELECT index_name FROM duckdb_indexes()").fetchall()}
        parquet = published_dir / manifest.tables["customer_profiles"].parquet.path
        assert ids == sorted(ids) == [r[0] for r in con.execute(f"SELECT customer_id FROM '{parquet}'").fetchall()]
    assert indexes >= {"customer_profiles_customer_id", "customer_profiles_msisdn", "dim_customers_customer_id"}


def test_only_the_month_whose_rows_changed_is_written_anew(build, published_dir, publish_build):
    first = publish_build()
    change(build, "UPDATE marts.fct_payments SET amount = 11 WHERE payment_id = 1")
    second = publish_build()
    assert second.months_written == {"fct_payments": ("2026-02",), "fct_usage": ()}
    before, after = (p.manifest.tables["fct_payments"].months for p in (first, second))
    assert {m for m in after if after[m].path != before[m].path} == {"2026-02"}
    assert verify(published_dir, 1) == verify(published_dir, 2) == []


def test_the_same_rows_in_another_order_keep_their_files(build, publish_build):
    publish_build()
    change(
        build,
        "CREATE OR REPLACE TABLE marts.fct_payments AS SELECT * FROM marts.fct_payments ORDER BY hash(payment_id)",
    )
    assert publish_build().months_written["fct_payments"] == ()


def test_two_equal_changes_in_one_month_do_not_cancel_out(build, publish_build):
    publish_build()
    change(
        build,
        "DELETE FROM marts.fct_usage",
        "INSERT INTO marts.fct_usage VALUES (1, '2026-01-01', 7), (1, '2026-01-01', 7)",
    )
    publish_build()
    change(build, "UPDATE marts.fct_usage SET seconds = 8")
    assert publish_build().months_written["fct_usage"] == ("2026-01",)


def test_with_changed_months_named_other_months_keep_their_files_unless_their_count_differs(build, publish_build):
    publish_build()
    change(
        build,
        "UPDATE marts.fct_payments SET amount = 11 WHERE month(paid_at) = 1",
        "DELETE FROM marts.fct_payments WHERE payment_id = 2",
    )
    published = publish_build(changed_months=["2026-01"])
    assert published.months_written["fct_payments"] == ("2026-01", "2026-03")


def test_a_month_that_has_no_rows_any_more_leaves_the_fact(build, published_dir, publish_build):
    publish_build()
    change(build, "DELETE FROM marts.fct_payments WHERE month(paid_at) = 4")
    publish_build(changed_months=[])
    with SnapshotReader(published_dir) as reader, SnapshotReader.open(published_dir, version=1) as old:
        assert reader.cursor().rows("SELECT max(month(paid_at)), count(*) FROM fct_payments") == [(3, 150)]
        assert old.cursor().rows("SELECT max(month(paid_at)), count(*) FROM fct_payments") == [(4, 200)]


def test_a_new_column_rewrites_every_month_so_that_files_of_a_fact_agree(build, published_dir, publish_build):
    publish_build()
    change(build, "ALTER TABLE marts.fct_usage ADD COLUMN country VARCHAR")
    assert len(publish_build(changed_months=[]).months_written["fct_usage"]) == 4
    with SnapshotReader(published_dir) as reader:
        assert reader.cursor().rows("SELECT count(*), count(country) FROM fct_usage") == [(80, 0)]


def test_a_fact_without_rows_is_an_empty_view_with_its_columns(build, published_dir, publish_build):
    change(build, "DELETE FROM marts.fct_usage")
    publish_build()
    table = SnapshotReader(published_dir).query("SELECT * FROM fct_usage")
    assert (table.num_rows, table.column_names) == (0, ["customer_id", "month", "seconds"])


def test_a_missing_or_damaged_fact_file_is_written_again(build, published_dir, publish_build):
    manifest = publish_build().manifest
    (published_dir / manifest.tables["fct_usage"].months["2026-03"].path).write_bytes(b"damaged")
    assert publish_build().months_written["fct_usage"] == ("2026-03",)
    assert verify(published_dir, 2) == []


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("DROP TABLE marts.customer_profiles", "required mart customer_profiles is missing"),
        ("DELETE FROM marts.dim_customers", "dim_customers has no customers"),
        ("DELETE FROM marts.dim_customers WHERE customer_id > 60", "fell from 100 to 60 customers"),
        ("DELETE FROM marts.customer_profiles", "customer_profiles is empty and had 100 rows"),
    ],
)
def test_a_build_that_lost_what_matters_is_refused_and_the_old_snapshot_stays(
    build, published_dir, publish_build, statement, reason
):
    publish_build()
    change(build, statement)
    with pytest.raises(PublishRefused, match=reason):
        publish_build()
    reader = SnapshotReader(published_dir)
    assert reader.version == 1
    assert list(published_dir.glob("v*")) == [published_dir / "v000001"]


def test_a_forced_publish_says_in_its_manifest_what_was_overridden(build, published_dir, publish_build):
    publish_build()
    change(build, "DELETE FROM marts.dim_customers WHERE customer_id > 60")
    manifest = publish_build(force=True).manifest
    assert "fell from 100 to 60" in manifest.notes[0]
    assert SnapshotReader(published_dir).version == 2


def test_an_empty_customer_base_is_refused_even_as_the_first_publish(tmp_path, published_dir):
    build = make_build(tmp_path / "empty.duckdb", customers=0)
    with pytest.raises(PublishRefused, match="no customers"):
        publish(build, published_dir, PublishRequest(AS_OF, NOW), CATALOGUE)
    assert not (published_dir / "current.json").exists()


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (["UPDATE marts.fct_payments SET paid_at = NULL WHERE payment_id = 7"], "1 rows of fct_payments"),
        (["ALTER TABLE marts.fct_payments RENAME paid_at TO paid"], "fct_payments has no month column 'paid_at'"),
        (
            ["CREATE SCHEMA exports", "CREATE TABLE exports.dim_customers AS SELECT 1 AS x"],
            "dim_customers is in schema",
        ),
    ],
)
def test_a_table_that_does_not_fit_its_entry_is_named(build, published_dir, publish_build, statements, message):
    change(build, *statements)
    with pytest.raises(MartMismatch, match=message):
        publish_build()
    assert not (published_dir / "current.json").exists()


def test_an_open_connection_to_the_build_can_be_published(build, published_dir):
    with duckdb.connect(str(build)) as con:
        con.execute("DELETE FROM marts.dim_customers WHERE customer_id > 90")
        publish(con, published_dir, PublishRequest(AS_OF, NOW), CATALOGUE)
        publish(build, published_dir, PublishRequest(AS_OF, NOW), CATALOGUE)
    assert SnapshotReader(published_dir).query("SELECT count(*) AS n FROM dim_customers").to_pylist() == [{"n": 90}]


def test_a_second_publisher_is_told_to_wait(published_dir, publish_build):
    with Store(published_dir).exclusive(), pytest.raises(StoreIsBusy):
        publish_build()


def test_no_version_number_is_used_twice(published_dir, publish_build):
    publish_build()
    (published_dir / "v000007.tmp").mkdir()
    assert publish_build().version == 2  # the leftover is swept and was never visible to anyone
    (published_dir / "v000009").mkdir()
    assert publish_build().version in (3, 10)
    versions = [json.loads(line)["version"] for line in (published_dir / "history.jsonl").read_text().splitlines()]
    assert len(set(versions)) == len(versions) == 3


def test_entries_come_from_yaml_and_the_dbt_manifest_overrides_them(tmp_path):
    yaml_path, manifest = tmp_path / "marts.yml", tmp_path / "manifest.json"
    yaml_path.write_text(
        "marts:\n  fct_x: {order_by: [a]}\n  fct_small: {month_column: null}\n  dim_y: {index_keys: [k]}\n"
    )
    node = {"resource_type": "model", "name": "fct_x", "config": {"materialized": "month_partition"}}
    hidden = {"resource_type": "model", "name": "int_z", "config": {"meta": {"publish": False, "owner": "B2C"}}}
    manifest.write_text(json.dumps({"nodes": {"a": node, "b": hidden, "c": {**node, "name": "fct_small"}}}))
    catalogue = load_catalogue(yaml_path, manifest)
    assert catalogue.of("fct_x") == MartSpec("fct_x", order_by=("a",), month_column="month")
    assert catalogue.of("dim_y").index_keys == ("k",)
    assert catalogue.of("fct_small").month_column is None
    assert catalogue.of("int_z").publish is False
    assert load_catalogue(tmp_path / "none.yml") == MartCatalogue()


def test_a_misspelt_key_of_an_entry_is_an_error(tmp_path):
    path = tmp_path / "marts.yml"
    path.write_text("marts:\n  fct_x: {order: [a]}\n")
    with pytest.raises(MartMismatch, match="fct_x: unknown keys order"):
        load_catalogue(path)


def test_the_entries_of_the_product_can_be_read():
    catalogue = load_catalogue()
    assert catalogue.of("customer_profiles").index_keys == ("customer_id", "main_msisdn")
    assert "dim_customers" in catalogue.customer_bases
