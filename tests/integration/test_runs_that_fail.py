"""Runs that stop or die: what was published stays in use, the reason is told, and the next run makes it good."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.crash_run import compare
from ingest import health
from simulator import generate
from tests.integration.operator_states import LATER
from tests.integration.whole_operator import UNTIL, reader, run, sources_of
from vitrina.runlock import AnotherRunIsAtWork
from vitrina.settings import REPOSITORY, Settings
from vitrina.warehouse.reader import NothingPublished

pytestmark = pytest.mark.slow


def test_a_failing_test_of_the_models_keeps_the_published_snapshot(
    offered_again: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.run import RunFailed

    home = shutil.copytree(offered_again, tmp_path / "home")
    project = shutil.copytree(REPOSITORY / "dbt_project", tmp_path / "dbt_project")
    (project / "tests" / "nobody_is_a_customer.sql").write_text(
        "select customer_id from {{ ref('customer_profiles') }}"
    )
    monkeypatch.setattr("vitrina.warehouse.build.PROJECT_DIR", project)
    before = reader(home)
    with pytest.raises(RunFailed, match="nobody_is_a_customer"):
        run(home)
    assert reader(home).version == before.version
    assert compare(offered_again, home) == {}


def test_an_operator_without_any_data_is_told_so_and_nothing_is_published(tmp_path: Path) -> None:
    from pipelines.run import RunFailed

    generate(tmp_path, customers=50, months=1, seed=1, until=UNTIL)
    shutil.rmtree(tmp_path / "inbox")
    for name in ("foris", "tax"):
        with sqlite3.connect(tmp_path / "simulator" / f"{name}.sqlite") as database:
            for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
                database.execute(f"delete from {table}")
    with pytest.raises(RunFailed, match="no customers"):
        run(tmp_path)
    with pytest.raises(NothingPublished):
        reader(tmp_path)
    assert {row["received"] for row in health.totals(Settings(home=tmp_path))} == {0}


def test_runs_killed_in_the_middle_leave_the_reader_whole_and_the_next_run_completes_them(
    ahead: Path, later: Path, tmp_path: Path
) -> None:
    """One kill while deliveries are taken in, one while the models are built; a second run is refused meanwhile."""
    home = shutil.copytree(ahead, tmp_path / "home")
    published = reader(home).version
    with sources_of(home) as variables:
        _killed_when(home, variables, lambda: _batches(home) > _batches(ahead) + 1, meanwhile=_refused)
        assert (reader(home).version, compare(ahead, home)) == (published, {})
        marts = home / "build" / "build.duckdb"
        before = marts.stat().st_mtime_ns
        _killed_when(home, variables, lambda: marts.stat().st_mtime_ns != before or _grows(home))
        assert (reader(home).version, compare(ahead, home)) == (published, {})
    run(home, LATER)
    assert compare(later, home) == {}
    totals = health.totals(Settings(home=home))
    assert all(total["is_balanced"] for total in totals)


def _batches(home: Path) -> int:
    with sqlite3.connect(f"file:{home / 'state' / 'ledger.sqlite'}?mode=ro", uri=True) as ledger:
        return ledger.execute("select count(*) from batches").fetchone()[0]


def _grows(home: Path) -> bool:
    log = home / "build" / "build.duckdb.wal"
    return log.exists() and log.stat().st_size > 0


def _refused(home: Path) -> None:
    with pytest.raises(AnotherRunIsAtWork, match="another run is at work"):
        run(home, LATER)


def _killed_when(
    home: Path, variables: dict[str, str], moment: Callable[[], bool], meanwhile: Callable[[Path], None] | None = None
) -> None:
    command = [sys.executable, "-m", "vitrina.cli", "run", "--home", str(home), "--as-of", LATER.isoformat()]
    log = (home / "killed.log").open("w")
    victim = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, **variables}, stdout=log, stderr=log,
                              start_new_session=True)  # fmt: skip
    try:
        while not moment():
            assert victim.poll() is None, (home / "killed.log").read_text()[-3000:]
            time.sleep(0.02)
        if meanwhile is not None:
            meanwhile(home)
        assert victim.poll() is None, "the run was over before it could be killed"
    finally:
        os.killpg(victim.pid, signal.SIGKILL) if victim.poll() is None else None
        victim.wait()
        log.close()
