"""Checking again what was refused, after a contract or a reference table has been mended.

Rows are read anew from the landed files, by the same pass; the ones that now keep the contract go to raw as a batch of
their own and are marked in quarantine. Doing it twice changes nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from data_contracts.sql import literal
from ingest.batch import Batch
from ingest.config import EntityBase
from ingest.contract_pass import run_pass, write_good
from ingest.inspection import inspect
from ingest.load import Loader, LoadResult, aside, place, plain
from ingest.sweep import sweep
from ingest.workspace import Workspace, open_workspace, utc_now
from vitrina.settings import Settings


@dataclass(frozen=True)
class ReplayResult:
    """Rows that lay in quarantine unreplayed, how many of them were accepted now, and the batches that hold them."""

    table: str
    checked: int
    accepted: int
    batches: list[str]
    months: list[str]

    @property
    def still_quarantined(self) -> int:
        """Rows that break the contract as before."""
        return self.checked - self.accepted


def replay_quarantine(
    settings: Settings, source: str, entity: str, clock: Callable[[], datetime] = utc_now
) -> ReplayResult:
    """Check the quarantined rows of an entity against the contract and reference data of now."""
    with open_workspace(settings, clock) as workspace:
        entry = workspace.entity(source, entity)
        with workspace.locked(entry):
            sweep(workspace, entry)
            loader = Loader(workspace, entry)
            try:
                return _Replay(workspace, entry, loader).run()
            finally:
                loader.close()


def recheck_rejected(
    settings: Settings, source: str, entity: str, delivery_id: str | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> LoadResult:  # fmt: skip
    """Judge rejected deliveries (all, or one) again by the contract of now and load those that pass."""
    with open_workspace(settings, clock) as workspace:
        entry = workspace.entity(source, entity)
        with workspace.locked(entry):
            sweep(workspace, entry)
            workspace.ledger.reopen_rejected(source, entity, delivery_id)
            loader = Loader(workspace, entry)
            try:
                return loader.load()
            finally:
                loader.close()


class _Replay:
    def __init__(self, workspace: Workspace, entity: EntityBase, loader: Loader) -> None:
        self.workspace, self.entity, self.loader, self.con = workspace, entity, loader, loader.con

    def run(self) -> ReplayResult:
        """All open rows, delivery group by delivery group."""
        self.loader.write_empty_schema()
        checked = self._gather()
        accepted, batches, months = 0, [], set()
        for deliveries in self._groups():
            done = self._replay(deliveries)
            if done:
                accepted += done["accepted"]
                batches.append(done["batch_id"])
                months |= set(done["months"])
        return ReplayResult(self.entity.table, checked, accepted, batches, sorted(months))

    def _gather(self) -> int:
        """Temp table `open_rows` (delivery_id, _line, batch_id) of what lies in quarantine unreplayed."""
        self.con.execute("create or replace temp table open_rows (delivery_id varchar, _line bigint, batch_id varchar)")
        for batch in self._quarantine_files():
            path = self.workspace.quarantine(self.entity) / batch["quarantine_file"]
            self.con.execute(f"insert into open_rows select _delivery_id, _line, {literal(batch['batch_id'])} "
                             f"from read_parquet({literal(path)}) where replayed_batch_id is null")  # fmt: skip
        return int(self.con.execute("select count(*) from open_rows").fetchone()[0])  # type: ignore[index]

    def _quarantine_files(self) -> list[dict[str, Any]]:
        return self.workspace.ledger.rows(
            "select batch_id, quarantine_file from batches where source = ? and entity = ? "
            "and quarantine_file is not null order by seq",
            self.entity.source, self.entity.entity,
        )  # fmt: skip

    def _groups(self) -> Iterator[list[dict[str, Any]]]:
        ids = [row[0] for row in self.con.execute("select distinct delivery_id from open_rows order by 1").fetchall()]
        group, rows = [], 0
        for delivery_id in ids:
            delivery = self.workspace.ledger.delivery(delivery_id)
            group.append(delivery | {"approved": 1})
            rows += delivery["received_rows"] or 0
            if rows >= self.entity.batch_rows:
                yield group
                group, rows = [], 0
        if group:
            yield group

    def _replay(self, deliveries: list[dict[str, Any]]) -> dict[str, Any] | None:
        batch = self.loader.make_batch(deliveries)
        for number in range(len(deliveries)):
            count = inspect(batch, number, None)
            if count is not None:
                batch.expected_rows[number] = count
        run_pass(self.con, batch, self.loader.keys(), self.loader.scratch)
        if not batch.readable:
            return None
        return self._take(batch)

    def _take(self, batch: Batch) -> dict[str, Any] | None:
        numbers = ", ".join(f"({n}, {literal(d['delivery_id'])})" for n, d in enumerate(batch.deliveries))
        self.con.execute(f"create or replace temp table wanted as select n as _f, _line from open_rows "
                         f"join (values {numbers}) as numbered(n, delivery_id) using (delivery_id)")  # fmt: skip
        batch_id, now = self.workspace.new_batch_id(self.entity), self.workspace.now()
        raw = self.workspace.raw(self.entity) / f"{batch_id}.parquet"
        counts, months = write_good(self.con, batch, aside(raw), plain(now), only="wanted")
        accepted = sum(counts.values())
        if not accepted:
            aside(raw).unlink()
            return None
        place(raw, True)
        rewritten = self._marked(raw, batch_id)
        self._commit(batch, counts, batch_id, months, rewritten, now)
        for old, _ in rewritten.values():
            old.unlink()
        return {"batch_id": batch_id, "accepted": accepted, "months": months}

    def _marked(self, raw: Path, batch_id: str) -> dict[str, tuple[Path, str]]:
        """New quarantine files in which the accepted rows name their batch: batch → (old file, name of the new)."""
        self.con.execute(
            f"create or replace temp table taken as select _delivery_id, _line from read_parquet({literal(raw)})"
        )
        touched = [row[0] for row in self.con.execute(
            "select distinct batch_id from open_rows join taken on _delivery_id = delivery_id and taken._line = "
            "open_rows._line"
        ).fetchall()]  # fmt: skip
        folder, made = self.workspace.quarantine(self.entity), {}
        for file in self._quarantine_files():
            if file["batch_id"] not in touched:
                continue
            old, new = folder / file["quarantine_file"], folder / f"{file['batch_id']}.after_{batch_id}.parquet"
            self.con.execute(
                "copy (select q.* replace (case when taken._line is not null and replayed_batch_id is null "
                f"then {literal(batch_id)} else replayed_batch_id end as replayed_batch_id) "
                f"from read_parquet({literal(old)}) as q left join taken using (_delivery_id, _line) "
                f"order by _delivery_id, _line) to {literal(aside(new))} (format parquet, compression zstd)"
            )
            place(new, True)
            made[file["batch_id"]] = (old, new.name)
        return made

    def _commit(
        self, batch: Batch, counts: dict[int, int], batch_id: str, months: list[str],
        rewritten: dict[str, tuple[Path, str]], now: str,
    ) -> None:  # fmt: skip
        ledger, accepted = self.workspace.ledger, sum(counts.values())
        with ledger.transaction():
            ledger.insert(
                "batches", batch_id=batch_id, source=self.entity.source, entity=self.entity.entity, kind="replay",
                contract_version=batch.contract.version, committed_at=now, received_rows=accepted,
                accepted_rows=accepted, quarantined_rows=0, raw_file=f"{batch_id}.parquet", months=months,
            )  # fmt: skip
            for made_by, (_, name) in rewritten.items():
                ledger.mark_quarantine_rewritten(made_by, name)
            for number, rows in counts.items():
                delivery = batch.deliveries[number]
                left = delivery["quarantined_rows"] - rows
                ledger.update_delivery(
                    delivery["delivery_id"], accepted_rows=delivery["accepted_rows"] + rows, quarantined_rows=left,
                    state="partially_accepted" if left else "accepted",
                )  # fmt: skip
