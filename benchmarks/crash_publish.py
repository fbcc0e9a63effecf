"""Kill -9 a publisher at random moments while readers join two marts and a fact.

    python -m benchmarks.crash_publish --seconds 120 [--seed 1] [--json]

Every build carries one generation number in all tables, so a reader that ever saw a mixture, an older state after a
newer one, or nothing at all would notice. Exit status 1 when anything was seen or left that must not be.
"""

import argparse
import datetime as dt
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import duckdb

from vitrina.warehouse.marts import MartCatalogue, MartSpec
from vitrina.warehouse.publish import PublishRequest, publish
from vitrina.warehouse.reader import SnapshotReader
from vitrina.warehouse.retention import Retention, list_snapshots, sweep, verify
from vitrina.warehouse.store import NothingPublished, Store

CATALOGUE = MartCatalogue(
    {
        "dim_customers": MartSpec("dim_customers", ("customer_id",), ("customer_id",), None, required=True),
        "customer_profiles": MartSpec("customer_profiles", ("customer_id",), ("customer_id", "msisdn"), required=True),
        "fct_payments": MartSpec("fct_payments", ("customer_id",), month_column="month"),
    }
)
CUSTOMERS = 5_000
LEAST_KILLS = 5
MOST_KILLS = 60  # without one in mid-write by then something is wrong with the moments of killing
KEEP = Retention(keep_versions=3, keep_days=0)
LOOK = """
    SELECT count(*), min(d.generation), max(d.generation), min(p.generation), max(p.generation),
           (SELECT max(generation) FROM fct_payments), (SELECT count(*) FROM fct_payments)
    FROM dim_customers AS d JOIN customer_profiles AS p USING (customer_id)
"""


@dataclass
class Outcome:
    """What happened; the lists must stay empty."""

    kills: int = 0
    kills_in_mid_write: int = 0
    published: int = 0
    reads: int = 0
    torn_reads: list[str] = field(default_factory=list)
    reader_errors: list[str] = field(default_factory=list)
    pointer_faults: list[str] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Nothing was seen or left that must not be, and the harness really killed and read."""
        faults = (self.torn_reads, self.reader_errors, self.pointer_faults, self.left_behind, self.damaged)
        return not any(faults) and self.kills > 0 and self.published > 0 and self.reads > 0


def build_generation(path: Path, generation: int) -> None:
    """A build whose every table carries the generation; only the last month of the fact differs from the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE SCHEMA marts")
        con.execute(
            f"CREATE TABLE marts.dim_customers AS SELECT range AS customer_id, {generation} AS generation,"
            f" md5(range::VARCHAR) AS name FROM range({CUSTOMERS})"
        )
        con.execute(
            "CREATE TABLE marts.customer_profiles AS SELECT customer_id, generation, '+998' || customer_id AS msisdn"
            " FROM marts.dim_customers ORDER BY hash(customer_id)"
        )
        con.execute(
            "CREATE TABLE marts.fct_payments AS SELECT range AS customer_id, DATE '2026-01-01' AS month, 0 AS"
            f" generation FROM range({CUSTOMERS}) UNION ALL SELECT range, DATE '2026-02-01', {generation}"
            f" FROM range({CUSTOMERS})"
        )


def write_for_ever(home: Path) -> None:
    """Build, publish, sweep, again and again, until killed."""
    build = home / "build" / f"{os.getpid()}.duckdb"
    while True:
        publish_once(home, build)
        sweep(home / "published", KEEP, dt.datetime.now(dt.UTC))


def publish_once(home: Path, build: Path) -> None:
    """One generation, numbered by the clock so that later ones are larger."""
    build_generation(build, time.time_ns())
    request = PublishRequest(dt.date(2026, 2, 28), dt.datetime.now(dt.UTC))
    publish(build, home / "published", request, CATALOGUE)


def read_for_ever(home: Path, reads: "Synchronized[int]", faults: Any) -> None:
    """Look at the snapshot until killed; say what is wrong."""
    reader, last = None, 0
    while True:
        try:
            reader = reader or SnapshotReader(home / "published")
            reader.refresh()
            with reader.cursor() as cursor:
                seen = cursor.rows(LOOK)[0]
        except NothingPublished:
            if reader is None:
                continue
            faults.put(("error", "the snapshot went missing"))
            continue
        except Exception as error:
            faults.put(("error", repr(error)))
            continue
        if seen[0] != CUSTOMERS or seen[6] != 2 * CUSTOMERS or len(set(seen[1:6])) != 1 or seen[1] < last:
            faults.put(("torn", repr((last, seen))))
        last = seen[1]
        with reads.get_lock():
            reads.value += 1


