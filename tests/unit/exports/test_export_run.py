"""Full exports, changes, what is refused or held, and what a kill leaves."""

import datetime as dt
import hashlib
import json

import duckdb
import pytest
from export_source import DEFAULT_ROWS, NOW, TYPES, spec
from hypothesis import given, settings
from hypothesis import strategies as st

from vitrina.exports import ExportHeld, ExportRefused, run_export
from vitrina.exports.changes import Counts
from vitrina.exports.journal import ExportIsRunning, PayloadFolder, UnknownExport


def rows_of(result, order: str = "ALL") -> list[tuple]:
    """Rows of an export's file."""
    with duckdb.connect() as con:
        return con.execute(f"SELECT * FROM read_parquet('{result.path}') ORDER BY {order}").fetchall()


def changed(result) -> list[tuple]:
    """(change, customer_id) of a changes file, in file order."""
    query = f"SELECT _change, customer_id FROM read_parquet('{result.path}')"
    with duckdb.connect() as con:
        return con.execute(query).fetchall()


def attempts(warehouse) -> list[tuple[str, str]]:
    """Status and reason of every attempt."""
    return [(a["status"], a["reason"]) for a in PayloadFolder(warehouse.exports, spec()).attempts()]


def test_a_full_export_holds_all_rows_and_its_manifest_proves_it(warehouse, export):
    result = export()
    assert [row[0] for row in rows_of(result)] == list(range(1, 11))
    stored = json.loads(result.path.with_name("000001_full.manifest.json").read_text())
    assert stored["sha256"] == hashlib.sha256(result.path.read_bytes()).hexdigest()
    assert (stored["rows"], stored["snapshot_version"], stored["as_of"]) == (10, 1, "2026-10-31")
    assert [column["name"] for column in stored["columns"]] == list(TYPES)
    assert stored["counts"] == {"inserted": 10, "updated": 0, "deleted": 0, "unchanged": 0}


def test_only_the_named_columns_leave(export):
    assert [c.name for c in export(columns=("customer_id", "revenue")).manifest.columns] == ["customer_id", "revenue"]


def test_changes_are_inserts_updates_and_deletes_though_the_old_snapshot_is_gone(warehouse, export):
    first = export(mode="changes")
    assert changed(first) == [("insert", number) for number in range(1, 11)]
    warehouse.publish([*DEFAULT_ROWS[1:9], (2000, "Новая", 0), (10, "Имя 10", 16)])
    second = export(mode="changes")
    assert changed(second) == [("update", 10), ("insert", 2000), ("delete", 1)]
    assert rows_of(second, "_change")[0] == ("delete", 1, None, None)
    assert second.manifest.counts == Counts(inserted=1, updated=1, deleted=1, unchanged=8)
    assert (second.manifest.previous_version, second.manifest.baseline_export) == (1, "000001_changes")


def test_when_nothing_changed_the_file_is_empty_and_valid(warehouse, export):
    export(mode="changes")
    warehouse.publish(DEFAULT_ROWS[::-1])
    result = export(mode="changes", format="csv")
    assert result.rows == 0
    assert result.path.read_text() == "_change,customer_id,full_name,revenue\n"


def test_asking_twice_for_the_same_snapshot_makes_one_export(warehouse, export):
    first, second = export(mode="changes"), export(mode="changes")
    assert (first.status, second.status, second.path) == ("exported", "unchanged", first.path)
    assert export(mode="changes", columns=("customer_id",)).path.name == "000001_changes_2.parquet"


