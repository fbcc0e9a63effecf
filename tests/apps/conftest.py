"""A published snapshot and a ledger for the workspace, made once per test session."""

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.ledger import Ledger
from tests.apps.people import copy_accounts, make_people
from tests.apps.signal_home import make_signal_home
from vitrina.settings import get_settings

BAD_LINE = "2;2026-13-40;31201900000005"


@pytest.fixture(scope="session")
def small_home(small_published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home folder with one snapshot, three deliveries, and two quarantined rows of one file."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(small_published, home / "published")
    _fill_ledger(home)
    make_people(home)
    return home


@pytest.fixture
def use_home(monkeypatch: pytest.MonkeyPatch, small_home: Path) -> Iterator[Path]:
    """The workspace reads the small home."""
    yield from pointed_at(small_home, monkeypatch)


@pytest.fixture
def empty_home(monkeypatch: pytest.MonkeyPatch, small_home: Path, tmp_path: Path) -> Iterator[Path]:
    """The workspace of an installation that has never run; its accounts are there already."""
    copy_accounts(small_home, tmp_path)
    yield from pointed_at(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def signal_home(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of the module's own in which rules have raised signals."""
    return make_signal_home(small_home, tmp_path_factory.mktemp("signals"))


@pytest.fixture
def use_signal_home(signal_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The workspace reads the home with signals."""
    yield from pointed_at(signal_home, monkeypatch)


def pointed_at(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The workspace reads this home until the test is over."""
    monkeypatch.setenv("VITRINA_HOME", str(home))
    get_settings.cache_clear()
    yield home
    get_settings.cache_clear()


def _fill_ledger(home: Path) -> None:
    landed = home / "landing" / "foris" / "usage" / "d1"
    landed.mkdir(parents=True)
    lines = ["subscription_id;usage_date;note", "1;2026-11-01;x", BAD_LINE, "3;2026-11-01;y", "2;2026-11-01;x"]
    (landed / "usage_20261101.csv.gz").write_bytes(gzip.compress("\n".join(lines).encode("cp1251")))
    ledger = Ledger(home / "state" / "ledger.sqlite")
    common = {"source": "foris", "entity": "usage", "kind": "files", "sha256": "0" * 64, "size_bytes": 2048}
    for number, state in enumerate(("partially_accepted", "duplicate", "rejected"), 1):
        ledger.insert(
            "deliveries", **common, delivery_id=f"d{number}", uri=f"usage_2026110{number}.csv.gz", state=state,
            file_name=f"usage_2026110{number}.csv.gz", landed_path=f"d{number}/usage_2026110{number}.csv.gz",
            received_at=f"2026-11-2{number}T05:00:00.000000+00:00", received_rows=4, accepted_rows=2,
            quarantined_rows=2, reason="columns_missing" if state == "rejected" else None,
            reason_values={"columns": "data_mb"} if state == "rejected" else {}, contract_version="1.0.0",
        )  # fmt: skip
    ledger.insert(
        "batches", batch_id="b1", source="foris", entity="usage", kind="load", contract_version="1.0.0",
        committed_at="2026-11-21T05:01:00+00:00", received_rows=4, accepted_rows=2, quarantined_rows=2,
        quarantine_file="b1.parquet",
    )  # fmt: skip
    ledger.warn("foris", "usage", "columns_added", {"columns": "extra"}, "2026-11-21T05:01:00+00:00")
    ledger.insert("runs", source="foris", entity="usage", stage="load", started_at="2026-11-21T05:00:00+00:00",
                  finished_at="2026-11-21T05:00:02+00:00", outcome="ok")  # fmt: skip
    ledger.insert("check_results", subject="dim_customers", check_name="unique_customer_id", passed=0, severity="error",
                  details={"rows": 1}, checked_at="2026-11-21T05:02:00+00:00")  # fmt: skip
    ledger.close()
    _write_quarantine(home / "quarantine" / "foris__usage" / "b1.parquet")


def _write_quarantine(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute(
            f"""copy (select 'd1' as _delivery_id, 'usage_20261101.csv.gz' as _file, line as _line, field, value, rule,
                  message_key, '1.0.0' as contract_version, row_text, timestamp '2026-11-21 05:01:00' as quarantined_at,
                  null::varchar as replayed_batch_id
                from (values
                  (3, 'usage_date', '2026-13-40', 'usage_date.type', 'row.type.date', '{BAD_LINE}'),
                  (5, 'subscription_id', '2', 'foris__usage.unique', 'batch.unique', '2;2026-11-01;x')
                ) as bad(line, field, value, rule, message_key, row_text)) to '{path}' (format parquet)"""
        )
