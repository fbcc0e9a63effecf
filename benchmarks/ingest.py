"""Contract-checked ingestion against DuckDB's plain read-and-write of the same files, in one run.

    python -m benchmarks.ingest [--rows 150000] [--files 12] [--repeat 3]

Files are daily usage as the billing sends them (gzip, windows-1251, decimal comma) with a few bad rows in each. Plain
is `read_csv` → Parquet (zstd) of the same files with the same threads: once as one writes it first (types sniffed),
once with the types spelled out. Ingestion is everything: landing copies with hashes and syncs, the pass, references,
duplicates, quarantine, the ledger. Each is run `--repeat` times in processes of its own; the best counts. Processor
seconds are told beside the clock's, because they bear a busy machine.
"""

import argparse
import gzip
import json
import multiprocessing
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from data_contracts.loader import load_contract
from data_contracts.sql import literal
from ingest import run
from ingest.connectors.database import to_parquet
from ingest.landing import Origin, land_bytes
from ingest.workspace import open_workspace
from vitrina.settings import Settings

FIRST = date(2026, 1, 1)
HEADER = (
    "subscription_id;usage_date;voice_out_onnet_sec;voice_out_offnet_sec;voice_out_intl_sec;voice_in_sec;sms_out;data_mb;"
    "roaming_voice_sec;roaming_sms;roaming_data_mb;roaming_country;charge_amount"
)


def make_files(inbox: Path, files: int, rows: int) -> None:
    """Daily files of `rows` rows each, five of them bad."""
    folder = inbox / "foris" / "usage"
    folder.mkdir(parents=True)
    chance = np.random.default_rng(7)
    for number in range(files):
        day = FIRST + timedelta(days=number)
        values = chance.integers(0, 3000, (rows, 5))
        megabytes, money = chance.random(rows) * 900, np.where(chance.random(rows) < 0.1, chance.random(rows) * 9000, 0)
        abroad = chance.random(rows) < 0.005
        lines = [
            f"{n + 1};{day};{v[0]};{v[1]};0;{v[2]};{v[3] % 9};{megabytes[n]:.3f};"
            f"{v[4] % 60 if abroad[n] else 0};0;0.000;"
            f"{'Россия' if abroad[n] else ''};{money[n]:.2f}".replace(".", ",")
            for n, v in enumerate(values)
        ]
        lines[10], lines[20] = lines[10].replace(f"{day}", "2026-99-99"), lines[20] + ";1"
        lines[30], lines[40] = lines[29], f"{rows + 77}" + lines[40][lines[40].index(";") :]
        lines[50] = lines[50].replace(";0;", ";-5;", 1)
        text = "\n".join([HEADER, *lines]) + "\n"
        (folder / f"usage_{day:%Y%m%d}.csv.gz").write_bytes(gzip.compress(text.encode("cp1251"), 6, mtime=0))


def plain(settings: Settings, typed: bool) -> int:
    """DuckDB alone: read the files, write Parquet. Returns rows."""
    contract = load_contract(settings.sources_dir / "foris" / "usage.odcs.yaml")
    types = ", ".join(f"{literal(c.name)}: {literal(c.duckdb_type)}" for c in contract.columns)
    con = duckdb.connect(config={"memory_limit": settings.memory_limit, "threads": settings.threads})
    target = settings.home / "plain.parquet"
    con.execute(
        f"copy (from read_csv({literal(settings.inbox)} || '/foris/usage/*.csv.gz', delim = ';', header = true, "
        f"encoding = 'latin-1', decimal_separator = ',', ignore_errors = true"
        f"{f', auto_detect = false, columns = {{{types}}}' if typed else ''})) "
        f"to {literal(target)} (format parquet, compression zstd)"
    )
    return int(con.execute(f"select count(*) from {literal(target)}").fetchone()[0])  # type: ignore[index]


def checked(settings: Settings, rows: int) -> int:
    """The product's way, from the inbox to raw, quarantine and ledger. Returns accepted rows."""
    run.extract(settings, "foris", "usage")
    return run.load(settings, "foris", "usage").accepted_rows


def know_subscriptions(settings: Settings, rows: int) -> None:
    """Give the reference table rows, as an earlier batch would have."""
    with open_workspace(settings) as workspace:
        entity = workspace.entity("foris", "subscription")
        contract = workspace.contract(entity)
        good = (1, "+998901234567", "434050000000001", 1, "active", "2026-01-01", None, "2026-01-01 00:00:00")
        names = [
            "account_id",
            "msisdn",
            "imsi",
            "product_id",
            "status",
            "activated_date",
            "terminated_date",
            "updated_at",
        ]
        content = to_parquet(["subscription_id", *names], [(n + 1, *good) for n in range(rows)])
        land_bytes(workspace, entity, content, Origin("benchmark", "subscription.parquet", extra={"rows": rows}))
        _accept_as_it_is(workspace, entity, contract)


def _accept_as_it_is(workspace: Any, entity: Any, contract: Any) -> None:
    folder = workspace.raw(entity)
    folder.mkdir(parents=True)
    delivery = workspace.ledger.row("select * from deliveries")
    shutil.copy(workspace.landing(entity) / delivery["landed_path"], folder / "known.parquet")
    workspace.ledger.insert(
        "batches", batch_id="known", source="foris", entity="subscription", kind="load", raw_file="known.parquet",
        contract_version=contract.version, committed_at=workspace.now(), received_rows=0, accepted_rows=0,
        quarantined_rows=0,
    )  # fmt: skip
    workspace.ledger.update_delivery(delivery["delivery_id"], state="accepted")


def measure(work: Callable[..., int], *values: Any) -> dict[str, float]:
    """Seconds, peak megabytes and rows of `work`, in a process of its own."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def child() -> None:
        start, before = time.perf_counter(), time.process_time()
        rows = work(*values)
        seconds, cpu = time.perf_counter() - start, time.process_time() - before
        theirs.send((seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows))

    process = context.Process(target=child)
    process.start()
    seconds, cpu, megabytes, rows = ours.recv()
    process.join()
    return {"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "megabytes": round(megabytes), "rows": rows}


def once(files: int, rows: int, folder: Path) -> dict[str, dict[str, float]]:
    """One comparison on fresh folders with the same files."""
    settings = Settings(home=folder / "home", inbox=folder / "inbox", enabled_sources="foris")
    shutil.rmtree(settings.home, ignore_errors=True)
    settings.home.mkdir(parents=True)
    if not (folder / "inbox").exists():
        measure(lambda: make_files(folder / "inbox", files, rows) or 0)
    measure(lambda: know_subscriptions(settings, rows) or 0)
    return {
        "plain_typed": measure(plain, settings, True),
        "checked": measure(checked, settings, rows),
        "plain_sniffed": measure(plain, settings, False),
    }


def main() -> None:
    """Print the best times and the ratios as JSON."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=150_000)
    arguments.add_argument("--files", type=int, default=12)
    arguments.add_argument("--repeat", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = [once(given.files, given.rows, Path(folder)) for _ in range(given.repeat)]
    best = {name: {key: min(r[name][key] for r in runs) for key in runs[0][name]} for name in runs[0]}
    ratios = {
        f"checked / {name}, {unit}": round(best["checked"][unit] / best[name][unit], 2)
        for name in ("plain_typed", "plain_sniffed")
        for unit in ("seconds", "cpu_seconds")
    }
    print(json.dumps({"files": given.files, "rows_each": given.rows, **best, **ratios}, indent=2))


if __name__ == "__main__":
    main()
