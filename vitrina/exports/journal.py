"""The folder of one payload: files, the manifests that make them valid, the consumer's state, a record of attempts.

<exports>/<destination>/<payload>/000012_changes.csv            what was sent
                                  000012_changes.manifest.json  written last: a file without it is not valid
                                  journal.jsonl                 every attempt, refusals included
                                  .state/000012_changes.parquet key and row hash of what the consumer then has
"""

import datetime as dt
import fcntl
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from vitrina.durable import append_line, move_into_place, read_lines, write_json, write_text
from vitrina.errors import UserError
from vitrina.exports.changes import Counts
from vitrina.exports.config import ExportSpec
from vitrina.warehouse.manifest import Column, as_utc

_DATA = re.compile(r"(\d{6,}_(full|changes)(_\d+)?)\.(parquet|csv|csv\.gz)")


class ExportIsRunning(UserError):
    """Another process exports the same payload at this moment."""


class UnknownExport(UserError):
    """No such export entry, or no such export of it."""


class ExportManifest(BaseModel):
    """What one export sent: enough for the consumer to check the file and to know what it continues."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    export_id: str
    sequence: int
    destination: str
    payload: str
    mode: Literal["full", "changes"]
    file: str
    bytes: int
    sha256: str
    rows: int
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    source_rows: int
    counts: Counts
    snapshot_version: int
    as_of: dt.date
    created_at: dt.datetime
    previous_export: str | None = None
    previous_version: int | None = None
    baseline_export: str | None = None
    replaced_characters: dict[str, dict[str, str]] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    fingerprint: str = ""


class PayloadFolder:
    """Names, commits and cleans the files of one payload."""

    def __init__(self, exports_dir: Path, spec: ExportSpec) -> None:
        self.path = Path(exports_dir) / spec.destination / spec.payload
        self.state_dir = self.path / ".state"
        self.work_dir = self.path / ".work"
        self._journal = self.path / "journal.jsonl"
        self._acknowledged = self.state_dir / "acknowledged.json"

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the payload's lock and start from a clean folder. Raises `ExportIsRunning` at once."""
        self.state_dir.mkdir(parents=True, exist_ok=True)
        with (self.state_dir / "lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ExportIsRunning(f"{self.path.parent.name}__{self.path.name} is being exported") from None
            self._clean()
            self.work_dir.mkdir()
            try:
                yield
            finally:
                shutil.rmtree(self.work_dir)

    def manifests(self) -> list[ExportManifest]:
        """Completed exports, oldest first."""
        texts = (path.read_text(encoding="utf-8") for path in self.path.glob("*.manifest.json"))
        return sorted((ExportManifest.model_validate_json(text) for text in texts), key=lambda m: m.sequence)

    def last(self) -> ExportManifest | None:
        """The newest completed export."""
        manifests = self.manifests()
        return manifests[-1] if manifests else None

    def attempts(self) -> list[dict[str, Any]]:
        """Every attempt, oldest first: at, status, reason, export_id, snapshot_version."""
        return read_lines(self._journal)

    def record(self, at: dt.datetime, status: str, version: int, reason: str = "", export_id: str = "") -> None:
        """Note an attempt; `status` is exported, unchanged, refused, held or failed."""
        line = {"at": at.isoformat(), "status": status, "snapshot_version": version}
        append_line(self._journal, {**line, "reason": reason, "export_id": export_id})

    def new_id(self, version: int, mode: str) -> str:
        """A file name that no export of this payload has had."""
        used = {manifest.export_id for manifest in self.manifests()}
        base = f"{version:06d}_{mode}"
        repeats = (f"{base}_{number}" for number in range(2, len(used) + 3))
        return next(name for name in (base, *repeats) if name not in used)

    def state(self, export_id: str) -> Path:
        """Where the state after an export is kept."""
        return self.state_dir / f"{export_id}.parquet"

    def commit(self, manifest: ExportManifest, data: Path, state: Path | None) -> None:
        """State, data, and last the manifest, which makes the export valid."""
        if state:
            move_into_place(state, self.state(manifest.export_id))
        move_into_place(data, self.path / manifest.file)
        write_text(self.path / f"{manifest.export_id}.manifest.json", manifest.model_dump_json(indent=1))

    def acknowledged(self) -> str | None:
        """The last export that the consumer confirmed."""
        if not self._acknowledged.exists():
            return None
        return str(json.loads(self._acknowledged.read_text(encoding="utf-8"))["export_id"])

    def acknowledge(self, export_id: str, at: dt.datetime) -> None:
        """Note that the consumer has taken an export in. Raises `UnknownExport`, also for one older than confirmed."""
        order = [manifest.export_id for manifest in self.manifests()]
        if export_id not in order:
            raise UnknownExport(f"{self.path.parent.name}__{self.path.name} has no export {export_id}")
        before = self.acknowledged()
        if before in order and order.index(before) > order.index(export_id):
            raise UnknownExport(f"{before}, which is newer than {export_id}, is confirmed already")
        write_json(self._acknowledged, {"export_id": export_id, "at": as_utc(at).isoformat()})

    def trim(self, spec: ExportSpec) -> None:
        """Remove states that no later export can start from, and data files beyond `keep_files`."""
        ids = [manifest.export_id for manifest in self.manifests()]
        confirmed = self.acknowledged()
        waiting = ids[ids.index(confirmed) :] if confirmed in ids else ids
        needed = {*ids[-1:], *(waiting if spec.baseline == "acknowledged" else []), confirmed}
        for path in self.state_dir.glob("*.parquet"):
            if path.stem not in needed:
                path.unlink()
        unread = set(waiting) if spec.baseline == "acknowledged" else set()
        for manifest in self.manifests()[: -spec.keep_files] if spec.keep_files else []:
            if manifest.export_id not in unread:
                (self.path / manifest.file).unlink(missing_ok=True)

    def _clean(self) -> None:
        """What a killed export left: scratch files, data and states that no manifest vouches for."""
        shutil.rmtree(self.work_dir, ignore_errors=True)
        known = {manifest.export_id for manifest in self.manifests()}
        for path in [*self.path.iterdir(), *self.state_dir.iterdir()]:
            match = _DATA.fullmatch(path.name)
            if path.name.endswith(".tmp") or (match and match[1] not in known):
                path.unlink()
