"""What people ask about the data's health: freshness, deliveries, what was refused and why, and does it all add up.

Plain queries for pages and the command line; everything returned is dictionaries of plain values.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from data_contracts.sql import literal
from ingest.config import EntityBase
from ingest.landing import landed_file
from ingest.scan import open_plain
from ingest.workspace import Workspace, open_workspace, utc_now
from vitrina.settings import Settings

_PULLED = ("database", "rest", "soap")


def sources(settings: Settings, now: datetime | None = None) -> list[dict[str, Any]]:
    """One row per entity: newest delivery, age against the promise, outcome of the last extraction.

    `status`: `fresh`, `late`, `failed` (the last extraction failed), `never` (nothing came yet) or `no_promise`.
    A system that we ask is as fresh as the last answer, even "nothing new"; one that sends files, as its last file.
    """
    with open_workspace(settings) as workspace:
        moment = now or utc_now()
        return [_source(workspace, entity, moment) for entity in _entities(workspace)]


def deliveries(
    settings: Settings, source: str | None = None, entity: str | None = None, state: str | None = None,
    limit: int = 200, offset: int = 0,
) -> list[dict[str, Any]]:  # fmt: skip
    """Deliveries, newest first."""
    where, values = _where(source=source, entity=entity, state=state)
    with open_workspace(settings) as workspace:
        return workspace.ledger.rows(
            f"select * from deliveries {where} order by received_at desc, delivery_id desc limit ? offset ?",
            *values, limit, offset,
        )  # fmt: skip


def warnings(
    settings: Settings, source: str | None = None, entity: str | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """What was told about deliveries that were let in, newest first."""
    where, values = _where(source=source, entity=entity)
    with open_workspace(settings) as workspace:
        return workspace.ledger.rows(f"select * from warnings {where} order by id desc limit ?", *values, limit)


def totals(settings: Settings) -> list[dict[str, Any]]:
    """Per entity: received = accepted + quarantined by the ledger, and the rows that really lie in the Parquet files.

    `is_balanced` is true when the equation holds and the files hold exactly what the ledger says.
    """
    with open_workspace(settings) as workspace:
        return [_total(workspace, entity) for entity in _entities(workspace)]


def entity_total(settings: Settings, source: str, entity: str) -> dict[str, Any]:
    """The same for one entity."""
    with open_workspace(settings) as workspace:
        return _total(workspace, workspace.entity(source, entity))


def quarantine_by_reason(
    settings: Settings, source: str | None = None, entity: str | None = None
) -> list[dict[str, Any]]:
    """Refused rows by entity and rule, most first: `rows`, how many of them are `open` (not replayed), an example."""
    with open_workspace(settings) as workspace:
        query = """select source, entity, "rule", field, message_key, count(*) as rows,
                   count(*) filter (replayed_batch_id is null) as open, min("value") as example,
                   max(quarantined_at) as last_at from refused group by all order by rows desc, 1, 2, 3"""
        return _over_quarantine(workspace, query, source, entity)


def quarantined_rows(
    settings: Settings, source: str, entity: str, rule: str | None = None, delivery_id: str | None = None,
    limit: int = 200, offset: int = 0,
) -> list[dict[str, Any]]:  # fmt: skip
    """Refused rows themselves, newest first, with file, line, field, value, rule and the row's text."""
    where = [f'"rule" = {literal(rule)}'] if rule else []
    where += [f"_delivery_id = {literal(delivery_id)}"] if delivery_id else []
    chosen = f" where {' and '.join(where)}" if where else ""
    page = f"limit {int(limit)} offset {int(offset)}"
    query = f"select * from refused{chosen} order by quarantined_at desc, _file, _line {page}"
    with open_workspace(settings) as workspace:
        return _over_quarantine(workspace, query, source, entity)


def landed_lines(settings: Settings, delivery_id: str, line: int, around: int = 3) -> list[dict[str, Any]]:
    """A row in its landed file with its neighbours: `line`, `text`, `is_the_row`. Raises `KeyError` for no delivery.

    Of a database chunk or a JSON answer a "line" is the row's number in it.
    """
    with open_workspace(settings) as workspace:
        delivery = workspace.ledger.delivery(delivery_id)
        path = landed_file(workspace, delivery)
        entity = workspace.entity(delivery["source"], delivery["entity"])
        first, last = max(1, line - around), line + around
        return [
            {"line": number, "text": text, "is_the_row": number == line}
            for number, text in islice(_texts(path, entity), first - 1, last)
        ]


