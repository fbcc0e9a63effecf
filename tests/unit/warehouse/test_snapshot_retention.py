"""Listing, checking, going back and sweeping; and a random walk over all of them."""

import datetime as dt
import json
import shutil
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from snapshot_builds import AS_OF, CATALOGUE, NOW, make_build

from vitrina.warehouse.publish import PublishRequest, publish
from vitrina.warehouse.reader import SnapshotReader
from vitrina.warehouse.retention import Retention, list_snapshots, rollback, sweep, verify
from vitrina.warehouse.store import NothingPublished, Store

LATER = NOW + dt.timedelta(days=400)


def test_snapshots_are_listed_newest_first_with_the_current_one_marked(published_dir, publish_build):
    assert list_snapshots(published_dir) == []
    publish_build()
    publish_build()
    listed = list_snapshots(published_dir)
    assert [(s.version, s.is_current, s.rows, s.tables) for s in listed] == [(2, True, 481, 5), (1, False, 481, 5)]


def test_rollback_moves_the_pointer_and_is_recorded_and_can_be_undone(published_dir, publish_build):
    publish_build()
    publish_build()
    rollback(published_dir, 1, NOW, "wrong tariffs")
    assert SnapshotReader(published_dir).version == 1
    assert [s.withdrawn for s in list_snapshots(published_dir)] == [True, False]
    rollback(published_dir, 2, NOW, "they were right")
    assert [s.withdrawn for s in list_snapshots(published_dir)] == [False, False]
    records = [json.loads(line) for line in (published_dir / "history.jsonl").read_text().splitlines()]
    assert [(r["action"], r["version"], r["reason"]) for r in records[2:]] == [
        ("rollback", 1, "wrong tariffs"),
        ("rollback", 2, "they were right"),
    ]


def test_after_a_rollback_the_next_publish_gets_a_new_number(published_dir, publish_build):
    publish_build()
    publish_build()
    rollback(published_dir, 1, NOW, "wrong tariffs")
    assert publish_build().version == 3
    assert SnapshotReader(published_dir).version == 3


def test_rollback_refuses_a_missing_the_same_or_a_damaged_version(published_dir, publish_build):
    publish_build()
    publish_build()
    with pytest.raises(NothingPublished, match="version 9"):
        rollback(published_dir, 9, NOW, "")
    with pytest.raises(ValueError, match="current one already"):
        rollback(published_dir, 2, NOW, "")
    (published_dir / "v000001" / "dim_customers.parquet").write_bytes(b"x")
    with pytest.raises(ValueError, match="damaged"):
        rollback(published_dir, 1, NOW, "")
    assert SnapshotReader(published_dir).version == 2


def test_verify_names_missing_changed_and_miscounted_files(published_dir, publish_build):
    manifest = publish_build().manifest
    (published_dir / "v000001" / "customer_profiles.parquet").unlink()
    shared = published_dir / manifest.tables["fct_usage"].months["2026-02"].path
    shared.write_bytes(shared.read_bytes()[:-1] + b"!")
    problems = verify(published_dir, 1)
    assert any("customer_profiles.parquet is missing" in p for p in problems)
    assert any("fct_usage/month=2026-02" in p and "not the file" in p for p in problems)
    assert len(problems) == 2


def test_sweep_keeps_the_newest_the_young_the_current_and_month_ends(build, published_dir):
    days = [
        dt.date(2026, 8, 31),
        dt.date(2026, 9, 29),
        dt.date(2026, 9, 30),
        *[dt.date(2026, 10, d) for d in (1, 2, 3)],
    ]
    for number, day in enumerate(days):
        request = PublishRequest(day, NOW + dt.timedelta(days=number))
        publish(build, published_dir, request, CATALOGUE)
    end = NOW + dt.timedelta(days=6)
    assert sweep(published_dir, Retention(1, 100), end).versions == ()
    assert sweep(published_dir, Retention(2, 1, keep_month_ends=2), end).versions == (1, 2, 4)
    rollback(published_dir, 3, end, "")
    assert sweep(published_dir, Retention(1, 0), LATER).versions == (5,)
    assert [s.version for s in list_snapshots(published_dir)] == [6, 3]


