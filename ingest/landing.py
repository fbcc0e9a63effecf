"""Taking deliveries into landing/ exactly as sent, so that whatever is done to them later can be done again.

Sources are opened for reading only. A delivery appears under its final name whole and synced, or not at all; the
ledger entry follows. What a killed run left between the two is swept, and the source is simply read again.
"""

import io
import json
import re
import secrets
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from ingest.config import EntityBase
from ingest.scan import Facts, copy_and_scan, known_rows
from ingest.workspace import Workspace
from vitrina.durable import sync_directory, sync_file

_ASIDE = ".tmp"
_SYNCS = 16
_NOTED = ("uri", "sha256", "size_bytes", "received_at", "delivery_date")


@dataclass(frozen=True)
class Origin:
    """Where a delivery comes from. `stamp` changes whenever the content may have (size and time of a file)."""

    uri: str
    file_name: str
    stamp: str | None = None
    delivery_date: str | None = None
    watermark: Any = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Landed:
    """What became of an offered delivery: its id and `landed` or `duplicate`."""

    delivery_id: str
    state: str


@dataclass(frozen=True)
class _Written:
    """A delivery that lies aside: written, not yet synced, not yet known."""

    aside: Path
    delivery_id: str
    origin: Origin
    facts: Facts
    sha256: str
    size: int


def land_files(workspace: Workspace, entity: EntityBase, offers: Sequence[tuple[Path, Origin]]) -> list[Landed]:
    """Take copies of several files: copied side by side, synced together, entered in one transaction."""

    def take(offer: tuple[Path, Origin]) -> _Written:
        with offer[0].open("rb") as source:
            return _write(workspace, entity, offer[1], lambda target: copy_and_scan(source, target))

    with ThreadPoolExecutor(max_workers=workspace.settings.threads) as copiers:
        written = list(copiers.map(take, offers))
    return _settle(workspace, entity, written)


def land_stream(workspace: Workspace, entity: EntityBase, stream: BinaryIO, origin: Origin) -> Landed:
    """Take what a stream holds from its present position on."""
    return _settle(workspace, entity, [_write(workspace, entity, origin, lambda to: copy_and_scan(stream, to))])[0]


def land_bytes(workspace: Workspace, entity: EntityBase, content: bytes, origin: Origin) -> Landed:
    """Take an answer that is in memory."""
    return land_stream(workspace, entity, io.BytesIO(content), origin)


def _write(
    workspace: Workspace, entity: EntityBase, origin: Origin, copy: Callable[[BinaryIO], tuple[Facts, str, int]]
) -> _Written:
    folder = workspace.landing(entity)
    folder.mkdir(parents=True, exist_ok=True)
    moment = f"{workspace.clock():%Y%m%dT%H%M%S%f}"
    aside = folder / f"{moment}-{secrets.token_hex(4)}{_ASIDE}"
    aside.mkdir()
    with (aside / origin.file_name).open("wb") as target:
        facts, digest, size = copy(target)
    return _Written(aside, f"{moment}-{digest[:10]}-{secrets.token_hex(2)}", origin, facts, digest, size)


def _settle(workspace: Workspace, entity: EntityBase, written: list[_Written]) -> list[Landed]:
    """Sync, rename and enter. The watermarks move in the same transaction: nothing is read twice or skipped.

    The same content as an earlier delivery of the entity becomes a `duplicate` without a second copy; a delivery
    without rows is no duplicate of another, because every quiet day looks the same.
    """
    folder, entries = workspace.landing(entity), []
    known: dict[str, dict[str, Any]] = {}
    for one in written:
        earlier = known.get(one.sha256) or _same_content(workspace, entity, one.sha256)
        if earlier and known_rows(entity, one.facts.as_dict() | one.origin.extra) == 0:
            earlier = None
        entry = _entry(workspace, entity, one, earlier)
        if not earlier:
            known[one.sha256] = entry
        entries.append(entry)
    _put_in_place(
        [one for one, entry in zip(written, entries, strict=True) if entry["state"] == "landed"], folder, entries
    )
    for one, entry in zip(written, entries, strict=True):
        if entry["state"] == "duplicate":
            shutil.rmtree(one.aside)
    with workspace.ledger.transaction():
        for one, entry in zip(written, entries, strict=True):
            _enter(workspace, entity, one.origin, entry)
    return [Landed(entry["delivery_id"], entry["state"]) for entry in entries]


