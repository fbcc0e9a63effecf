"""The published directory: names of versions, the one pointer, its history, the writers' lock and readers' leases.

Not here: what is inside a snapshot (publish.py, facts.py) and when it is removed (retention.py).
"""

import fcntl
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from vitrina.durable import append_line, read_lines, write_json
from vitrina.errors import UserError
from vitrina.warehouse.manifest import Manifest, as_utc

_VERSION = re.compile(r"v(\d{6,})(\.tmp|\.trash)?")


class NothingPublished(UserError):
    """No snapshot answers the request: nothing was ever published, or not that version or date."""


class StoreIsBusy(UserError):
    """Another process publishes, rolls back or sweeps at this moment."""


class StoreIsDamaged(UserError):
    """The pointer or a manifest is not what was written: says which file."""


@dataclass(frozen=True)
class Pointer:
    """The one pointer: which version readers take, and how it came to be so."""

    sequence: int
    version: int
    action: str
    at: str
    reason: str = ""
    withdrawn: tuple[int, ...] = ()

    @property
    def record(self) -> dict[str, Any]:
        """The pointer as it is stored."""
        return {**self.__dict__, "withdrawn": list(self.withdrawn)}


def _pointer_of(record: dict[str, Any]) -> Pointer:
    return Pointer(
        sequence=int(record["sequence"]),
        version=int(record["version"]),
        action=str(record["action"]),
        at=str(record["at"]),
        reason=str(record.get("reason", "")),
        withdrawn=tuple(record.get("withdrawn", ())),
    )


class Store:
    """Names and records of one published directory; creates nothing until something is published."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.pointer_path = self.root / "current.json"
        self.history_path = self.root / "history.jsonl"
        self.facts_dir = self.root / "facts"

    def directory(self, version: int, suffix: str = "") -> Path:
        """Directory of a version; suffix ``.tmp`` while it is written, ``.trash`` while it is removed."""
        return self.root / f"v{version:06d}{suffix}"

    def directories(self, suffix: str = "") -> dict[int, Path]:
        """Directories on disk by version, those with this suffix only, ascending."""
        found = ((entry, _VERSION.fullmatch(entry.name)) for entry in self.root.glob("v*"))
        return dict(sorted((int(m[1]), entry) for entry, m in found if m and (m[2] or "") == suffix))

    def pointer(self) -> Pointer:
        """The current pointer. Raises `NothingPublished`, or `StoreIsDamaged` when it cannot be read."""
        try:
            return _pointer_of(json.loads(self.pointer_path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise NothingPublished(f"nothing has been published in {self.root.name}/ yet") from None
        except (ValueError, KeyError, TypeError) as error:
            raise StoreIsDamaged(f"{self.pointer_path.name} cannot be read: {error}") from error

    def history(self) -> list[Pointer]:
        """Every pointer there ever was, oldest first, the current one included."""
        records = [_pointer_of(record) for record in read_lines(self.history_path)]
        try:
            current = self.pointer()
        except NothingPublished:
            return records
        # A writer killed between moving the pointer and noting it leaves the note to be made here.
        return records if records and records[-1].sequence >= current.sequence else [*records, current]

    def published_versions(self) -> list[int]:
        """Versions that were current at some time and are still on disk, ascending."""
        on_disk = self.directories()
        history = self.history()
        if history and history[0].sequence != 1:  # the journal was lost: do not take old snapshots for orphans
            return [version for version in on_disk if version <= max(p.version for p in history)]
        known = {pointer.version for pointer in history}
        return [version for version in on_disk if version in known]

    def withdrawn_versions(self) -> set[int]:
        """Versions that a rollback took back and nobody restored since."""
        withdrawn: set[int] = set()
        for pointer in self.history():
            withdrawn = (withdrawn | set(pointer.withdrawn)) - {pointer.version}
        return withdrawn

    def next_version(self) -> int:
        """A number no version has had, not even one that was killed or swept."""
        used = [*self.directories(), *self.directories(".tmp"), *self.directories(".trash")]
        return max([*used, *(pointer.version for pointer in self.history())], default=0) + 1

    def move_pointer(self, version: int, action: str, at: datetime, reason: str = "") -> Pointer:
        """Make `version` the one that readers take. The caller holds the lock."""
        history = self.history()
        newer = tuple(v for v in self.published_versions() if v > version)
        withdrawn = newer if action == "rollback" else ()
        sequence = max((p.sequence for p in history), default=0) + 1
        pointer = Pointer(sequence, version, action, as_utc(at).isoformat(), reason, withdrawn)
        self.note_pointer()
        write_json(self.pointer_path, pointer.record)
        self.note_pointer()
        return pointer

    def note_pointer(self) -> None:
        """Append the current pointer to the history unless it is there."""
        noted = read_lines(self.history_path)
        history = self.history()
        if len(history) > len(noted):
            append_line(self.history_path, history[-1].record)

    def manifest(self, version: int) -> Manifest:
        """Manifest of a version. Raises `NothingPublished` when it is not on disk."""
        path = self.directory(version) / "manifest.json"
        try:
            return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NothingPublished(f"version {version} is not on disk: never published, or swept") from None
        except ValueError as error:
            raise StoreIsDamaged(f"{path.parent.name}/manifest.json cannot be read: {error}") from error

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the writers' lock; the kernel drops it when the holder dies. Raises `StoreIsBusy` at once."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreIsBusy("another process publishes, rolls back or sweeps; try again when it ends") from None
            yield

    def lease(self, version: int) -> TextIO:
        """Keep a version from being swept while the returned handle is open, also by other processes.

        Raises `NothingPublished` when the version is gone or going.
        """
        path = self.directory(version) / "manifest.json"
        try:
            handle = path.open("r", encoding="utf-8")
        except FileNotFoundError:
            raise NothingPublished(f"version {version} is not on disk: never published, or swept") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            if not path.exists():
                raise BlockingIOError
        except BlockingIOError:
            handle.close()
            raise NothingPublished(f"version {version} is being swept") from None
        return handle

    @contextmanager
    def claim(self, version: int) -> Iterator[bool]:
        """Whether the caller may remove the version: False while a reader, in any process, holds it.

        While the claim is held no reader can begin to use the version.
        """
        with (self.directory(version) / "manifest.json").open("r", encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
