"""Reading: pinned cursors, moving on, opening by version and date, and what SQL cannot reach."""

import datetime as dt
import shutil
import threading

import duckdb
import pyarrow as pa
import pytest
from snapshot_builds import AS_OF, CATALOGUE, NOW, make_build

from vitrina.warehouse.publish import PublishRequest, publish
from vitrina.warehouse.reader import NotAQuery, SnapshotReader
from vitrina.warehouse.retention import Retention, rollback, sweep
from vitrina.warehouse.store import NothingPublished, Store, StoreIsDamaged

LATER = NOW + dt.timedelta(days=400)


def publish_generation(build, published_dir, generation: int) -> int:
    """Publish a build whose two customer marts carry the generation."""
    make_build(build, generation=generation)
    return publish(build, published_dir, PublishRequest(AS_OF, NOW), CATALOGUE).version


def generation_of(cursor) -> int:
    """The generation a cursor sees."""
    return cursor.rows("SELECT max(generation) FROM dim_customers")[0][0]


def test_before_the_first_publish_the_reader_says_so(published_dir):
    with pytest.raises(NothingPublished, match="nothing has been published"):
        SnapshotReader(published_dir)
    with pytest.raises(NothingPublished, match="2026-10-31"):
        SnapshotReader.open(published_dir, as_of=AS_OF)


def test_a_reader_moves_at_refresh_and_an_open_cursor_stays(build, published_dir):
    publish_generation(build, published_dir, 1)
    reader = SnapshotReader(published_dir)
    cursor = reader.cursor()
    publish_generation(build, published_dir, 2)
    assert generation_of(reader.cursor()) == 1
    assert reader.refresh() is True
    assert (generation_of(reader.cursor()), generation_of(cursor)) == (2, 1)
    assert (reader.version, cursor.version) == (2, 1)
    assert reader.refresh() is False


def test_a_version_is_swept_only_after_its_last_cursor_is_closed(build, published_dir):
    publish_generation(build, published_dir, 1)
    reader = SnapshotReader(published_dir)
    cursor = reader.cursor()
    publish_generation(build, published_dir, 2)
    reader.refresh()
    assert sweep(published_dir, Retention(1, 0), LATER).held == (1,)
    assert cursor.rows("SELECT count(*) FROM fct_payments") == [(200,)]
    cursor.close()
    cursor.close()
    assert sweep(published_dir, Retention(1, 0), LATER).versions == (1,)


def test_a_forgotten_cursor_does_not_hold_its_version(build, published_dir):
    publish_generation(build, published_dir, 1)
    reader = SnapshotReader(published_dir)
    reader.cursor()
    publish_generation(build, published_dir, 2)
    reader.refresh()
    assert sweep(published_dir, Retention(1, 0), LATER).versions == (1,)


def test_a_closed_reader_gives_its_version_back_once(build, published_dir):
    publish_generation(build, published_dir, 1)
    reader = SnapshotReader(published_dir)
    cursor = reader.cursor()
    reader.close()
    reader.close()
    assert generation_of(cursor) == 1


def test_a_fixed_reader_ignores_the_pointer(build, published_dir):
    publish_generation(build, published_dir, 1)
    reader = SnapshotReader.open(published_dir, version=1)
    publish_generation(build, published_dir, 2)
    assert reader.refresh() is False
    assert generation_of(reader.cursor()) == 1


def test_opening_as_of_a_date_takes_the_newest_snapshot_that_knows_no_later_day(build, published_dir):
    for day in (29, 30, 30, 31):
        publish(build, published_dir, PublishRequest(dt.date(2026, 10, day), NOW), CATALOGUE)
    assert SnapshotReader.open(published_dir, as_of=dt.date(2026, 10, 30)).version == 3
    assert SnapshotReader.open(published_dir, as_of=dt.date(2027, 1, 1)).version == 4
    with pytest.raises(NothingPublished):
        SnapshotReader.open(published_dir, as_of=dt.date(2026, 10, 28))