def _entry(workspace: Workspace, entity: EntityBase, one: _Written, earlier: dict[str, Any] | None) -> dict[str, Any]:
    now = workspace.now()
    values = {
        "delivery_id": one.delivery_id, "source": entity.source, "entity": entity.entity,
        "kind": entity.kind, "uri": one.origin.uri, "file_name": one.origin.file_name,  # type: ignore[attr-defined]
        "sha256": one.sha256, "size_bytes": one.size, "source_stamp": one.origin.stamp,
        "delivery_date": one.origin.delivery_date, "received_at": now, "facts": one.facts.as_dict() | one.origin.extra,
    }  # fmt: skip
    if earlier:
        return values | {"landed_path": earlier["landed_path"], "state": "duplicate", "decided_at": now,
                         "duplicate_of": earlier["delivery_id"]}  # fmt: skip
    return values | {"landed_path": f"{one.delivery_id}/{one.origin.file_name}", "state": "landed"}


def landed_file(workspace: Workspace, delivery: dict[str, Any]) -> Path:
    """Where the delivery's bytes lie."""
    return workspace.settings.landing_dir / delivery["source"] / delivery["entity"] / delivery["landed_path"]


def sweep_landing(workspace: Workspace, entity: EntityBase) -> int:
    """Remove what a killed run left unfinished: folders that the ledger does not know. Returns how many."""
    folder = workspace.landing(entity)
    if not folder.exists():
        return 0
    known = {
        row["delivery_id"]
        for row in workspace.ledger.rows(
            "select delivery_id from deliveries where source = ? and entity = ?", entity.source, entity.entity
        )
    }
    orphans = [path for path in folder.iterdir() if path.is_dir() and path.name not in known]
    for orphan in orphans:
        shutil.rmtree(orphan)
    return len(orphans)


def date_in_name(pattern: str | None, form: str, name: str) -> str | None:
    """The ISO date that a file name carries, or None: no pattern, no match, or not a date."""
    found = re.search(pattern, name) if pattern else None
    if not found:
        return None
    try:
        return datetime.strptime(found["date"], form).date().isoformat()
    except ValueError:
        return None


def _same_content(workspace: Workspace, entity: EntityBase, digest: str) -> dict[str, Any] | None:
    return workspace.ledger.row(
        "select delivery_id, landed_path from deliveries where source = ? and entity = ? and sha256 = ? "
        "and state <> 'duplicate' order by received_at limit 1",
        entity.source, entity.entity, digest,
    )  # fmt: skip


def _put_in_place(written: list[_Written], folder: Path, entries: list[dict[str, Any]]) -> None:
    """Many syncs at once: a file system commits those that wait together in one go."""
    by_id = {entry["delivery_id"]: entry for entry in entries}

    def sync(one: _Written) -> None:
        note = {name: by_id[one.delivery_id][name] for name in _NOTED}
        (one.aside / "delivery.json").write_text(json.dumps(note, ensure_ascii=False, indent=2), encoding="utf-8")
        for path in (one.aside / one.origin.file_name, one.aside / "delivery.json", one.aside):
            sync_file(path)

    with ThreadPoolExecutor(max_workers=_SYNCS) as syncs:
        list(syncs.map(sync, written))
    for one in written:
        one.aside.rename(folder / one.delivery_id)
    if written:
        sync_directory(folder)


def _enter(workspace: Workspace, entity: EntityBase, origin: Origin, values: dict[str, Any]) -> None:
    with workspace.ledger.transaction():
        workspace.ledger.insert("deliveries", **values)
        if origin.watermark is not None:
            workspace.ledger.set_watermark(
                entity.source, entity.entity, origin.watermark, values["delivery_id"], workspace.now()
            )


def delivery_note(folder: Path) -> dict[str, Any]:
    """What was written beside a landed delivery."""
    return json.loads((folder / "delivery.json").read_text(encoding="utf-8"))
