"""Memberships and changes as immutable Parquet files, and the journal that says which of them count.

A run writes its files into a folder of its own and is recorded last, in one line of `journal.jsonl`; a folder that the
journal does not name is what a killed run left. What counts for a segment is its last run that was neither held nor
failed. Not here: evaluation.
"""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from vitrina.durable import append_line, read_lines, sync_many, write_json
from vitrina.errors import UserError
from vitrina.members.plan import Outcome
from vitrina.warehouse.engine import literal

MEMBERS: Final = "members.parquet"
CHANGES: Final = "changes.parquet"


class SegmentsAreBusy(UserError):
    """Another process computes segments at this moment."""


@dataclass(frozen=True)
class Run:
    """One run: who came out how, whose size was held, which segments were in use; `snapshot` is None until known."""

    run_id: str
    at: str
    as_of: str
    outcomes: tuple[Outcome, ...]
    held: frozenset[str]
    active: frozenset[str]
    snapshot: int | None = None

    @property
    def believed(self) -> frozenset[str]:
        """Segments whose members are those of this run."""
        return frozenset(each.key for each in self.outcomes if each.state == "done") - self.held


class MemberStore:
    """The folder `<home>/segments`; creates nothing until a run is kept."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._journal = root / "journal.jsonl"
        self._told = root / "recorded.json"

    @contextmanager
    def exclusive(self, wait: bool) -> Iterator[None]:
        """Hold the segments of this home; the kernel lets go when the holder dies. Raises `SegmentsAreBusy`."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise SegmentsAreBusy("segments are being computed; try again when that ends") from None
            yield

    def runs(self) -> list[Run]:
        """Every run that was kept, oldest first."""
        return [_run_of(record) for record in read_lines(self._journal)]

    def current(self, runs: list[Run] | None = None) -> dict[str, tuple[Run, Outcome]]:
        """The run that counts, by segment; segments that are no more in use among them."""
        found: dict[str, tuple[Run, Outcome]] = {}
        for run in self.runs() if runs is None else runs:
            found |= {each.key: (run, each) for each in run.outcomes if each.key in run.believed}
        return found

    def folder(self, run_id: str) -> Path:
        """Where a run's files are."""
        return self.root / "runs" / run_id

    def keep(self, connection: duckdb.DuckDBPyConnection, run: Run, members: str, changes: str) -> None:
        """Keep a run: the SELECTs of its members (segment_key, customer_id, since_date) and of its changes
        (segment_key, customer_id, change) become files, then the run counts."""
        folder = self.folder(run.run_id)
        folder.mkdir(parents=True)
        for query, name in ((members, MEMBERS), (changes, CHANGES)):
            target = literal(str(folder / name))
            connection.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd)")
        sync_many([folder / MEMBERS, folder / CHANGES, folder, folder.parent])
        append_line(self._journal, _record(run))

    def sweep(self) -> int:
        """Remove what killed runs left, and members that no segment has any more; the caller holds the lock."""
        runs = self.runs()
        known = {run.run_id for run in runs}
        used = {run.run_id for run, _ in self.current(runs).values()}
        removed = 0
        for folder in (self.root / "runs").glob("*"):
            if folder.name not in known:
                shutil.rmtree(folder)
                removed += 1
            elif folder.name not in used and (folder / MEMBERS).exists():
                (folder / MEMBERS).unlink()
                removed += 1
        return removed

    def untold(self) -> list[Run]:
        """Runs of which the keeper of segments was not told yet."""
        told = json.loads(self._told.read_text(encoding="utf-8"))["run_id"] if self._told.exists() else ""
        return [run for run in self.runs() if run.run_id > told]

    def told(self, run: Run) -> None:
        """The keeper of segments knows of all runs up to this one."""
        write_json(self._told, {"run_id": run.run_id})


def _record(run: Run) -> dict[str, Any]:
    plain = asdict(run)
    return {**plain, "held": sorted(run.held), "active": sorted(run.active)}


def _run_of(record: dict[str, Any]) -> Run:
    outcomes = tuple(Outcome(**each) for each in record["outcomes"])
    return Run(
        **{**record, "outcomes": outcomes, "held": frozenset(record["held"]), "active": frozenset(record["active"])}
    )
