"""A run killed at any moment leaves nothing lost, doubled or half done: the next one completes it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest import health
from ingest.ledger import Ledger
from vitrina.settings import Settings

VICTIM = Path(__file__).with_name("ingest_victim.py")
REPOSITORY = Path(__file__).resolve().parents[2]
OWN = "_delivery_id, _loaded_at"
KILLS = 15


def _suffer(folder: Path, kills: int, seed: int = 0) -> int:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, VICTIM, folder, str(kills), str(seed)],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return int(done.stdout.split()[-1])


def _rows(folder: Path, kind: str, table: str, leave_out: str) -> list[tuple[Any, ...]]:
    files = f"{folder}/home/{kind}/shop__{table}/*.parquet"
    still = "where replayed_batch_id is null" if kind == "quarantine" else ""
    query = f"select * exclude ({leave_out}) from read_parquet('{files}', union_by_name = true) {still} order by all"
    return duckdb.connect().execute(query).fetchall()


@pytest.mark.slow
def test_runs_killed_at_random_file_operations_end_like_an_undisturbed_one(tmp_path: Path) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    assert _suffer(calm, 0) == 0
    assert _suffer(killed, KILLS, seed=3) > KILLS / 2, "too few of the runs were killed for the test to mean something"
    marks = "_delivery_id, quarantined_at, replayed_batch_id, row_text, violations"
    # pieces of a database extraction begin where the last whole one ended, so their names and lines may differ
    for kind, table, leave_out in (
        ("raw", "sale", OWN), ("raw", "client", OWN), ("raw", "order", f"{OWN}, _file, _line"),
        ("quarantine", "sale", marks), ("quarantine", "order", f"{marks}, _file, _line"),
    ):  # fmt: skip
        assert _rows(killed, kind, table, leave_out) == _rows(calm, kind, table, leave_out), (kind, table)
    _nothing_is_left_over(killed)


def _nothing_is_left_over(folder: Path) -> None:
    settings = Settings(home=folder / "home", sources_dir=folder / "sources", enabled_sources="shop")
    assert all(total["is_balanced"] for total in health.totals(settings))
    ledger = Ledger(settings.ledger_path)
    known = {row["delivery_id"] for row in ledger.rows("select delivery_id from deliveries where state <> 'duplicate'")}
    assert {path.name for path in (folder / "home" / "landing" / "shop").glob("*/*")} == known
    assert not ledger.rows("select * from deliveries where state = 'landed'")
    ledger.close()
    assert not list((folder / "home").rglob("*.tmp"))