def test_a_withdrawn_snapshot_does_not_answer_to_a_date(build, published_dir):
    publish_generation(build, published_dir, 1)
    publish_generation(build, published_dir, 2)
    rollback(published_dir, 1, NOW, "wrong tariffs")
    assert SnapshotReader.open(published_dir, as_of=AS_OF).version == 1
    assert SnapshotReader.open(published_dir, version=2).version == 2


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE OR REPLACE VIEW customer_profiles AS SELECT 1",
        "SET memory_limit = '100GB'",
        "DROP VIEW marts.customer_profiles",
        "SELECT 1; SELECT 2",
        "ATTACH ':memory:' AS other",
        "COPY (SELECT 1) TO '{dir}/out.csv'",
        "",
    ],
)
def test_only_single_queries_are_answered(published_dir, publish_build, sql):
    publish_build()
    with pytest.raises(NotAQuery):
        SnapshotReader(published_dir).query(sql.format(dir=published_dir))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{dir}/current.json')",
        "SELECT * FROM read_parquet('{dir}/v000001/*.parquet')",
        "SELECT * FROM glob('{dir}/*')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM a_python_variable",
    ],
)
def test_a_query_reaches_no_file_and_no_variable_outside_the_snapshot(published_dir, publish_build, sql):
    publish_build()
    a_python_variable = pa.table({"number": [1]})
    assert a_python_variable.num_rows == 1
    with pytest.raises((duckdb.PermissionException, duckdb.CatalogException)):
        SnapshotReader(published_dir).query(sql.format(dir=published_dir))


def test_parameters_are_bound_and_results_stream(published_dir, publish_build):
    publish_build()
    reader = SnapshotReader(published_dir)
    by_position = reader.query("SELECT customer_id FROM customer_profiles WHERE msisdn = ?", ["+998900000042"])
    by_name = reader.query(
        "SELECT customer_id FROM customer_profiles WHERE msisdn = $m", {"m": "+998900000042' OR 1=1"}
    )
    assert (by_position.to_pylist(), by_name.num_rows) == ([{"customer_id": 42}], 0)
    with reader.cursor() as cursor:
        assert sum(batch.num_rows for batch in cursor.stream("SELECT * FROM fct_payments", batch_rows=10)) == 200


def test_one_cursor_takes_rows_tables_and_streams_in_any_order_even_when_a_stream_is_left_unread(
    published_dir, publish_build
):
    publish_build()
    with SnapshotReader(published_dir) as reader, reader.cursor() as cursor:
        for _ in range(2):
            assert cursor.rows("SELECT 1") == [(1,)]
            assert cursor.query("SELECT * FROM customer_profiles").num_rows == 100
            next(iter(cursor.stream("SELECT * FROM fct_payments", batch_rows=10)))
            assert cursor.rows("SELECT count(*) FROM fct_usage") == [(80,)]
            cursor.stream("SELECT * FROM fct_payments", batch_rows=10)


def test_a_running_query_can_be_stopped_from_another_thread(published_dir, publish_build):
    publish_build()
    with SnapshotReader(published_dir).cursor() as cursor:
        timer = threading.Timer(0.3, cursor.interrupt)
        timer.start()
        with pytest.raises(duckdb.InterruptException):
            cursor.rows("SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE hash(a.range + b.range) = 1")


def test_threads_share_a_reader_while_versions_move_on(build, published_dir):
    publish_generation(build, published_dir, 1)
    reader, failures, stop = SnapshotReader(published_dir), [], threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                reader.refresh()
                with reader.cursor() as cursor:
                    pair = cursor.rows(
                        "SELECT min(d.generation), max(p.generation), count(*) FROM dim_customers d"
                        " JOIN customer_profiles p USING (customer_id)"
                    )[0]
                if pair[0] != pair[1] or pair[2] != 100:
                    failures.append(pair)
            except Exception as error:
                failures.append(repr(error))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for generation in range(2, 8):
        publish_generation(build, published_dir, generation)
        sweep(published_dir, Retention(1, 0), LATER)
    stop.set()
    for thread in threads:
        thread.join()
    reader.refresh()
    assert failures == []
    assert generation_of(reader.cursor()) == 7


def test_a_fact_column_named_month_is_not_hidden_by_the_folder_name(published_dir, publish_build):
    publish_build()
    rows = SnapshotReader(published_dir).cursor().rows("SELECT DISTINCT month FROM fct_usage ORDER BY 1 LIMIT 1")
    assert rows == [(dt.date(2026, 1, 1),)]


def test_a_damaged_pointer_or_manifest_is_named(published_dir, publish_build):
    publish_build()
    (published_dir / "v000001" / "manifest.json").write_text("{")
    with pytest.raises(StoreIsDamaged, match=r"v000001/manifest\.json"):
        SnapshotReader(published_dir)
    (published_dir / "current.json").write_text("{}")
    with pytest.raises(StoreIsDamaged, match=r"current\.json"):
        Store(published_dir).pointer()


def test_a_moved_published_directory_still_opens(published_dir, publish_build, tmp_path):
    publish_build()
    moved = shutil.move(published_dir, tmp_path / "elsewhere")
    assert SnapshotReader(tmp_path / "elsewhere").query("SELECT * FROM fct_payments").num_rows == 200
    assert moved
