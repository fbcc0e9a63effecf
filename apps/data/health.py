"""How the data comes in: sources against their promise, deliveries, what was refused and why, runs and checks.

Reads the ingestion ledger (read-only) and the quarantine files; the pipeline writes both. A ledger that does not exist
yet reads as empty.
"""

import datetime as dt
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.loader import load_source
from data_contracts.model import Contract
from vitrina.settings import Settings

Row = dict[str, Any]
_JSON = ("reason_values", "facts", "details")


def promises(settings: Settings) -> list[Contract]:
    """The contract of every entity of the enabled sources. Costs about half a second: remember it."""
    found: list[Contract] = []
    for source in settings.sources:
        directory = settings.sources_dir / source
        if directory.is_dir():
            found += load_source(directory)
    return found


class Ledger:
    """The ingestion ledger, opened for reading at each question so that no lock outlives it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Rows of a query as dictionaries, JSON decoded."""
        if not self.path.exists():
            return []
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=5)
        try:
            connection.row_factory = sqlite3.Row
            return [_decoded(dict(row)) for row in connection.execute(sql, values)]
        finally:
            connection.close()


def _decoded(row: Row) -> Row:
    return {k: json.loads(v) if k in _JSON and isinstance(v, str) else v for k, v in row.items()}


def moment(text: str | None) -> dt.datetime | None:
    """A time of the ledger (ISO, UTC) as a value."""
    return dt.datetime.fromisoformat(text) if text else None


def sources(ledger: Ledger, expected: Sequence[Contract], now: dt.datetime) -> list[Row]:
    """Per entity: last good delivery, its age, the promise, and the state fresh, late, never, idle or failing.

    `failing` is an entity whose newest delivery was rejected; it is told before lateness. `idle` has sent nothing
    and has promised nothing.
    """
    known = {
        (row["source"], row["entity"]): row
        for row in ledger.rows(
            """select source, entity, count(*) as deliveries,
                      max(case when state in ('accepted', 'partially_accepted', 'duplicate', 'empty')
                               then received_at end) as last_good,
                      max(case when state = 'rejected' then received_at end) as last_rejected,
                      max(delivery_date) as data_until
               from deliveries group by source, entity"""
        )
    }
    return [_state(promise, known.get((promise.source, promise.entity)), now) for promise in expected]


def _state(promise: Contract, row: Row | None, now: dt.datetime) -> Row:
    last = moment(row["last_good"]) if row else None
    age = (now - last).total_seconds() / 3600 if last else None
    if row and row["last_rejected"] and (not row["last_good"] or row["last_rejected"] > row["last_good"]):
        state = "failing"
    elif age is None:
        state = "never" if promise.freshness_hours is not None else "idle"
    else:
        state = "late" if promise.freshness_hours is not None and age > promise.freshness_hours else "fresh"
    return {
        "source": promise.source, "entity": promise.entity, "state": state, "last_good": last, "age_hours": age,
        "freshness_hours": promise.freshness_hours, "deliveries": row["deliveries"] if row else 0,
        "data_until": row["data_until"] if row else None,
    }  # fmt: skip


def balance(ledger: Ledger) -> list[Row]:
    """Per entity: received, accepted and quarantined rows of first loads, and rows set right by replay."""
    return ledger.rows(
        """select source, entity, sum(case when kind = 'load' then received_rows else 0 end) as received,
                  sum(case when kind = 'load' then accepted_rows else 0 end) as accepted,
                  sum(case when kind = 'load' then quarantined_rows else 0 end) as quarantined,
                  sum(case when kind = 'replay' then accepted_rows else 0 end) as replayed
           from batches group by source, entity order by source, entity"""
    )


@dataclass(frozen=True)
class DeliveryFilter:
    """Which deliveries: None means any."""

    source: str | None = None
    entity: str | None = None
    state: str | None = None

    def where(self) -> tuple[str, list[str]]:
        """Condition and parameters."""
        given = [(k, v) for k, v in (("source", self.source), ("entity", self.entity), ("state", self.state)) if v]
        return " and ".join(f"{name} = ?" for name, _ in given) or "1 = 1", [value for _, value in given]


def deliveries_count(ledger: Ledger, wanted: DeliveryFilter) -> int:
    """How many deliveries a filter finds."""
    where, values = wanted.where()
    found = ledger.rows(f"select count(*) as n from deliveries where {where}", values)
    return int(found[0]["n"]) if found else 0


