"""`vitrina signals run` as real processes, killed at bad moments and two at once: no signal twice, and none lost."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from crm.database import Database, open_database
from crm.services.signals.keeper import SignalKeeper
from tests.unit.signal_runs.operator import NOW, OPTIONS, desk, publish_operator
from vitrina.settings import REPOSITORY, Settings
from vitrina.signal_runs import run
from vitrina.warehouse.reader import SnapshotReader

DAYS = 14
SIGNALS = "select rule_key, customer_id, day, last_day, state, times, owner_id from signals"


@pytest.fixture
def home(database: Database, tmp_path: Path) -> Path:
    """A home with the published operator and a desk that has never been run."""
    publish_operator(tmp_path / "published")
    desk(database)
    return tmp_path


def running(home: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "vitrina.cli", "signals", "run", "--home", str(home)]
    env = {**os.environ, "VITRINA_SIGNALS__HEAD_POSITIONS": "head", "VITRINA_SIGNALS__FIRST_DAYS": str(DAYS)}
    return subprocess.Popen(command, cwd=REPOSITORY, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def days(home: Path) -> int:
    """How many days are written down."""
    with sqlite3.connect(home / "state" / "crm.sqlite", timeout=30) as connection:
        return int(connection.execute("select count(*) from signal_runs").fetchone()[0])


def raised(home: Path) -> Counter[tuple[object, ...]]:
    with sqlite3.connect(home / "state" / "crm.sqlite") as connection:
        return Counter(connection.execute(SIGNALS).fetchall())


def test_killed_and_doubled_runs_end_where_an_undisturbed_one_does(home: Path, tmp_path: Path) -> None:
    calm = tmp_path / "calm"
    for part in ("published", "state"):
        shutil.copytree(home / part, calm / part)
    undisturbed(calm)
    with running(home) as victim:
        moment = random.randrange(1, DAYS // 2)  # noqa: S311
        while days(home) < moment and victim.poll() is None:
            time.sleep(0.01)
        victim.send_signal(signal.SIGKILL)
    # The kill landed in the middle of the work.
    assert 0 < days(home) < DAYS
    both = [running(home) for _ in range(2)]
    assert 0 in [each.wait(120) for each in both]
    assert raised(home) == raised(calm)
    assert days(home) == days(calm) == DAYS
    told = [published(each) for each in (home, calm)]
    assert told[0] == told[1] == Counter((key, customer, day) for key, customer, day, *_ in raised(calm).elements())


def test_what_was_written_down_before_a_kill_is_published_by_the_next_run(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(run, "publish_history", killed)
        with pytest.raises(KeyboardInterrupt):
            undisturbed(home)
    assert days(home) == DAYS
    undisturbed(home)
    assert published(home).total() == raised(home).total()


def undisturbed(home: Path) -> None:
    """A whole run in this process."""
    database = open_database(f"sqlite:///{home / 'state' / 'crm.sqlite'}")
    run.run_signals(
        Settings(home=home), SignalKeeper(database, OPTIONS.model_copy(update={"first_days": DAYS}), lambda: NOW), NOW
    )
    database.close()


def published(home: Path) -> Counter[tuple[object, ...]]:
    """The mart as readers see it."""
    with SnapshotReader.open(home / "published") as reader:
        rows = reader.query("select rule_key, customer_id, cast(signal_date as varchar) as day from signal_history")
    return Counter(tuple(row.values()) for row in rows.to_pylist())
