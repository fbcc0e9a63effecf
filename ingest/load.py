"""Landed deliveries of one entity → raw and quarantine, batch by batch; each batch counts once the ledger names it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.sql import literal, quoted, schema_sql
from ingest.batch import Batch
from ingest.config import EntityBase
from ingest.contract_pass import run_pass, write_bad, write_good, write_schema
from ingest.inspection import HISTORY, inspect, usual
from ingest.landing import landed_file
from ingest.rules import Keys, references
from ingest.workspace import Workspace
from vitrina.durable import move_into_place

Advance = Callable[..., None]


@dataclass(frozen=True)
class LoadResult:
    """Counts of one load: deliveries by their new state, rows, the batches made and the months they touch."""

    table: str
    states: dict[str, int]
    received_rows: int
    accepted_rows: int
    quarantined_rows: int
    batches: list[str]
    months: list[str]
    waiting_for: str | None = None


class Loader:
    """Loads one entity on one DuckDB connection, so that keys of referred tables are read once for all batches."""

    def __init__(self, workspace: Workspace, entity: EntityBase) -> None:
        self.workspace, self.entity = workspace, entity
        self.contract = workspace.contract(entity)
        self._keys: dict[str, Keys] = {}
        self.con = connect(workspace)

    def close(self) -> None:
        """Give the connection back."""
        self.con.close()

    def load(self, dates: tuple[date, date] | None = None, advance: Advance = lambda *a, **k: None) -> LoadResult:
        """Load what is landed; `dates` limits it to deliveries dated in that closed interval."""
        self.write_empty_schema()
        missing = self._reference_without_rows()
        waiting = self._landed(dates)
        if missing and waiting:
            return LoadResult(self.entity.table, {}, 0, 0, 0, [], [], waiting_for=missing)
        results: list[dict[str, Any]] = []
        for deliveries in self._judged_groups(waiting):
            results.append(self._load_batch(deliveries))
            advance(len(deliveries.deliveries))
        return self._sum(results)

    def write_empty_schema(self) -> None:
        """`_schema.parquet`, so that readers find the table's columns before its first row."""
        folder = self.workspace.raw(self.entity)
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / "_schema.parquet.tmp"
        write_schema(self.con, self.contract, aside)
        move_into_place(aside, folder / "_schema.parquet")

    def keys(self) -> dict[str, Keys]:
        """Temp tables of the values that references may take; tables of sources that are not enabled have none."""
        for table, column in references(self.contract):
            name = f"{table}.{column}"
            files = self.workspace.raw_files(table)
            if name in self._keys or not (files or table == self.contract.raw_table):
                continue
            made = f"keys_{len(self._keys)}"
            known = (
                f"select distinct {quoted(column)} as key from read_parquet([{', '.join(map(literal, files))}], "
                "union_by_name = true)"
                if files
                else f"select {quoted(column)} as key from ({schema_sql(self.contract)})"
            )
            self.con.execute(f"create or replace temp table {made} as {known}")
            self._keys[name] = Keys(made)
        return self._keys

    def make_batch(self, deliveries: list[dict[str, Any]]) -> Batch:
        """A batch of these deliveries, not judged yet."""
        return Batch(self.contract, self.entity, deliveries, [landed_file(self.workspace, d) for d in deliveries])

    @property
    def scratch(self) -> Path:
        """Folder for copies in another encoding."""
        return self.workspace.settings.state_dir / "scratch" / self.entity.table

    def _landed(self, dates: tuple[date, date] | None) -> list[dict[str, Any]]:
        rows = self.workspace.ledger.rows(
            "select * from deliveries where source = ? and entity = ? and state = 'landed' "
            "order by coalesce(delivery_date, ''), received_at, delivery_id",
            self.entity.source, self.entity.entity,
        )  # fmt: skip
        if dates is None:
            return rows
        first, last = dates[0].isoformat(), dates[1].isoformat()
        return [row for row in rows if row["delivery_date"] and first <= row["delivery_date"] <= last]

    def _judged_groups(self, waiting: list[dict[str, Any]]) -> Iterator[Batch]:
        """Batches of bounded size, each delivery judged against the ones before it."""
        history = self._history()
        batch, rows = self.make_batch([]), 0
        for delivery in waiting:
            number = len(batch.deliveries)
            batch.deliveries.append(delivery)
            batch.paths.append(landed_file(self.workspace, delivery))
            count = inspect(batch, number, usual(history))
            if count is not None:
                batch.expected_rows[number] = count
            if number in batch.readable:
                rows += count or 10_000
                history.append(count) if count else None
            if rows >= self.entity.batch_rows:
                yield batch
                batch, rows = self.make_batch([]), 0
        if batch.deliveries:
            yield batch

    def _history(self) -> list[int]:
        rows = self.workspace.ledger.rows(
            "select received_rows from deliveries where source = ? and entity = ? and received_rows > 0 "
            "order by coalesce(delivery_date, ''), received_at desc limit ?",
            self.entity.source, self.entity.entity, HISTORY,
        )  # fmt: skip
        return [row["received_rows"] for row in reversed(rows)]

    def _reference_without_rows(self) -> str | None:
        """A referred table of an enabled source that has no batch yet: its rows must come first."""
        for table, _ in references(self.contract):
            known = self.workspace.is_enabled(table)
            if table != self.contract.raw_table and known and not self.workspace.raw_files(table):
                return table
        return None

    def _load_batch(self, batch: Batch) -> dict[str, Any]:
        told = run_pass(self.con, batch, self.keys(), self.scratch)
        batch_id = self.workspace.new_batch_id(self.entity)
        now = self.workspace.now()
        raw, quarantine = (folder / f"{batch_id}.parquet" for folder in self._folders())
        accepted: dict[int, int] = {}
        quarantined: dict[int, int] = {}
        months: list[str] = []
        if batch.readable:
            accepted, months = write_good(self.con, batch, aside(raw), plain(now))
            quarantined = write_bad(self.con, batch, aside(quarantine), plain(now))
        place(raw, bool(accepted))
        place(quarantine, bool(quarantined))
        result = {
            "batch_id": batch_id, "accepted": accepted, "quarantined": quarantined, "months": months, "told": told,
            "raw": raw.name if accepted else None, "quarantine": quarantine.name if quarantined else None,
        }  # fmt: skip
        self._commit(batch, result, now)
        shutil.rmtree(self.scratch, ignore_errors=True)
        self._learn(batch, bool(accepted))
        return result

    def _folders(self) -> tuple[Path, Path]:
        folders = self.workspace.raw(self.entity), self.workspace.quarantine(self.entity)
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        return folders

    def _commit(self, batch: Batch, result: dict[str, Any], now: str) -> None:
        ledger, entity = self.workspace.ledger, self.entity
        accepted, refused = sum(result["accepted"].values()), sum(result["quarantined"].values())
        with ledger.transaction():
            if accepted or refused:
                ledger.insert(
                    "batches", batch_id=result["batch_id"], source=entity.source, entity=entity.entity, kind="load",
                    contract_version=self.contract.version, committed_at=now, received_rows=accepted + refused,
                    accepted_rows=accepted, quarantined_rows=refused, raw_file=result["raw"],
                    quarantine_file=result["quarantine"], months=result["months"],
                )  # fmt: skip
            result["states"] = [self._decide(batch, number, result, now) for number in range(len(batch.deliveries))]
            for number, code, values in batch.warnings:
                ledger.warn(entity.source, entity.entity, code, values, now, batch.deliveries[number]["delivery_id"])
            for rule, count in result["told"].items():
                ledger.warn(entity.source, entity.entity, "reference_unknown", {"rule": rule, "rows": count}, now)

    def _decide(self, batch: Batch, number: int, result: dict[str, Any], now: str) -> str:
        good, bad = result["accepted"].get(number, 0), result["quarantined"].get(number, 0)
        values: dict[str, Any] = {"decided_at": now, "contract_version": self.contract.version}
        if number in batch.broken:
            reason, details = batch.broken[number]
            values |= {"state": "rejected", "reason": reason, "reason_values": details}
        elif number in batch.empty or good + bad == 0:
            allowed = batch.empty.get(number, self.contract.allows_empty)
            values |= {"state": "empty", "reason": None if allowed else "empty", "received_rows": 0, "accepted_rows": 0,
                       "quarantined_rows": 0}  # fmt: skip
        else:
            values |= {
                "state": "partially_accepted" if bad else "accepted", "batch_id": result["batch_id"], "reason": None,
                "reason_values": {}, "received_rows": good + bad, "accepted_rows": good, "quarantined_rows": bad,
            }  # fmt: skip
        self.workspace.ledger.update_delivery(batch.deliveries[number]["delivery_id"], **values)
        return str(values["state"])

    def _learn(self, batch: Batch, has_rows: bool) -> None:
        """Keys of a table that refers to itself grow with each batch."""
        for name, keys in self._keys.items():
            table, column = name.split(".")
            if table == self.contract.raw_table and has_rows:
                self.con.execute(f"insert into {keys.table} select {quoted(column)} from staged")

    def _sum(self, results: list[dict[str, Any]]) -> LoadResult:
        states: dict[str, int] = {}
        for state in (state for result in results for state in result["states"]):
            states[state] = states.get(state, 0) + 1
        accepted = sum(sum(result["accepted"].values()) for result in results)
        refused = sum(sum(result["quarantined"].values()) for result in results)
        months = sorted({month for result in results for month in result["months"]})
        batches = [result["batch_id"] for result in results if result["accepted"] or result["quarantined"]]
        return LoadResult(self.entity.table, states, accepted + refused, accepted, refused, batches, months)


def connect(workspace: Workspace) -> duckdb.DuckDBPyConnection:
    """A private in-memory DuckDB within the machine's share that the settings allow."""
    settings = workspace.settings
    spill = settings.state_dir / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(config={"memory_limit": settings.memory_limit, "threads": settings.threads,
                                 "temp_directory": str(spill)})  # fmt: skip
    # The engine's own bar would be drawn over the run's.
    con.execute(f"set timezone = {literal(settings.timezone)}; set enable_progress_bar = false")
    return con


def aside(path: Path) -> Path:
    """Where a Parquet file is written before it is whole."""
    return path.with_suffix(".parquet.tmp")


def place(path: Path, wanted: bool) -> None:
    """Move a written file to its name, durably; or drop it."""
    if wanted:
        move_into_place(aside(path), path)
    else:
        aside(path).unlink(missing_ok=True)


def plain(now: str) -> str:
    """An ISO moment in UTC as an SQL timestamp."""
    return now.split("+")[0].replace("T", " ")
