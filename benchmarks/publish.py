"""What a publish, a read and an export cost: 300k customers x 120 attributes and 12 months of a fact.

    python -m benchmarks.publish [--customers 300000] [--months 12] [--fact-rows 1000000]

Read the ratios of CPU seconds: wall time depends on who else is at work. `plain` is DuckDB's own copy of the same
tables to one file and Parquet, without sorting, keys, hashes, sync or history.
"""

import argparse
import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from vitrina.exports import ExportSpec, run_export
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.marts import MartCatalogue, MartSpec
from vitrina.warehouse.publish import Published, PublishRequest, publish
from vitrina.warehouse.reader import SnapshotReader

CATALOGUE = MartCatalogue(
    {
        "customer_profiles": MartSpec("customer_profiles", ("customer_id",), ("customer_id", "msisdn")),
        "fct_usage": MartSpec("fct_usage", ("customer_id",), month_column="usage_date"),
    }
)
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
RESOURCES = Resources(memory_limit="4GB", threads=2)


def make_build(path: Path, customers: int, months: int, fact_rows: int) -> None:
    """Profiles of 120 columns in no order, and a fact of `fact_rows` rows a month."""
    whole = [f"(hash(range + {n}) % 1000)::INTEGER AS count_{n}" for n in range(60)]
    money = [f"((hash(range * {n}) % 1000000) / 100)::DECIMAL(18, 2) AS amount_{n}" for n in range(1, 41)]
    codes = [f"'code_' || (hash(range + {n}) % 50) AS code_{n}" for n in range(18)]
    msisdn = "'+99890' || lpad(range::VARCHAR, 7, '0') AS msisdn"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE SCHEMA marts")
        columns = ", ".join(["range + 1 AS customer_id", msisdn, *whole, *money, *codes])
        con.execute(
            f"CREATE TABLE marts.customer_profiles AS SELECT {columns} FROM range({customers}) ORDER BY hash(range)"
        )
        con.execute(
            "CREATE TABLE marts.fct_usage AS SELECT hash(r.range) % 300000 AS customer_id, (DATE '2026-01-01' +"
            " INTERVAL (m.range) MONTH + INTERVAL (r.range % 28) DAY)::DATE AS usage_date, r.range % 3600 AS seconds,"
            " ((hash(r.range) % 100000) / 100)::DECIMAL(18, 3) AS data_mb"
            f" FROM range({months}) AS m, range({fact_rows}) AS r ORDER BY m.range"
        )


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and seconds of all threads on the processors."""

    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.wall:7.2f} s wall {self.processor:7.2f} s CPU"


@contextmanager
def timed(results: dict[str, Cost], name: str) -> Iterator[None]:
    """What the block took, under `name`."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    results[name] = Cost(time.perf_counter() - wall, time.process_time() - processor)


def plain_copy(build: Path, target: Path) -> None:
    """The least that any publish would have to do."""
    target.mkdir()
    with duckdb.connect(str(build)) as con:
        RESOURCES.apply(con)
        con.execute(f"ATTACH '{target}/plain.duckdb' AS plain")
        con.execute("CREATE TABLE plain.customer_profiles AS SELECT * FROM marts.customer_profiles")
        for table in ("customer_profiles", "fct_usage"):
            con.execute(f"COPY marts.{table} TO '{target}/{table}.parquet' (FORMAT parquet, COMPRESSION zstd)")
        con.execute("DETACH plain")


def change(build: Path, *statements: str) -> None:
    """A later run's build."""
    with duckdb.connect(str(build)) as con:
        for statement in statements:
            con.execute(statement)


def median_ms(action: Callable[[], object], times: int = 15) -> float:
    """Median of repeated calls after one warm-up."""
    action()
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        spent.append(1000 * (time.perf_counter() - started))
    return statistics.median(spent)