def deliveries(ledger: Ledger, wanted: DeliveryFilter, limit: int, offset: int) -> list[Row]:
    """One page of deliveries, the latest first."""
    where, values = wanted.where()
    return ledger.rows(
        f"""select delivery_id, source, entity, file_name, received_at, delivery_date, state, size_bytes, received_rows,
                   accepted_rows, quarantined_rows, reason, reason_values, duplicate_of, contract_version
            from deliveries where {where} order by received_at desc, delivery_id limit ? offset ?""",
        [*values, limit, offset],
    )


def delivery_states(ledger: Ledger) -> dict[str, int]:
    """Number of deliveries by state."""
    return {row["state"]: row["n"] for row in ledger.rows("select state, count(*) as n from deliveries group by 1")}


def delivery(ledger: Ledger, delivery_id: str) -> Row | None:
    """One delivery with the place of its landed file."""
    found = ledger.rows("select * from deliveries where delivery_id = ?", [delivery_id])
    return found[0] if found else None


def warnings(ledger: Ledger, limit: int, offset: int) -> list[Row]:
    """What was told without stopping a delivery, the latest first."""
    return ledger.rows(
        "select source, entity, code, details, created_at from warnings order by id desc limit ? offset ?",
        [limit, offset],
    )


def runs(ledger: Ledger, limit: int, offset: int) -> list[Row]:
    """Steps of ingestion, the latest first."""
    return ledger.rows(
        """select run_id, source, entity, stage, started_at, finished_at, outcome, message, deliveries
           from runs order by run_id desc limit ? offset ?""",
        [limit, offset],
    )


def checks(ledger: Ledger) -> list[Row]:
    """The latest result of every check (contract, dbt, asset), those that failed first."""
    return ledger.rows(
        """select subject, check_name, passed, severity, details, checked_at from check_results
           where id in (select max(id) from check_results group by subject, check_name)
           order by passed, subject, check_name"""
    )


def count(ledger: Ledger, table: str) -> int:
    """Rows of `warnings` or `runs`."""
    if table not in {"warnings", "runs"}:
        raise ValueError(f"not a list of the ledger: {table}")
    found = ledger.rows(f"select count(*) as n from {table}")
    return int(found[0]["n"]) if found else 0


class Quarantine:
    """Refused rows that still wait for a mend. Only files that the ledger names count: others are leftovers."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        named = ledger.rows(
            "select distinct source, entity, quarantine_file from batches where quarantine_file is not null"
        )
        self._files = [
            path for row in named
            if (path := _quarantine_path(settings, row)).exists()
        ]  # fmt: skip

    def _query(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        if not self._files:
            return []
        with duckdb.connect() as connection:
            connection.execute("set threads = 1")
            names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in self._files)
            connection.execute(
                f"create view q as select *, split_part(parse_path(filename)[-2], '__', 1) as source, "
                f"split_part(parse_path(filename)[-2], '__', 2) as entity "
                f"from read_parquet([{names}], union_by_name = true, filename = true)"
            )
            found = connection.execute(sql, list(values))
            columns = [column[0] for column in found.description]
            return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def reasons(self) -> list[Row]:
        """Waiting rows by entity, field and rule, the most frequent first: with the number of files they came in."""
        return self._query(
            """select source, entity, field, rule, any_value(message_key) as message_key, count(*) as rows,
                      count(distinct _delivery_id) as deliveries, max(quarantined_at) as last_seen
               from q where replayed_batch_id is null group by all order by rows desc, source, entity, field"""
        )

    def bad_rows(self, reason: Row, limit: int, offset: int) -> list[Row]:
        """One page of the rows of one reason: file, line, value, the row as it came."""
        return self._query(
            """select _delivery_id as delivery_id, _file as file, _line as line, field, value, rule, message_key,
                      row_text,
                      contract_version, quarantined_at
               from q where replayed_batch_id is null and source = ? and entity = ? and rule = ?
                 and field is not distinct from ? order by quarantined_at desc, file, line limit ? offset ?""",
            [reason["source"], reason["entity"], reason["rule"], reason["field"], limit, offset],
        )


def _quarantine_path(settings: Settings, row: Row) -> Path:
    path = Path(row["quarantine_file"])
    return path if path.is_absolute() else settings.quarantine_dir / f"{row['source']}__{row['entity']}" / path.name