def test_sweep_removes_fact_files_only_when_no_kept_version_refers_to_them(build, published_dir, publish_build):
    first = publish_build().manifest
    with duckdb.connect(str(build)) as con:
        con.execute("UPDATE marts.fct_payments SET amount = 11 WHERE month(paid_at) = 2")
    publish_build()
    old = published_dir / first.tables["fct_payments"].months["2026-02"].path
    assert sweep(published_dir, Retention(2, 0), LATER).fact_files == 0
    assert old.exists()
    assert sweep(published_dir, Retention(1, 0), LATER).fact_files == 1
    assert not old.exists()
    assert verify(published_dir, 2) == []


def test_sweep_removes_what_killed_writers_left(published_dir, publish_build):
    publish_build()
    (published_dir / "v000002.tmp").mkdir()
    (published_dir / "v000003.trash").mkdir()
    shutil.copytree(published_dir / "v000001", published_dir / "v000004")  # renamed, but never pointed at
    (published_dir / "current.json.99.tmp").write_text("{")
    (published_dir / "facts" / "fct_usage" / "month=2026-01" / "writing.tmp").write_text("PAR1")
    (published_dir / "facts" / "fct_usage" / "month=2026-01" / ("0" * 32 + ".parquet")).write_text("orphan")
    swept = sweep(published_dir, Retention(), NOW)
    assert (swept.leftovers, swept.fact_files, swept.versions) == (5, 1, ())
    assert {path.name for path in published_dir.glob("v*")} == {"v000001"}
    assert verify(published_dir, 1) == []


def test_a_pointer_move_that_was_not_noted_is_noted_by_the_next_writer(published_dir, publish_build):
    publish_build()
    publish_build()
    history = published_dir / "history.jsonl"
    lines = history.read_text().splitlines()
    history.write_text(lines[0] + "\n" + lines[1][:20])  # killed in the middle of the note
    assert Store(published_dir).published_versions() == [1, 2]
    sweep(published_dir, Retention(), NOW)
    publish_build()
    assert [p.version for p in Store(published_dir).history()] == [1, 2, 3]


def test_a_lost_history_does_not_make_old_snapshots_orphans(published_dir, publish_build):
    publish_build()
    publish_build()
    (published_dir / "history.jsonl").unlink()
    sweep(published_dir, Retention(), NOW)
    assert [s.version for s in list_snapshots(published_dir)] == [2, 1]
    assert publish_build().version == 3


class Walk(RuleBasedStateMachine):
    """Publishes, changes, rolls back and sweeps in any order; every listed snapshot must keep its own content."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="vitrina-walk-"))
        self.root = self.home / "published"
        self.build = make_build(self.home / "build.duckdb", customers=10, months=3)
        self.expected: dict[int, list[tuple]] = {}
        self.current: int | None = None

    def teardown(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.home)

    @rule(month=st.integers(1, 3), amount=st.integers(0, 2))
    def change_month(self, month: int, amount: int) -> None:
        """A late payment; small amounts so that a month often returns to what it was."""
        with duckdb.connect(str(self.build)) as con:
            con.execute("UPDATE marts.fct_payments SET amount = ? WHERE month(paid_at) = ?", [amount, month])

    @rule()
    def publish(self) -> None:
        """The content now is the content of the new version for ever."""
        with duckdb.connect(str(self.build)) as con:
            content = con.execute("SELECT * FROM marts.fct_payments ORDER BY ALL").fetchall()
        version = publish(self.build, self.root, PublishRequest(AS_OF, NOW), CATALOGUE).version
        assert version > max(self.expected, default=0)
        self.expected[version], self.current = content, version

    @precondition(lambda self: self.current)
    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        """To any version on disk."""
        version = data.draw(st.sampled_from([s.version for s in list_snapshots(self.root)]))
        if version != self.current:
            rollback(self.root, version, NOW, "walk")
            self.current = version

    @rule(keep=st.integers(1, 3))
    def sweep(self, keep: int) -> None:
        """Remove old versions."""
        if self.current:
            sweep(self.root, Retention(keep, 0), LATER)

    @invariant()
    def every_snapshot_is_whole(self) -> None:
        """Listed versions have their files and the content of their publish; the pointer is among them."""
        listed = [s.version for s in list_snapshots(self.root)]
        assert (self.current in listed) if self.current else listed == []
        for version in listed:
            assert verify(self.root, version) == []
            with SnapshotReader.open(self.root, version=version) as reader, reader.cursor() as cursor:
                assert cursor.rows("SELECT * FROM fct_payments ORDER BY ALL") == self.expected[version]


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=5, stateful_step_count=8, deadline=None)