def test_changes_count_from_what_the_consumer_confirmed(warehouse, export):
    entry = {"mode": "changes", "baseline": "acknowledged"}
    first = export(**entry)
    folder = PayloadFolder(warehouse.exports, spec(**entry))
    folder.acknowledge(first.manifest.export_id, NOW)
    warehouse.publish([*DEFAULT_ROWS, (11, "Одиннадцатый", 1)])
    export(**entry)
    warehouse.publish([*DEFAULT_ROWS, (11, "Одиннадцатый", 1), (12, "Двенадцатый", 1)])
    third = export(**entry)
    assert changed(third) == [("insert", 11), ("insert", 12)]
    folder.acknowledge(third.manifest.export_id, NOW)
    warehouse.publish([*DEFAULT_ROWS, (11, "Одиннадцатый", 1)])
    assert changed(export(**entry)) == [("delete", 12)]
    with pytest.raises(UnknownExport, match="newer"):
        folder.acknowledge(first.manifest.export_id, NOW)
    with pytest.raises(UnknownExport, match="no export 000099"):
        folder.acknowledge("000099_full", NOW)


def test_until_the_consumer_confirms_he_is_sent_everything(warehouse, export):
    entry = {"mode": "changes", "baseline": "acknowledged"}
    export(**entry)
    warehouse.publish([*DEFAULT_ROWS, (11, "Одиннадцатый", 1)])
    assert len(changed(export(**entry))) == 11


def test_an_empty_source_empties_no_destination(warehouse, export):
    export(mode="changes")
    files = sorted(warehouse.exports.rglob("0*"))
    warehouse.publish([])
    with pytest.raises(ExportRefused, match="is empty"):
        export(mode="changes")
    assert sorted(warehouse.exports.rglob("0*")) == files
    assert attempts(warehouse)[-1][0] == "refused"
    warehouse.publish(DEFAULT_ROWS)
    assert export(mode="changes").rows == 0


def test_an_empty_source_is_refused_even_at_first(warehouse, export):
    warehouse.publish([])
    with pytest.raises(ExportRefused, match="is empty"):
        export()
    assert export(allow_empty=True).rows == 0


def test_a_sudden_shrink_is_held_until_somebody_forces_it(warehouse, export):
    export(mode="changes")
    warehouse.publish(DEFAULT_ROWS[:7])
    with pytest.raises(ExportHeld, match="10 rows became 7, 30 % fewer"):
        export(mode="changes")
    assert attempts(warehouse)[-1] == ("held", "crm__profiles is held: 10 rows became 7, 30 % fewer (limit 20 %)")
    forced = export(mode="changes", force=True)
    assert forced.manifest.counts.deleted == 3
    assert "30 % fewer" in forced.manifest.notes[0]


def test_a_shrink_within_the_limit_goes_out(warehouse, export):
    export()
    warehouse.publish(DEFAULT_ROWS[:8])
    assert export().manifest.counts.deleted == 2


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(1, "a", 1), (1, "b", 2)], "customer_id=1 is there 2 times"),
        ([(1, "a", 1), (None, "b", 2)], "1 rows have no value in the key"),
    ],
)
def test_a_key_that_does_not_identify_rows_is_refused(warehouse, export, rows, message):
    warehouse.publish(rows)
    with pytest.raises(ExportRefused, match=message):
        export()


def test_a_missing_table_or_column_is_named(warehouse, export):
    with pytest.raises(ExportRefused, match="has no exp_crm__profiles"):
        export(table="")
    with pytest.raises(ExportRefused, match="customer_profiles has no column birth_date"):
        export(columns=("customer_id", "birth_date"))
    assert [status for status, _ in attempts(warehouse)] == ["refused", "refused"]


def test_a_changed_key_asks_for_a_reset_and_a_reset_sends_everything(warehouse, export):
    export(mode="changes")
    entry = {"mode": "changes", "key": ("full_name",)}
    with pytest.raises(ExportRefused, match="run it with reset"):
        export(**entry)
    assert len(rows_of(export(reset=True, **entry))) == 10


def test_a_new_column_makes_every_row_an_update_and_says_why(warehouse, export):
    export(mode="changes")
    warehouse.publish([(*row, "Ташкент") for row in DEFAULT_ROWS], {**TYPES, "region": "VARCHAR"})
    result = export(mode="changes")
    assert result.manifest.counts == Counts(0, 10, 0, 0)
    assert "every row counts as changed" in result.manifest.notes[0]


