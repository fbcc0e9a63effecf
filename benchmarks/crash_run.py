"""Kill -9 at random moments of whole runs: `make crash-test`.

One operator is simulated into two homes. One is run undisturbed. In the other every run is killed after a random
time, until one is let through; meanwhile a reader process opens the snapshot again and again. At the end both
homes must hold the same rows in every mart, and the reader must never have seen a mixed or missing one.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import duckdb

from simulator import advance, generate
from simulator.tax_server import serving
from vitrina.warehouse.reader import NothingPublished, SnapshotReader

READER = """
import sys, time
from pathlib import Path
from vitrina.warehouse.reader import NothingPublished, SnapshotReader
reads = 0
while not Path(sys.argv[2]).exists():
    try:
        reader = SnapshotReader(Path(sys.argv[1]))
    except NothingPublished:
        time.sleep(0.05)
        continue
    # Two tables that are built in one run and must always agree.
    row = reader.query(
        "select (select count(*) from dim_customers), (select count(*) from customer_profiles),"
        " (select round(sum(amount), 2) from fct_payments) is not null").to_pylist()[0]
    a, b, c = row.values()
    assert a == b and c, f"mixed snapshot: {row}"
    reads += 1
    time.sleep(0.02)
print(reads)
"""


def main() -> int:
    """Run the crash test; exit status 1 when anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1500)
    parser.add_argument("--months", type=int, default=6)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    calm, stormy = options.folder / "calm", options.folder / "stormy"
    until = date(2026, 9, 27)
    for home in (calm, stormy):
        generate(home, options.customers, options.months, 3, until=until)
    chance = random.Random(options.seed)  # noqa: S311 - moments of kills, no secret
    _undisturbed(calm, until)
    _undisturbed(stormy, until)
    for home in (calm, stormy):
        advance(home, 5)
    until = date(2026, 10, 2)
    seconds = _undisturbed(calm, until)
    kills, reads = _storm(stormy, until, options.kills, seconds, chance)
    differing = compare(calm, stormy)
    print(f"kills {kills}, consistent reads meanwhile {reads}, marts unlike the undisturbed run: {len(differing)}")
    for name, detail in differing.items():
        print(f"  {name}: {detail}")
    return 1 if differing else 0


def compare(one: Path, other: Path) -> dict[str, str]:
    """Marts whose rows differ between the current snapshots of two homes; row order does not count."""
    left, right = SnapshotReader(one / "published"), SnapshotReader(other / "published")
    differing = {}
    for name in sorted(set(left.manifest.tables) | set(right.manifest.tables)):
        try:
            a, b = fingerprint(left, name), fingerprint(right, name)
        except duckdb.CatalogException as error:
            differing[name] = f"missing: {error}"
            continue
        if a != b:
            differing[name] = f"{a} against {b}"
    return differing


OF_THE_RUN = ("loaded_at", "delivery_id", "trained_at", "promoted_at")


def fingerprint(reader: SnapshotReader, table: str) -> tuple[int, str]:
    """Row count and an order-free hash of all rows, without the columns that say when a row was loaded."""
    columns = [c.name for c in reader.manifest.tables[table].columns if not c.name.endswith(OF_THE_RUN)]
    listed = ", ".join(f'"{c}"' for c in columns)
    row = reader.query(f'select count(*) as n, sum(hash({listed})::hugeint)::varchar as h from "{table}"').to_pylist()[
        0
    ]
    return row["n"], row["h"]


def _storm(home: Path, until: date, kills: int, usual: float, chance: random.Random) -> tuple[int, int]:
    stop = home / "stop_reading"
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(home / "published"), str(stop)], stdout=subprocess.PIPE, text=True
    )
    killed = 0
    for _ in range(3 * kills):
        if killed == kills:
            break
        began = time.monotonic()
        with _environment(home) as env:
            run = subprocess.Popen(
                _command(home, until),
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                run.wait(timeout=chance.uniform(1.0, max(0.95 * usual, 3.0)))
                # It was through before its time: a run that finds less to do, or a machine that got faster.
                usual = time.monotonic() - began
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
                killed += 1
    _undisturbed(home, until)
    stop.touch()
    out, _ = reader.communicate(timeout=60)
    if reader.returncode:
        raise SystemExit("the reader saw a mixed or missing snapshot")
    return killed, int(out.strip())


def _undisturbed(home: Path, until: date) -> float:
    started = time.monotonic()
    with _environment(home) as env:
        subprocess.run(_command(home, until), env=env, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def _command(home: Path, until: date) -> list[str]:
    return [sys.executable, "-m", "vitrina.cli", "run", "--home", str(home), "--as-of", until.isoformat()]


class _environment(ExitStack):  # noqa: N801 - reads as a function
    """The environment of a run with the tax portal serving."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._home = home

    def __enter__(self) -> dict[str, str]:  # type: ignore[override]
        portal = self.enter_context(serving(self._home))
        return {**os.environ, **portal, "VITRINA_FORIS_URL": f"sqlite:///{self._home / 'simulator' / 'foris.sqlite'}"}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NothingPublished as error:
        sys.exit(str(error))
