"""What the models cost: `make bench-build`. Ratios against the same SQL run by hand as one DuckDB script.

For every size: a full build through dbt (month by month, tested, contracts enforced), the same compiled SQL run by hand
in one DuckDB connection (all months in one pass wherever the SQL can, no tests, no contracts, no memory limit), and a
build after one more day of deliveries. Every table made by hand must have as many rows as the built one. Identity
resolution runs between the models in the build and is the same step for both, so it has a column of its own. Prints
seconds, ratios, peak memory.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb

from benchmarks.memory import peak_of
from simulator import advance, generate
from simulator.tax_server import Moods, serving
from vitrina.settings import Settings

# A day in the middle of a month, as most days are: on the last one a month of the history is built as well.
UNTIL = date(2026, 10, 14)
MONTH_END = UNTIL.replace(day=31)
CALM = Moods(refuse_every=0, fail_every=0, slow_every=0)


def main() -> None:
    """Measure the sizes asked for and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--customers", type=int, nargs="+", default=[5_000, 20_000])
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--daily-months", type=int, default=None)
    parser.add_argument("--stage", choices=["all", "full", "hand", "delta"], default="all", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage != "all":
        _stage(options.stage, options.folder)
        return
    titles = ("customers", "full s", "hand s", "ratio", "CPU ratio", "delta s", "delta %", "CPU %", "identity s",
              "peak GB", "hand GB")  # fmt: skip
    print(" ".join(f"{title:>10}" for title in titles))
    for size in options.customers:
        _size(options.folder / str(size), size, options.months, options.daily_months)


def _size(home: Path, customers: int, months: int, daily_months: int | None) -> None:
    if not (home / "simulator" / "state.json").exists():
        generate(home, customers, months, 7, until=UNTIL, daily_months=daily_months, defects=False)
    _ingest(home)
    full, full_memory = _measured("full", home)
    hand, hand_memory = _measured("hand", home)
    # Publish-and-delta as the pipeline does it: what changed since the full build.
    advance(home, 1)
    (home / "since.json").write_text(json.dumps(_last_batch(home)))
    _ingest(home)
    delta, _ = _measured("delta", home)
    figures = (full.seconds, hand.seconds, full.seconds / hand.seconds, full.processor / hand.processor, delta.seconds,
               100 * delta.seconds / full.seconds, 100 * delta.processor / full.processor, full.identity,
               full_memory, hand_memory)  # fmt: skip
    print(" ".join([f"{customers:>10,}", *(f"{figure:>10.2f}" for figure in figures)]), flush=True)


class Cost(NamedTuple):
    """What the models of a stage took, on the clock and of the processor, and identity resolution between them."""

    seconds: float
    processor: float
    identity: float = 0.0


def _measured(stage: str, home: Path) -> tuple[Cost, float]:
    """Cost and peak resident GB of a stage in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.build", "--folder", str(home), "--stage", stage]
    memory, output = peak_of(command)
    return Cost(*(float(figure) for figure in output.strip().splitlines()[-1].split())), memory


def _stage(stage: str, home: Path) -> None:
    stages: dict[str, Callable[[Path], Cost]] = {"full": _full, "hand": _by_hand, "delta": _delta}
    print(*stages[stage](home))


def _full(home: Path) -> Cost:
    settings = Settings(home=home)
    settings.build_path.unlink(missing_ok=True)
    return _build(settings, "all", UNTIL)


def _delta(home: Path) -> Cost:
    from ingest.run import changed_months

    settings = Settings(home=home)
    since = json.loads((home / "since.json").read_text())
    return _build(settings, changed_months(settings, since_batch=since), UNTIL + timedelta(days=1))


def _build(settings: Settings, months: list[str] | str, as_of: date) -> Cost:
    from dbt.cli.main import dbtRunner  # noqa: F401 - the import is start-up, not building

    from parties import resolve
    from vitrina.warehouse.build import parse_project, run_dbt

    parse_project(settings, as_of)
    started, spent = time.perf_counter(), time.process_time()
    run_dbt(settings, as_of, months, select="+int_party_records")
    resolving, spent_resolving = time.perf_counter(), time.process_time()
    with duckdb.connect(str(settings.build_path)) as connection:
        resolve(connection, records_table="intermediate.int_party_records", into_schema="resolved")
    identity, identity_spent = time.perf_counter() - resolving, time.process_time() - spent_resolving
    run_dbt(settings, as_of, months, exclude="+int_party_records")
    with duckdb.connect(str(settings.build_path)) as connection:
        connection.execute("checkpoint")
    seconds, processor = time.perf_counter() - started, time.process_time() - spent
    return Cost(seconds - identity, processor - identity_spent, identity)


def _by_hand(home: Path) -> Cost:
    """The compiled SQL of every model in one script."""
    settings = Settings(home=home)
    target = settings.build_path.parent / "target"
    models = _in_order(json.loads((target / "manifest.json").read_text()))
    con = _script(home, settings)
    started, spent = time.perf_counter(), time.process_time()
    for node in models:
        sql = (target / "compiled" / "vitrina" / node["original_file_path"]).read_text().replace('"build".', "")
        con.execute(f"create schema if not exists {node['schema']}")
        if node["config"].get("batch_rows") == -1:
            _month_after_month(con, node, sql)
            continue
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        con.execute(f"set variable month_start = date '1990-01-01'; set variable month_end = date '{MONTH_END}'")
        con.execute(f'create {kind} {node["schema"]}."{node["name"]}" as {sql}')
    con.execute("checkpoint")
    cost = Cost(time.perf_counter() - started, time.process_time() - spent)
    _must_be_equal(con, settings, models)
    return cost


def _script(home: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """A database of its own, with what the models read besides raw files."""
    script = home / "by_hand.duckdb"
    script.unlink(missing_ok=True)
    con = duckdb.connect(str(script))
    con.execute(f"set threads = {settings.threads}; set preserve_insertion_order = false")
    con.execute(f"set temp_directory = '{home / 'spill'}'")
    con.execute(f"attach '{settings.build_path}' as built (read_only)")
    for schema in ("resolved", "build_state"):
        con.execute(f"create schema {schema}")
        for (name,) in con.execute(
            f"select table_name from duckdb_tables() where database_name = 'built' and schema_name = '{schema}'"
        ).fetchall():
            con.execute(f"create table {schema}.{name} as from built.{schema}.{name}")
    con.execute("detach built")
    con.execute(f"set variable as_of = date '{UNTIL}'")
    return con


def _month_after_month(con: duckdb.DuckDBPyConnection, node: dict, sql: str) -> None:
    """What is stated for one date only has to be run for every month also by hand."""
    table = f'{node["schema"]}."{node["name"]}"'
    wanted = """select cast(m as date), last_day(cast(m as date)) from generate_series(
        (select min(month) from intermediate.int_customer_months), getvariable('as_of'), interval 1 month) as s(m)"""
    for number, (first, last) in enumerate(con.execute(wanted).fetchall()):
        con.execute(f"set variable month_start = date '{first}'; set variable month_end = date '{last}'")
        con.execute(f"insert into {table} {sql}" if number else f"create table {table} as {sql}")


def _must_be_equal(con: duckdb.DuckDBPyConnection, settings: Settings, models: list[dict]) -> None:
    con.execute(f"attach '{settings.build_path}' as built (read_only)")
    for node in models:
        table = f'{node["schema"]}."{node["name"]}"'
        if node["config"]["materialized"] != "view":
            here, there = con.execute(
                f"select (select count(*) from {table}), (select count(*) from built.{table})"
            ).fetchone()
            assert here == there, f"{table}: {here} rows by hand, {there} built"


def _in_order(manifest: dict) -> list[dict]:
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    ordered: dict[str, dict] = {}

    def visit(key: str) -> None:
        if key in nodes and key not in ordered:
            for parent in nodes[key]["depends_on"]["nodes"]:
                visit(parent)
            ordered[key] = nodes[key]

    for key in sorted(nodes):
        visit(key)
    return list(ordered.values())


def _ingest(home: Path) -> None:
    code = (
        "from ingest.run import ingest_all; from vitrina.settings import get_settings;"
        "r = ingest_all(get_settings()); assert not r.failures, r.failures"
    )
    foris = f"sqlite:///{home / 'simulator' / 'foris.sqlite'}"
    with serving(home, CALM) as portal:
        env = {**os.environ, **portal, "VITRINA_HOME": str(home), "VITRINA_FORIS_URL": foris}
        subprocess.run([sys.executable, "-c", code], env=env, check=True)


def _last_batch(home: Path) -> int:
    from ingest.run import last_batch

    return last_batch(Settings(home=home))


if __name__ == "__main__":
    main()
