"""How the data comes in: sources against their promise, deliveries, what was refused and why, runs and checks.

What a source's freshness, the row balance and quarantine mean is decided in `ingest.health`; lists that pages turn over
are read from the ledger here, read-only. A ledger that does not exist yet reads as empty.
"""

import datetime as dt
import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_contracts.loader import load_source
from data_contracts.model import Contract
from ingest import health as ingest_health
from vitrina.errors import UserError
from vitrina.settings import Settings

Row = dict[str, Any]
_JSON = ("reason_values", "facts", "details")
_SECRET = re.compile(r"(?<!\d)(\d{3})\d{9}(\d{2})(?!\d)|\b([A-Z]{2})\d{5}(\d{2})\b")
MAX_LINE = 2000


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


def sources(settings: Settings, expected: Sequence[Contract], now: dt.datetime) -> list[Row]:
    """Per entity: last good answer or file, its age, the promise, and the state.

    States: `failing` (the last extraction failed, or the newest delivery was rejected), `late`, `never`, `fresh`, and
    `idle` for an entity that has sent nothing and has promised nothing.
    """
    if not settings.ledger_path.exists():
        return [_unheard(contract) for contract in expected]
    return [_state(row) for row in ingest_health.sources(settings, now)]


def _unheard(contract: Contract) -> Row:
    state = "idle" if contract.freshness_hours is None else "never"
    return {
        "source": contract.source, "entity": contract.entity, "state": state, "last_good": None, "age_hours": None,
        "freshness_hours": contract.freshness_hours, "error": None,
    }  # fmt: skip


def _state(row: Row) -> Row:
    state = {"failed": "failing", "no_promise": "fresh"}.get(row["status"], row["status"])
    if row["last_delivery_state"] == "rejected":
        state = "failing"
    elif state == "never" and row["promised_hours"] is None:
        state = "idle"
    return {
        "source": row["source"], "entity": row["entity"], "state": state, "last_good": moment(row["fresh_as_of"]),
        "age_hours": row["age_hours"], "freshness_hours": row["promised_hours"], "error": row["last_error"],
    }  # fmt: skip


def balance(settings: Settings) -> list[Row]:
    """Per entity that has sent anything: received, accepted, quarantined and still waiting rows, and whether the ledger
    agrees with itself and with the files."""
    if not settings.ledger_path.exists():
        return []
    return [row for row in ingest_health.totals(settings) if row["deliveries"]]


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


def reasons(settings: Settings) -> list[Row]:
    """Refused rows by entity and rule, those that most rows still wait for first.

    `field` is None where the rule was broken in several fields; `rows` counts rows already mended too, `open` does not.
    """
    if not settings.ledger_path.exists():
        return []
    found: dict[tuple[str, str, str], Row] = {}
    for row in ingest_health.quarantine_by_reason(settings):
        known = found.setdefault((row["source"], row["entity"], row["rule"]), row)
        if known is not row:
            known |= {
                "field": known["field"] if known["field"] == row["field"] else None,
                "rows": known["rows"] + row["rows"], "open": known["open"] + row["open"],
                "last_at": max(known["last_at"], row["last_at"]),
            }  # fmt: skip
    return sorted(found.values(), key=lambda row: (-row["open"], row["source"], row["entity"], row["rule"]))


def bad_rows(settings: Settings, reason: Row, limit: int, offset: int) -> list[Row]:
    """One page of the refused rows of one reason: file, line, value, the row as it came."""
    rows = ingest_health.quarantined_rows(
        settings, reason["source"], reason["entity"], reason["rule"], limit=limit, offset=offset
    )
    return [
        {
            "delivery_id": row["_delivery_id"], "file": row["_file"], "line": row["_line"], "field": row["field"],
            "value": hidden(row["value"]), "rule": row["rule"], "message_key": row["message_key"],
            "row_text": hidden(row["row_text"]), "contract_version": row["contract_version"],
            "is_mended": row["replayed_batch_id"] is not None,
        }
        for row in rows
    ]  # fmt: skip


def neighbours(settings: Settings, delivery_id: str, line: int, around: int = 2) -> list[tuple[int, str]]:
    """The row in its landed file with the lines around it; empty when the file is gone."""
    try:
        found = ingest_health.landed_lines(settings, delivery_id, line, around)
    except (KeyError, OSError, EOFError, UserError):
        return []
    return [(row["line"], hidden(row["text"][:MAX_LINE])) for row in found]


def hidden(text: str | None) -> str:
    """Text with PINFL and passport numbers shown in part."""
    return _SECRET.sub(lambda found: f"{found[1] or found[3]}•••••{found[2] or found[4]}", text or "")
