"""Data reaches people through the gate alone: nobody else holds the unfiltered reader, nor reads the files past it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import duckdb

from vitrina.access.gate import Gate, GatedCursor, GatedReader
from vitrina.warehouse.reader import SnapshotCursor, SnapshotReader

REPOSITORY = Path(__file__).resolve().parents[2]
UNFILTERED = {"vitrina.warehouse.reader", "vitrina.warehouse.opened"}
# The gate itself, those who write and carry the snapshot, and those who measure and test it. Of members only who
# computes them for the whole company; what people take out of them goes through the gate.
MAY_HOLD_IT = (
    "vitrina/warehouse/", "vitrina/access/", "vitrina/exports/", "vitrina/cli/", "pipelines/", "benchmarks/", "tests/",
    "vitrina/members/refresh.py", "vitrina/members/sources.py", "vitrina/signal_runs/run.py",
    "vitrina/campaign_runs/",
)  # fmt: skip
READ_FILES = {"duckdb", "polars", "pyarrow.dataset", "fastparquet"}
# Models, replays and campaigns compute on tables that are handed in; no file is opened: the calls below stay forbidden.
COMPUTES_ON_TABLES = ("signals/models/", "signals/questions/", "campaigns/")
READING_CALLS = {"read_parquet", "scan_parquet", "ParquetFile", "ParquetDataset", "read_table", "open_file"}
INSIDES = {
    "_reader",
    "_sql_reader",
    "_open_sql",
    "_opened",
    "_cursors",
    "_source",
    "_views",
    "_gate",
    "_policies",
    "_key",
}


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Python modules under folders of the repository (all when none is named), parsed."""
    for path in sorted(REPOSITORY.rglob("*.py")):
        name = path.relative_to(REPOSITORY).as_posix()
        is_ours = not name.startswith((".", "var/", "dbt_project/", "node_modules/"))
        if is_ours and (not folders or name.startswith(folders)):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> set[str]:
    """Modules that a module imports, wherever in it, and the names that it takes from them."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_only_the_gate_and_those_who_carry_the_snapshot_hold_the_unfiltered_reader() -> None:
    holders = {name for name, tree in sources() if imports(tree) & UNFILTERED}
    assert {name for name in holders if not name.startswith(MAY_HOLD_IT)} == set()
    assert "vitrina/access/gate.py" in holders, "the test looks at nothing"


def test_apps_and_the_operational_database_read_no_files_past_the_gate() -> None:
    offenders = []
    for name, tree in sources("apps/", "crm/", "segments/", "signals/", "campaigns/"):
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        could_read = imports(tree) & READ_FILES and not name.startswith(COMPUTES_ON_TABLES)
        if could_read or called & READING_CALLS:
            offenders.append(name)
    assert offenders == []


def test_apps_do_not_reach_into_the_gate() -> None:
    offenders = [
        f"{name}:{node.lineno} {node.attr}"
        for name, tree in sources("apps/", "crm/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in INSIDES and not _of_self(node)
    ]
    assert offenders == []


def _of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def test_what_the_gate_gives_has_no_way_to_the_unfiltered_reader() -> None:
    inner = (SnapshotReader, SnapshotCursor, duckdb.DuckDBPyConnection)
    for kind in (Gate, GatedReader, GatedCursor):
        for name in (each for each in vars(kind) if not each.startswith("_")):
            annotation = getattr(vars(kind)[name], "__annotations__", {}).get("return")
            assert annotation not in inner, f"{kind.__name__}.{name}"
    assert {each for each in vars(Gate) if not each.startswith("_")} == {"open", "version", "as_of", "reader", "close"}
