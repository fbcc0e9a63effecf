"""Taking deliveries into landing/ exactly as sent, so that whatever is done to them later can be done again.

Sources are opened for reading only. A delivery appears under its final name whole and synced, or not at all; the
ledger entry follows. What a killed run left between the two is swept, and the source is simply read again.
"""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from ingest.config import EntityBase
from ingest.scan import Facts, Scanner, copy_and_scan
from ingest.workspace import Workspace
from vitrina.durable import move_into_place, sync_directory, sync_file, write_json

_ASIDE = ".tmp"


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


def land_file(workspace: Workspace, entity: EntityBase, path: Path, origin: Origin) -> Landed:
    """Take a copy of a file."""

    def write(target: BinaryIO) -> tuple[Facts, str, int]:
        with path.open("rb") as source:
            return copy_and_scan(source, target)

    return land(workspace, entity, origin, write)


def land_stream(workspace: Workspace, entity: EntityBase, stream: BinaryIO, origin: Origin) -> Landed:
    """Take what a stream holds from its present position on."""
    return land(workspace, entity, origin, lambda target: copy_and_scan(stream, target))


def land_bytes(workspace: Workspace, entity: EntityBase, content: bytes, origin: Origin) -> Landed:
    """Take an answer that is in memory."""

    def write(target: BinaryIO) -> tuple[Facts, str, int]:
        scanner = Scanner()
        scanner.feed(content)
        target.write(content)
        facts, digest = scanner.finish()
        return facts, digest, len(content)

    return land(workspace, entity, origin, write)


def land(
    workspace: Workspace, entity: EntityBase, origin: Origin, write: Callable[[BinaryIO], tuple[Facts, str, int]]
) -> Landed:
    """Write one delivery through `write` (which returns facts, SHA-256 and size) and enter it in the ledger.

    The same content as an earlier delivery of the entity becomes a `duplicate` without a second copy. The watermark
    of `origin` moves in the same transaction, so a delivery is neither read twice nor skipped.
    """
    folder = workspace.landing(entity)
    folder.mkdir(parents=True, exist_ok=True)
    moment = workspace.clock()
    aside = folder / f"{moment:%Y%m%dT%H%M%S%f}{_ASIDE}"
    aside.mkdir()
    with (aside / origin.file_name).open("wb") as target:
        facts, digest, size = write(target)
    delivery_id = f"{moment:%Y%m%dT%H%M%S%f}-{digest[:10]}"
    earlier = _same_content(workspace, entity, digest)
    values = {
        "delivery_id": delivery_id, "source": entity.source, "entity": entity.entity, "kind": entity.kind,  # type: ignore[attr-defined]
        "uri": origin.uri, "file_name": origin.file_name, "sha256": digest, "size_bytes": size,
        "source_stamp": origin.stamp, "delivery_date": origin.delivery_date, "received_at": workspace.now(),
        "facts": facts.as_dict() | origin.extra,
    }  # fmt: skip
    if earlier:
        shutil.rmtree(aside)
        values |= {"landed_path": earlier["landed_path"], "state": "duplicate", "duplicate_of": earlier["delivery_id"],
                   "decided_at": workspace.now()}  # fmt: skip
    else:
        _put_in_place(aside, folder / delivery_id, origin.file_name, values)
        values |= {"landed_path": f"{delivery_id}/{origin.file_name}", "state": "landed"}
    _enter(workspace, entity, origin, values)
    return Landed(delivery_id, str(values["state"]))


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
        return datetime.strptime(found["date"], form).date().isoformat()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return None


def _same_content(workspace: Workspace, entity: EntityBase, digest: str) -> dict[str, Any] | None:
    return workspace.ledger.row(
        "select delivery_id, landed_path from deliveries where source = ? and entity = ? and sha256 = ? "
        "and state <> 'duplicate' order by received_at limit 1",
        entity.source, entity.entity, digest,
    )  # fmt: skip


def _put_in_place(aside: Path, final: Path, file_name: str, values: dict[str, Any]) -> None:
    sync_file(aside / file_name)
    note = {name: values[name] for name in ("uri", "sha256", "size_bytes", "received_at", "delivery_date")}
    write_json(aside / "delivery.json", note)
    sync_directory(aside)
    move_into_place(aside, final)


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