def test_a_value_that_moves_to_the_next_column_is_a_change(warehouse, export):
    types = {"customer_id": "BIGINT", "a": "VARCHAR", "b": "VARCHAR"}
    warehouse.publish([(1, "ab", "c"), (2, None, "x"), (3, "", None)], types)
    export(mode="changes")
    warehouse.publish([(1, "a", "bc"), (2, "x", None), (3, None, "")], types)
    assert export(mode="changes").manifest.counts.updated == 3


def test_a_fault_leaves_no_file_and_is_recorded(warehouse, export, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("vitrina.exports.run.write_payload", fail)
    with pytest.raises(OSError, match="disk full"):
        export()
    folder = warehouse.exports / "crm" / "profiles"
    assert [path.name for path in folder.iterdir()].count(".work") == 0
    assert not list(folder.glob("0*"))
    assert attempts(warehouse) == [("failed", "OSError: disk full")]


def test_what_a_killed_export_left_is_cleaned_and_does_not_count(warehouse, export):
    export(mode="changes")
    folder = warehouse.exports / "crm" / "profiles"
    (folder / "000002_changes.parquet").write_text("no manifest: never valid")
    (folder / ".state" / "000002_changes.parquet").write_text("no manifest")
    (folder / ".work").mkdir()
    warehouse.publish([*DEFAULT_ROWS, (11, "Одиннадцатый", 1)])
    assert changed(export(mode="changes")) == [("insert", 11)]
    assert sorted(path.name for path in folder.glob("0*")) == [
        "000001_changes.manifest.json",
        "000001_changes.parquet",
        "000002_changes.manifest.json",
        "000002_changes.parquet",
    ]
    assert [path.name for path in (folder / ".state").glob("*.parquet")] == ["000002_changes.parquet"]


def test_two_exports_of_one_payload_do_not_run_together(warehouse, export):
    with PayloadFolder(warehouse.exports, spec()).exclusive(), pytest.raises(ExportIsRunning):
        export()


def test_old_files_are_removed_when_a_number_to_keep_is_set(warehouse, export):
    for number in range(4):
        warehouse.publish([*DEFAULT_ROWS, (100 + number, "x", 1)])
        export(keep_files=2)
    folder = warehouse.exports / "crm" / "profiles"
    assert len(list(folder.glob("*.parquet"))) == 2
    assert len(list(folder.glob("*.manifest.json"))) == 4


def test_an_export_takes_rows_through_the_reader_it_is_given_and_no_other_way(warehouse):
    """A reader with fewer rights gives an export with fewer rows."""

    class Limited:
        def cursor(self):
            cursor = warehouse.reader().cursor()
            whole = cursor.stream
            cursor.stream = lambda sql: whole(f"SELECT * FROM ({sql}) WHERE customer_id <= 3")
            return cursor

    assert run_export(spec(), Limited(), warehouse.exports, NOW).rows == 3


profiles = st.dictionaries(st.integers(1, 8), st.sampled_from(["Анна", "Oʻgʻil", "", "~", None, "1:~"]), min_size=1)


@settings(max_examples=8, deadline=None)
@given(steps=st.lists(profiles, min_size=1, max_size=4))
def test_a_consumer_that_applies_every_change_has_what_the_source_has(tmp_path_factory, steps):
    from export_source import Warehouse

    warehouse, copy = Warehouse(tmp_path_factory.mktemp("walk")), {}
    entry = spec(mode="changes", max_shrink_pct=100)
    for step in steps:
        warehouse.publish(list(step.items()), {"customer_id": "BIGINT", "full_name": "VARCHAR"})
        with warehouse.reader() as reader:
            result = run_export(entry, reader, warehouse.exports, NOW + dt.timedelta(days=1))
        for change, key, name in rows_of(result, "1"):
            if change == "delete":
                del copy[key]
            else:
                assert (change == "update") == (key in copy)
                copy[key] = name
        assert copy == step