def run(home: Path, seconds: float, seed: int, readers: int = 2) -> Outcome:
    """The whole experiment in `home`, an empty directory."""
    chance, outcome = random.Random(seed), Outcome()  # noqa: S311 - only moments of killing
    context = multiprocessing.get_context("fork")
    reads, faults = context.Value("q", 0), context.Queue()
    pace = undisturbed(context, home)
    watchers = [context.Process(target=read_for_ever, args=(home, reads, faults), daemon=True) for _ in range(readers)]
    for watcher in watchers:
        watcher.start()
    end = time.monotonic() + seconds
    while (
        time.monotonic() < end
        or outcome.kills < LEAST_KILLS
        or (not outcome.kills_in_mid_write and outcome.kills < MOST_KILLS)
    ):
        writer = context.Process(target=write_for_ever, args=(home,), daemon=True)
        writer.start()
        time.sleep(chance.uniform(0.05, 3) * pace)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        outcome.kills += 1
        inspect(home / "published", outcome)
    while not faults.empty():
        kind, what = faults.get()
        (outcome.torn_reads if kind == "torn" else outcome.reader_errors).append(what)
    outcome.reads = reads.value
    for watcher in watchers:
        watcher.kill()
        watcher.join()
    finish(home, outcome)
    return outcome


def undisturbed(context: Any, home: Path) -> float:
    """One publish that nobody kills; returns its seconds, so that kills fall within publishes on a busy machine too."""
    started = time.monotonic()
    first = context.Process(target=publish_once, args=(home, home / "build" / "first.duckdb"))
    first.start()
    first.join()
    return time.monotonic() - started


def inspect(published_dir: Path, outcome: Outcome) -> None:
    """After a kill: was something half-written, and does the pointer name a complete version?"""
    store = Store(published_dir)
    patterns = ("*.tmp", "*.trash", "facts/*/*/*.tmp")
    outcome.kills_in_mid_write += any(any(published_dir.glob(pattern)) for pattern in patterns)
    try:
        manifest = store.manifest(store.pointer().version)
        missing = [file.path for file in manifest.files if not (published_dir / file.path).exists()]
        outcome.pointer_faults += [f"version {manifest.version} lacks {path}" for path in missing]
    except NothingPublished:
        if store.directories() and store.pointer_path.exists():
            outcome.pointer_faults.append("the pointer names a version that is not there")
    except Exception as error:
        outcome.pointer_faults.append(repr(error))


def finish(home: Path, outcome: Outcome) -> None:
    """An undisturbed publish and sweep afterwards must leave nothing but whole snapshots."""
    published_dir = home / "published"
    publish_once(home, home / "build" / "last.duckdb")
    sweep(published_dir, KEEP, dt.datetime.now(dt.UTC))
    snapshots = list_snapshots(published_dir)
    outcome.published = len(Store(published_dir).history())
    outcome.damaged = [problem for info in snapshots for problem in verify(published_dir, info.version)]
    store = Store(published_dir)
    kept = {published_dir / file.path for info in snapshots for file in store.manifest(info.version).files}
    kept |= {store.directory(info.version) / "manifest.json" for info in snapshots}
    kept |= {published_dir / name for name in (".lock", "current.json", "history.jsonl")}
    outcome.left_behind = [str(path) for path in published_dir.rglob("*") if path.is_file() and path not in kept]


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vitrina-crash-") as home:
        outcome = run(Path(home), options.seconds, options.seed)
    if options.json:
        print(json.dumps(asdict(outcome)))
    else:
        for name, value in asdict(outcome).items():
            print(f"{name:20} {value if isinstance(value, int) else len(value)}")
            for line in value[:5] if isinstance(value, list) else []:
                print(f"{'':20} {line}")
        print("sound" if outcome.sound else "NOT SOUND")
    return 0 if outcome.sound else 1


if __name__ == "__main__":
    sys.exit(main())
