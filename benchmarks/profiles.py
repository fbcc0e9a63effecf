"""What one profile per customer costs as the operator grows: `make bench-profiles`.

Takes the build of a home that was run, copies what scores and profile read so many times over (with other customer,
account and subscription numbers) that the wanted number of customers is there, and runs their compiled SQL in a process
of its own under a memory limit, in passes over the customers as the build does. Prints seconds, peak memory and seconds
per million customers.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.memory import peak_of

# The scores compare all customers with each other, so they are a step of their own before the profile's passes.
SCORES = "int_customer_rfm"
MODEL = "customer_profiles"
STEP = 1_000_000_000


def main() -> None:
    """Measure the sizes asked for and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="a home whose run is done")
    parser.add_argument("--folder", type=Path, required=True, help="where the enlarged copies lie")
    parser.add_argument("--customers", type=int, nargs="+", default=[30_000, 300_000, 3_000_000])
    parser.add_argument("--memory-limit", default="6GB", help="DuckDB's own limit")
    parser.add_argument("--stage", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        print(_profiles(options.home, options.stage, options.memory_limit))
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    print(f"{'customers':>10} {'seconds':>9} {'peak GB':>9} {'s per million':>14}")
    for wanted in options.customers:
        copy = options.folder / f"{wanted}.duckdb"
        customers = _enlarge(options.home, copy, wanted)
        command = [sys.executable, "-m", "benchmarks.profiles", "--home", str(options.home), "--folder", "."]
        try:
            memory, output = peak_of([*command, "--memory-limit", options.memory_limit, "--stage", str(copy)])
        except subprocess.CalledProcessError:
            print(
                f"{customers:>10,} not finished: what went beyond the memory limit did not fit on the disk", flush=True
            )
            continue
        finally:
            copy.unlink()
            shutil.rmtree(copy.with_suffix(".spill"), ignore_errors=True)
        seconds = float(output.strip().splitlines()[-1])
        print(f"{customers:>10,} {seconds:>9.1f} {memory:>9.2f} {seconds / customers * 1e6:>14.1f}", flush=True)


def _enlarge(home: Path, copy: Path, wanted: int) -> int:
    """Copy the model's inputs `wanted` / existing times; returns how many customers that makes."""
    copy.unlink(missing_ok=True)
    con = duckdb.connect(str(copy))
    con.execute("set memory_limit = '6GB'; set threads = 2; set preserve_insertion_order = false")
    con.execute(f"attach '{home / 'build' / 'build.duckdb'}' as built (read_only)")
    existing = con.execute("select count(*) from built.marts.dim_customers").fetchone()[0]
    times = max(1, round(wanted / existing))
    for schema, table in _inputs(home):
        columns = con.execute(f"describe built.{schema}.{table}").fetchall()
        listed = ", ".join(_column(name, kind) for name, kind, *_ in columns)
        con.execute(f"create schema if not exists {schema}")
        # Two years are all that a profile looks back on; older customer months would only take room.
        recent = (
            " where month >= (select max(month) from {0}) - interval 24 month" if table == "int_customer_months" else ""
        )
        source = f"built.{schema}.{table}"
        # Reference data does not grow with the customers: its keys are the same in every copy.
        copies = times if any(_is_shifted(name, kind) for name, kind, *_ in columns) else 1
        con.execute(
            f"create table {schema}.{table} as select {listed} from {source}, range({copies}) as copies(n)"
            f"{recent.format(source)}"
        )
    con.execute("detach built")
    con.close()
    return existing * times


def _column(name: str, kind: str) -> str:
    return f'"{name}" + n * {STEP} as "{name}"' if _is_shifted(name, kind) else f'"{name}"'


def _is_shifted(name: str, kind: str) -> bool:
    return kind == "BIGINT" and name.endswith("_id") and name != "product_id"


def _inputs(home: Path) -> list[tuple[str, str]]:
    nodes = _manifest(home)["nodes"]
    parents = {parent for model in (SCORES, MODEL) for parent in _node(home, model)["depends_on"]["nodes"]}
    tables = sorted((nodes[parent]["schema"], nodes[parent]["name"]) for parent in parents if parent in nodes)
    return [(schema, table) for schema, table in tables if table != SCORES]


def _profiles(home: Path, copy: Path, memory_limit: str) -> float:
    con = duckdb.connect(str(copy))
    con.execute(f"set memory_limit = '{memory_limit}'; set threads = 2; set preserve_insertion_order = false")
    con.execute(f"set temp_directory = '{copy.with_suffix('.spill')}'")
    day, month = con.execute("select last_day(max(month)), max(month) from intermediate.int_customer_months").fetchone()
    con.execute(f"set variable as_of = date '{day}'; set variable month_start = date '{month}'")
    con.execute(f"set variable month_end = date '{day}'")
    started = time.perf_counter()
    con.execute("create schema if not exists marts")
    con.execute(f"create table intermediate.{SCORES} as {_sql(home, SCORES)}")
    sql = _sql(home, MODEL)
    con.execute(f"create table marts.{MODEL} as select * from ({sql}) as none_yet where false")
    for first, last in _passes(con, _node(home, MODEL)["config"]["customers_a_pass"]):
        con.execute(f"set variable first_customer = {first}::bigint; set variable last_customer = {last}::bigint")
        con.execute(f"insert into marts.{MODEL} {sql}")
    seconds = time.perf_counter() - started
    built, wanted = con.execute(
        f"select (select count(distinct customer_id) from marts.{MODEL}), (select count(*) from marts.dim_customers)"
    ).fetchone()
    assert built == wanted, f"{built} profiles of {wanted} customers"
    return seconds


def _passes(con: duckdb.DuckDBPyConnection, size: int) -> list[tuple[int, int]]:
    return con.execute(
        f"""select min(customer_id), max(customer_id)
            from (select customer_id, (row_number() over (order by customer_id) - 1) // {size} as pass
                  from marts.dim_customers) group by pass order by 1"""
    ).fetchall()


def _sql(home: Path, model: str) -> str:
    path = home / "build" / "target" / "compiled" / "vitrina" / _node(home, model)["original_file_path"]
    return re.sub(r'"build"\.', "", path.read_text(encoding="utf-8"))


def _node(home: Path, model: str) -> dict:
    return _manifest(home)["nodes"][f"model.vitrina.{model}"]


def _manifest(home: Path) -> dict:
    return json.loads((home / "build" / "target" / "manifest.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