def publishes(home: Path, results: dict[str, Cost]) -> None:
    """Everything new; nothing changed; one month changed, found by content and named by the caller."""
    build = home / "build.duckdb"

    def run(name: str, changed_months: list[str] | None = None) -> Published:
        with timed(results, name):
            request = PublishRequest(dt.date(2026, 12, 31), NOW, changed_months)
            done = publish(build, home / "published", request, CATALOGUE, RESOURCES)
        written = len(done.months_written["fct_usage"])
        phases = ", ".join(f"{phase} {seconds:.2f}" for phase, seconds in done.seconds.items())
        print(f"{name:46} {results[name]}   months written {written:2}, kept {done.months_kept:2} ({phases})")
        return done

    run("publish, all 12 months new")
    run("publish, nothing changed, every month compared")
    update = "UPDATE marts.fct_usage SET seconds = seconds + {} WHERE usage_date = DATE '2026-06-15'"
    change(build, update.format(1))
    run("publish, 1 month changed, every month compared")
    change(build, update.format(1))
    run("publish, 1 month changed, named by the caller", ["2026-06"])


def reads(home: Path, customers: int) -> None:
    """What opening, refreshing and the usual questions take."""
    published = home / "published"
    with SnapshotReader(published, RESOURCES) as reader, reader.cursor() as cursor:
        one, phone = customers // 2, f"+99890{customers // 3:07d}"
        three = "count_1 > 500 AND amount_3 < 5000 AND code_2 = 'code_7'"
        questions: dict[str, Callable[[], object]] = {
            "open a reader": lambda: SnapshotReader(published, RESOURCES).close(),
            "refresh, pointer not moved": reader.refresh,
            "cursor, opened and closed": lambda: reader.cursor().close(),
            "count by 3 predicates": lambda: cursor.rows(f"SELECT count(*) FROM customer_profiles WHERE {three}"),
            "profile by customer, 120 columns": lambda: cursor.rows(
                "SELECT * FROM customer_profiles WHERE customer_id = ?", [one]
            ),
            "profile by phone number": lambda: cursor.rows("SELECT * FROM customer_profiles WHERE msisdn = ?", [phone]),
            "one customer's 12 months of the fact": lambda: cursor.rows(
                "SELECT * FROM fct_usage WHERE customer_id = ?", [one]
            ),
            "fact summed by month": lambda: cursor.rows(
                "SELECT date_trunc('month', usage_date), sum(data_mb) FROM fct_usage GROUP BY 1"
            ),
        }
        for name, question in questions.items():
            print(f"{name:46} {median_ms(question):7.2f} ms")


def exports(home: Path, results: dict[str, Cost]) -> None:
    """Full Parquet, full CSV in a one-byte encoding, and what changed for 1 % of the customers."""
    entry = {"destination": "bench", "table": "customer_profiles", "key": ("customer_id",)}
    cyrillic = {"format": "csv", "encoding": "windows-1251", "delimiter": ";", "decimal": ","}
    specs = [
        ExportSpec(payload="parquet", **entry),
        ExportSpec(payload="csv", **entry, **cyrillic),
        ExportSpec(payload="changes", mode="changes", **entry, **cyrillic),
    ]

    def run(spec: ExportSpec, name: str) -> None:
        with timed(results, name), SnapshotReader(home / "published", RESOURCES) as reader:
            done = run_export(spec, reader, home / "exports", NOW, resources=RESOURCES)
        print(f"{name:46} {results[name]}   {done.rows} rows, {done.manifest.bytes / 1e6:.0f} MB")

    for spec in specs:
        run(spec, f"export {spec.payload}, first")
    change(home / "build.duckdb", "UPDATE marts.customer_profiles SET count_1 = 0 WHERE customer_id % 100 = 0")
    request = PublishRequest(dt.date(2027, 1, 1), NOW)
    publish(home / "build.duckdb", home / "published", request, CATALOGUE, RESOURCES)
    run(specs[2], "export changes, 1 % of the rows")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=300_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--fact-rows", type=int, default=1_000_000, help="per month")
    options = parser.parse_args()
    results: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory(prefix="vitrina-publish-") as folder:
        home = Path(folder)
        make_build(home / "build.duckdb", options.customers, options.months, options.fact_rows)
        with timed(results, "plain"):
            plain_copy(home / "build.duckdb", home / "plain")
        print(f"{'plain copy of the same tables':46} {results['plain']}")
        publishes(home, results)
        first, last = results["publish, all 12 months new"], results["publish, 1 month changed, every month compared"]
        ratios = first.processor / results["plain"].processor, last.processor / first.processor
        print("CPU: full publish / plain copy {:.2f}; one month changed / full {:.2f}".format(*ratios))
        reads(home, options.customers)
        exports(home, results)


if __name__ == "__main__":
    main()
