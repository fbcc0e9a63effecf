"""Receipts of members taken out: what was asked, of which snapshot, by whom, and the file's hash; provable later.

The receipt's own hash is in the audit log, whose entries are chained: who changes a receipt would have to change all
that was written since.
"""

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import AuditRow, Segment, SegmentExport
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry, digest, record
from crm.services.segments.access import OBJECT, reach
from segments.definition import fingerprint, parse
from vitrina.access.rights import Rights


@dataclass(frozen=True)
class Taken:
    """What was taken out. `segment` and `version` are None for a definition that was never saved."""

    segment: str | None
    version: int | None
    document: Mapping[str, Any] = field(hash=False)
    snapshot_version: int
    as_of: dt.date
    rows: int
    columns: Sequence[str]
    format: str
    file_name: str
    file_sha256: str


@dataclass(frozen=True)
class Receipt:
    """A receipt. `hash` is over all of it."""

    receipt_id: str
    taken: Taken
    fingerprint: str
    actor_id: int | None
    actor_login: str
    at: dt.datetime
    hash: str


@dataclass(frozen=True)
class Verified:
    """Whether a receipt still says what it said: itself, its entry in the audit log, its definition, and (None when no
    file was shown) the file."""

    receipt: Receipt
    is_unchanged: bool
    is_in_audit_log: bool
    is_same_definition: bool
    is_same_file: bool | None

    @property
    def holds(self) -> bool:
        """Whether everything that was looked at is in order."""
        parts = (self.is_unchanged, self.is_in_audit_log, self.is_same_definition, self.is_same_file)
        return False not in parts


def record_export(session: Session, taken: Taken, actor: Actor, now: dt.datetime) -> Receipt:
    """Write the receipt of a file that was made, and its entry in the audit log."""
    row = SegmentExport(
        receipt_id=secrets.token_hex(8), segment_key=taken.segment, version=taken.version,
        document=dict(taken.document), fingerprint=fingerprint(parse(taken.document)),
        snapshot_version=taken.snapshot_version, as_of=taken.as_of, actor_id=actor.user_id,
        actor_login=printable(actor.login, 64), at=now, rows=taken.rows, columns=list(taken.columns),
        format=printable(taken.format, 16), file_name=printable(taken.file_name, 200),
        file_sha256=printable(taken.file_sha256, 64),
    )  # fmt: skip
    row.hash = _digest(row)
    session.add(row)
    session.flush()
    details = {
        "what": "segment_members", "receipt": row.receipt_id, "hash": row.hash, "rows": row.rows,
        "columns": row.columns, "snapshot": row.snapshot_version, "fingerprint": row.fingerprint,
        "sha256": row.file_sha256, "format": row.format,
    }  # fmt: skip
    record(session, actor, Entry(AuditKind.EXPORT, OBJECT, taken.segment or "", details=details), now)
    return _receipt(row)


def exports(session: Session, rights: Rights | None, key: str | None = None, limit: int = 200) -> list[Receipt]:
    """Receipts, newest first: one's own, and those of segments that one may change."""
    query = select(SegmentExport).order_by(SegmentExport.at.desc(), SegmentExport.receipt_id).limit(limit)
    if key is not None:
        query = query.where(SegmentExport.segment_key == key)
    return [_receipt(row) for row in session.scalars(query) if _sees(session, rights, row)]


def receipt(session: Session, rights: Rights | None, receipt_id: str) -> Receipt:
    """One receipt. Raises `CrmError` when it is not there or not shown to him."""
    row = session.get(SegmentExport, receipt_id)
    if row is None or not _sees(session, rights, row):
        raise CrmError("receipt_unknown", receipt=receipt_id[:40])
    return _receipt(row)


def verify(session: Session, rights: Rights | None, receipt_id: str, file_sha256: str | None = None) -> Verified:
    """Hold a receipt against the audit log, its definition and, when its hash is given, a file."""
    found, row = receipt(session, rights, receipt_id), session.get_one(SegmentExport, receipt_id)
    entries = session.scalars(
        select(AuditRow).where(
            AuditRow.kind == AuditKind.EXPORT, AuditRow.object == OBJECT, AuditRow.subject == (row.segment_key or ""),
            AuditRow.at == row.at,
        )
    )  # fmt: skip
    logged = any(
        entry.details.get("receipt") == receipt_id and entry.details.get("hash") == row.hash
        and digest(entry) == entry.hash
        for entry in entries
    )  # fmt: skip
    same_definition = fingerprint(parse(row.document)) == row.fingerprint
    same_file = None if file_sha256 is None else file_sha256.strip().lower() == row.file_sha256
    return Verified(found, _digest(row) == row.hash, logged, same_definition, same_file)


def _sees(session: Session, rights: Rights | None, row: SegmentExport) -> bool:
    if rights is None or row.actor_id == rights.user_id:
        return True
    segment = session.get(Segment, row.segment_key) if row.segment_key else None
    return segment is not None and reach(session, rights).edits(segment)


def _digest(row: SegmentExport) -> str:
    plain = {**asdict(_receipt(row)), "hash": ""}
    plain["at"] = row.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _receipt(row: SegmentExport) -> Receipt:
    taken = Taken(
        row.segment_key, row.version, row.document, row.snapshot_version, row.as_of, row.rows, tuple(row.columns),
        row.format, row.file_name, row.file_sha256,
    )  # fmt: skip
    return Receipt(row.receipt_id, taken, row.fingerprint, row.actor_id, row.actor_login, row.at, row.hash or "")