def _texts(path: Path, entity: Any) -> Iterator[tuple[int, str]]:
    if entity.kind == "database":
        rows = (row for batch in pq.ParquetFile(path).iter_batches(10_000) for row in batch.to_pylist())
        yield from ((number, str(row)) for number, row in enumerate(rows, start=1))
        return
    if entity.kind == "rest":
        items = f"json_extract(t, '$.{entity.paging.items}[*]')"
        lines = (
            f"read_csv({literal(path)}, columns = {{'t': 'VARCHAR'}}, delim = chr(1), quote = '', escape = '', "
            "header = false, auto_detect = false, max_line_size = 67108864)"
        )
        with _engine() as con:
            found = con.execute(f"select unnest({items})::varchar from {lines}").fetchall()
        yield from ((number, row[0]) for number, row in enumerate(found, start=1))
        return
    with open_plain(path) as stream:
        for number, raw in enumerate(stream, start=1):
            yield number, raw.decode(getattr(entity, "encoding", "utf-8"), errors="replace").rstrip("\r\n")


def _source(workspace: Workspace, entity: EntityBase, moment: datetime) -> dict[str, Any]:
    of = (entity.source, entity.entity)
    last = workspace.ledger.row(
        "select * from deliveries where source = ? and entity = ? order by received_at desc limit 1", *of
    )
    run = workspace.ledger.row(
        "select * from runs where source = ? and entity = ? and stage = 'extract' order by run_id desc limit 1", *of
    )
    good = workspace.ledger.row(
        "select max(finished_at) as at from runs where source = ? and entity = ? and stage = 'extract' and "
        "outcome = 'ok'",
        *of,
    )
    taken = workspace.ledger.row(
        "select max(received_at) as at from deliveries where source = ? and entity = ? and state not in "
        "('rejected', 'duplicate')", *of,
    )  # fmt: skip
    at = (good if entity.kind in _PULLED else taken) or {}  # type: ignore[attr-defined]
    promise = workspace.contract(entity).freshness_hours
    age = (moment - datetime.fromisoformat(at["at"])).total_seconds() / 3600 if at.get("at") else None
    failed = run is not None and run["outcome"] == "failed"
    return {
        "source": entity.source, "title": workspace.connectors[entity.source].title, "entity": entity.entity,
        "kind": entity.kind, "schedule": entity.schedule,  # type: ignore[attr-defined]
        "last_delivery_at": last and last["received_at"], "last_delivery_state": last and last["state"],
        "last_delivery_date": last and last["delivery_date"], "fresh_as_of": at.get("at"), "age_hours": age,
        "promised_hours": promise, "status": _status(failed, age, promise),
        "last_error": run["message"] if failed and run else None,
    }  # fmt: skip


def _status(failed: bool, age: float | None, promise: float | None) -> str:
    if failed:
        return "failed"
    if age is None:
        return "never"
    if promise is None:
        return "no_promise"
    return "fresh" if age <= promise else "late"


def _total(workspace: Workspace, entity: EntityBase) -> dict[str, Any]:
    of = (entity.source, entity.entity)
    sums = workspace.ledger.row(
        "select count(*) as deliveries, coalesce(sum(received_rows), 0) as received, "
        "coalesce(sum(accepted_rows), 0) as "
        "accepted, coalesce(sum(quarantined_rows), 0) as quarantined from deliveries where source = ? and entity = ? "
        "and state not in ('duplicate', 'rejected')", *of,
    ) or {}  # fmt: skip
    raw_rows = sum(pq.read_metadata(path).num_rows for path in workspace.raw_files(entity.table))
    refused = _over_quarantine(
        workspace, "select count(*) filter (replayed_batch_id is null) as open from refused", *of
    )
    open_rows = refused[0]["open"] if refused else 0
    return {
        "source": entity.source, "entity": entity.entity, **sums, "raw_rows": raw_rows,
        "open_quarantine_rows": open_rows,
        "is_balanced": sums["received"] == sums["accepted"] + sums["quarantined"] and raw_rows == sums["accepted"]
        and open_rows == sums["quarantined"],
    }  # fmt: skip


def _over_quarantine(workspace: Workspace, query: str, source: str | None, entity: str | None) -> list[dict[str, Any]]:
    """Run a query over `refused`: the quarantine files that the ledger vouches for."""
    where, values = _where(source=source, entity=entity)
    also = "and" if where else "where"
    files = workspace.ledger.rows(f"select * from batches {where} {also} quarantine_file is not null", *values)
    if not files:
        return []
    parts = " union all ".join(
        f"select {literal(f['source'])} as source, {literal(f['entity'])} as entity, * from read_parquet("
        f"{literal(workspace.settings.quarantine_dir / (f['source'] + '__' + f['entity']) / f['quarantine_file'])})"
        for f in files
    )
    with _engine() as con:
        found = con.execute(f"with refused as ({parts}) {query}")
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@contextmanager
def _engine() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect(config={"threads": 1})
    try:
        yield con
    finally:
        con.close()


def _entities(workspace: Workspace) -> list[EntityBase]:
    return [entity for connector in workspace.connectors.values() for entity in connector.entities.values()]


def _where(**wanted: str | None) -> tuple[str, list[str]]:
    given = {name: value for name, value in wanted.items() if value is not None}
    return ("where " + " and ".join(f"{name} = ?" for name in given) if given else ""), list(given.values())
