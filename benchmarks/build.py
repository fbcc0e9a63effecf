"""What the models cost: `make bench-build`. Ratios against the same SQL run by hand as one DuckDB script.

For every size: a full build through dbt (month by month, tested, contracts enforced), the same compiled SQL in one
DuckDB connection in one pass without tests, and a build after one more day of deliveries. Prints seconds, ratios,
peak memory.
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

import duckdb

from benchmarks.memory import peak_of
from simulator import advance, generate
from simulator.tax_server import Moods, serving
from vitrina.settings import Settings

UNTIL = date(2026, 10, 30)
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
    titles = ("customers", "full s", "hand s", "ratio", "delta s", "delta %", "peak GB", "hand GB")
    print(" ".join(f"{title:>9}" for title in titles))
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
    figures = (full, hand, full / hand, delta, 100 * delta / full, full_memory, hand_memory)
    print(" ".join([f"{customers:>9,}", *(f"{figure:>9.2f}" for figure in figures)]), flush=True)


def _measured(stage: str, home: Path) -> tuple[float, float]:
    """Seconds and peak resident GB of one stage in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.build", "--folder", str(home), "--stage", stage]
    memory, output = peak_of(command)
    return float(output.strip().splitlines()[-1]), memory


def _stage(stage: str, home: Path) -> None:
    stages: dict[str, Callable[[Path], float]] = {"full": _full, "hand": _by_hand, "delta": _delta}
    print(stages[stage](home))


def _full(home: Path) -> float:
    settings = Settings(home=home)
    settings.build_path.unlink(missing_ok=True)
    return _build(settings, "all", UNTIL)


def _delta(home: Path) -> float:
    from ingest.run import changed_months

    settings = Settings(home=home)
    since = json.loads((home / "since.json").read_text())
    return _build(settings, changed_months(settings, since_batch=since), UNTIL + timedelta(days=1))


def _build(settings: Settings, months: list[str] | str, as_of: date) -> float:
    from dbt.cli.main import dbtRunner  # noqa: F401 - the import is start-up, not building

    from parties import resolve
    from vitrina.warehouse.build import parse_project, run_dbt

    parse_project(settings, as_of)
    started = time.perf_counter()
    run_dbt(settings, as_of, months, select="+int_party_records")
    with duckdb.connect(str(settings.build_path)) as connection:
        resolve(connection, records_table="intermediate.int_party_records", into_schema="resolved")
    run_dbt(settings, as_of, months, exclude="+int_party_records")
    return time.perf_counter() - started


def _by_hand(home: Path) -> float:
    """The compiled SQL of every model in one script: no dbt, no tests, no months, no contracts."""
    settings = Settings(home=home)
    target = settings.build_path.parent / "target"
    manifest = json.loads((target / "manifest.json").read_text())
    models = _in_order(manifest)
    script = home / "by_hand.duckdb"
    script.unlink(missing_ok=True)
    con = duckdb.connect(str(script))
    con.execute(f"set memory_limit = '{settings.memory_limit}'; set threads = {settings.threads}")
    con.execute("set preserve_insertion_order = false")
    con.execute(f"set temp_directory = '{home / 'spill'}'")
    con.execute(f"attach '{settings.build_path}' as built (read_only)")
    con.execute("create schema resolved")
    con.execute("create table resolved.party_members as from built.resolved.party_members")
    con.execute("create table resolved.party_matches as from built.resolved.party_matches")
    con.execute("create schema build_state")
    for (name,) in con.execute(
        "select table_name from duckdb_tables() where database_name = 'built' and schema_name = 'build_state'"
    ).fetchall():
        con.execute(f"create table build_state.{name} as from built.build_state.{name}")
    con.execute("detach built")
    con.execute(f"set variable as_of = date '{UNTIL}'")
    con.execute("set variable month_start = date '1990-01-01'")
    con.execute(f"set variable month_end = date '{UNTIL.replace(day=31)}'")
    started = time.perf_counter()
    for node in models:
        sql = (target / "compiled" / "vitrina" / node["original_file_path"]).read_text().replace('"build".', "")
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        con.execute(f"create schema if not exists {node['schema']}")
        con.execute(f'create {kind} {node["schema"]}."{node["name"]}" as {sql}')
    con.execute("checkpoint")
    return time.perf_counter() - started


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
