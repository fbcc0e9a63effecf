"""The ingestion ledger: which delivery came, what became of it, how far each source is read.

A SQLite file in WAL mode. A raw or quarantine file counts only when a batch here names it: files first, ledger
last, so a run killed anywhere leaves orphans, never half a batch.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
create table if not exists deliveries (
  delivery_id text primary key, source text not null, entity text not null, kind text not null,
  uri text not null, file_name text not null, landed_path text, sha256 text not null, size_bytes integer not null,
  source_stamp text, delivery_date text, received_at text not null,
  state text not null check (state in ('landed', 'accepted', 'partially_accepted', 'duplicate', 'rejected', 'empty')),
  reason text, reason_values text not null default '{}', duplicate_of text, decided_at text, batch_id text,
  approved integer not null default 0, received_rows integer, accepted_rows integer, quarantined_rows integer,
  contract_version text, facts text not null default '{}');
create index if not exists deliveries_by_entity on deliveries (source, entity, state);
create index if not exists deliveries_by_content on deliveries (source, entity, sha256);
create index if not exists deliveries_by_uri on deliveries (source, entity, uri);
create table if not exists batches (
  seq integer primary key autoincrement, batch_id text not null unique, source text not null, entity text not null,
  kind text not null check (kind in ('load', 'replay')), contract_version text not null, committed_at text not null,
  received_rows integer not null, accepted_rows integer not null, quarantined_rows integer not null,
  raw_file text, quarantine_file text, months text not null default '[]',
  check (received_rows = accepted_rows + quarantined_rows));
create index if not exists batches_by_entity on batches (source, entity);
create table if not exists watermarks (
  source text not null, entity text not null, value text not null, delivery_id text, updated_at text not null,
  primary key (source, entity));
create table if not exists warnings (
  id integer primary key autoincrement, source text not null, entity text not null, delivery_id text,
  code text not null, details text not null default '{}', created_at text not null);
create table if not exists runs (
  run_id integer primary key autoincrement, source text not null, entity text not null, stage text not null,
  started_at text not null, finished_at text, outcome text not null default 'running', message text,
  deliveries integer not null default 0);
create table if not exists check_results (
  id integer primary key autoincrement, subject text not null, check_name text not null, passed integer not null,
  severity text not null, details text not null default '{}', checked_at text not null);
"""
_JSON_COLUMNS = ("reason_values", "facts", "months", "details")


class Ledger:
    """Reads and writes the ledger file. One instance per thread or process; writers wait for each other."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._db = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes of the block together or none of them. Blocks may nest; the outermost commits."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Any query as dictionaries; JSON columns are decoded."""
        return [_decoded(row) for row in self._db.execute(sql, values)]

    def row(self, sql: str, *values: Any) -> dict[str, Any] | None:
        """The first row of a query, or None."""
        found = self._db.execute(sql, values).fetchone()
        return _decoded(found) if found else None

    def insert(self, table: str, **values: Any) -> int:
        """Add one row; dictionaries and lists become JSON. Returns the row number."""
        names = ", ".join(values)
        places = ", ".join("?" for _ in values)
        done = self._db.execute(f"insert into {table} ({names}) values ({places})", _encoded(values))
        return int(done.lastrowid or 0)

    def update_delivery(self, delivery_id: str, **values: Any) -> None:
        """Change fields of one delivery."""
        setting = ", ".join(f"{name} = ?" for name in values)
        self._db.execute(f"update deliveries set {setting} where delivery_id = ?", [*_encoded(values), delivery_id])

    def delivery(self, delivery_id: str) -> dict[str, Any]:
        """One delivery. Raises `KeyError` for an unknown one."""
        found = self.row("select * from deliveries where delivery_id = ?", delivery_id)
        if found is None:
            raise KeyError(f"no delivery {delivery_id}")
        return found

    def set_watermark(self, source: str, entity: str, value: Any, delivery_id: str | None, now: str) -> None:
        """Remember how far the entity has been read."""
        self._db.execute(
            "insert into watermarks values (?, ?, ?, ?, ?) on conflict (source, entity) do update set "
            "value = excluded.value, delivery_id = excluded.delivery_id, updated_at = excluded.updated_at",
            (source, entity, json.dumps(value), delivery_id, now),
        )

    def watermark(self, source: str, entity: str) -> Any:
        """What `set_watermark` last kept, or None before the first extraction."""
        found = self.row("select value from watermarks where source = ? and entity = ?", source, entity)
        return json.loads(found["value"]) if found else None

    def warn(
        self, source: str, entity: str, code: str, details: dict[str, Any], now: str, delivery_id: str | None = None
    ) -> None:
        """Tell people something that did not stop the delivery."""
        self.insert(
            "warnings",
            source=source,
            entity=entity,
            delivery_id=delivery_id,
            code=code,
            details=details,
            created_at=now,
        )

    def finish_run(self, run_id: int, outcome: str, now: str, message: str | None = None, deliveries: int = 0) -> None:
        """Close an entry of `runs`: outcome is `ok` or `failed`."""
        self._db.execute(
            "update runs set outcome = ?, finished_at = ?, message = ?, deliveries = ? where run_id = ?",
            (outcome, now, message, deliveries, run_id),
        )

    def reopen_rejected(self, source: str, entity: str, delivery_id: str | None = None) -> int:
        """Put rejected deliveries back to `landed`, so that the next load judges them again. Returns how many."""
        done = self._db.execute(
            "update deliveries set state = 'landed', reason = null, reason_values = '{}' where source = ? and "
            "entity = ? "
            "and state = 'rejected' and delivery_id = coalesce(?, delivery_id)",
            (source, entity, delivery_id),
        )
        return int(done.rowcount)

    def last_batch(self) -> int:
        """Number of the newest batch; 0 before the first. Batches are numbered in the order of their commits."""
        found = self._db.execute("select coalesce(max(seq), 0) from batches").fetchone()
        return int(found[0])

    def close_interrupted_runs(self, source: str, entity: str, now: str) -> None:
        """Whoever holds the entity's lock knows that no other run of it is alive: older open entries were killed."""
        self._db.execute(
            "update runs set outcome = 'interrupted', finished_at = ? where source = ? and entity = ? and outcome = "
            "'running' and run_id < (select max(run_id) from runs where source = ? and entity = ?)",
            (now, source, entity, source, entity),
        )

    def forget_old_checks(self, keep: int) -> None:
        """Keep the newest `keep` results of every check."""
        self._db.execute(
            "delete from check_results where id in (select id from (select id, row_number() over "
            "(partition by subject, check_name order by id desc) as age from check_results) where age > ?)",
            (keep,),
        )

    def mark_quarantine_rewritten(self, batch_id: str, quarantine_file: str | None) -> None:
        """Point a batch at the newer file of its quarantined rows."""
        self._db.execute("update batches set quarantine_file = ? where batch_id = ?", (quarantine_file, batch_id))


def _encoded(values: dict[str, Any]) -> list[Any]:
    return [json.dumps(v, ensure_ascii=False) if isinstance(v, (dict, list)) else v for v in values.values()]


def _decoded(row: sqlite3.Row) -> dict[str, Any]:
    values = dict(row)
    for name in _JSON_COLUMNS:
        if isinstance(values.get(name), str):
            values[name] = json.loads(values[name])
    return values
