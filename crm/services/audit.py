"""The audit log: entries are added at the end of their transaction, each chained to the one before by its hash.

Entries hold ids, codes and column classes; never names, numbers or passwords. Not here: who may read the log.
"""

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from crm.database import AUDIT_CHAIN, before_commit, one_at_a_time
from crm.models import AuditRow
from crm.services.actor import Actor, printable

AFTER_EVERYTHING = 100
FIRST_PREVIOUS = "0" * 64
_PENDING = "audit_entries"
security_log, change_log = logging.getLogger("vitrina.security"), logging.getLogger("vitrina.changes")


class AuditKind(StrEnum):
    """What an entry tells of."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    REFUSED = "refused"
    RIGHTS_CHANGED = "rights_changed"
    DATA_CHANGED = "data_changed"
    PERSONAL_DATA_VIEWED = "personal_data_viewed"
    EXPORT = "export"
    QUERY = "query"
    VIEW_AS = "view_as"


@dataclass(frozen=True)
class Entry:
    """What happened: to which object, to whose record (`subject`, an id), which column classes were seen, and why."""

    kind: AuditKind
    object: str
    subject: str = ""
    classes: Sequence[str] = ()
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def record(session: Session, actor: Actor, entry: Entry, now: dt.datetime) -> None:
    """Add an entry to the log when the session's transaction commits; if it does not, nothing happened."""
    session.info.setdefault(_PENDING, []).append((actor, entry, now))
    before_commit(session, "audit", AFTER_EVERYTHING, _write)


def digest(row: AuditRow) -> str:
    """The hash that a row must have: SHA-256 over the hash before and the row's canonical JSON."""
    content = {
        "seq": row.seq, "at": row.at.astimezone(dt.UTC).isoformat(timespec="microseconds"), "kind": row.kind,
        "actor_id": row.actor_id, "actor_login": row.actor_login, "acting_for": row.acting_for,
        "address": row.address, "object": row.object, "subject": row.subject, "classes": row.classes,
        "reason": row.reason, "details": row.details,
    }  # fmt: skip
    text_ = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((row.prev_hash + text_).encode()).hexdigest()


def _write(session: Session) -> None:
    pending = session.info.pop(_PENDING, [])
    # Two writers must not chain to the same row.
    one_at_a_time(session, AUDIT_CHAIN)
    last = session.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.hash) if last else (0, FIRST_PREVIOUS)
    written: list[AuditRow] = []
    for actor, entry, now in pending:
        seq += 1
        row = _row(seq, previous, actor, entry, now)
        session.add(row)
        previous = row.hash
        written.append(row)
    session.flush()
    event.listen(session, "after_commit", lambda _session: _tell(written), once=True)


def _row(seq: int, previous: str, actor: Actor, entry: Entry, now: dt.datetime) -> AuditRow:
    row = AuditRow(
        seq=seq, at=now, kind=AuditKind(entry.kind).value, actor_id=actor.user_id,
        actor_login=printable(actor.login, 64), acting_for=actor.acting_for, address=printable(actor.address, 64),
        object=entry.object, subject=printable(entry.subject, 200), classes=sorted(entry.classes),
        reason=printable(entry.reason, 2000), details=_plain(entry.details), prev_hash=previous,
    )  # fmt: skip
    row.hash = digest(row)
    return row


def _plain(details: Mapping[str, Any]) -> dict[str, Any]:
    """Only what every engine gives back exactly as it was: texts, whole numbers, truth, and lists and maps of them."""
    return {str(name): _plain_value(value) for name, value in details.items()}


def _plain_value(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain_value(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    return printable(str(value), 2000)


def _tell(rows: list[AuditRow]) -> None:
    """A copy of the chain in the security log, so that a cut tail of the table does not go unseen; changes of rights
    and data also in the change log."""
    for row in rows:
        told = {
            "seq": row.seq, "kind": row.kind, "actor": row.actor_login, "address": row.address, "object": row.object,
            "subject": row.subject, "classes": row.classes, "details": row.details, "hash": row.hash,
        }  # fmt: skip
        level = logging.WARNING if row.kind == AuditKind.REFUSED else logging.INFO
        security_log.log(level, "audit", extra=told)
        if row.kind in (AuditKind.DATA_CHANGED, AuditKind.RIGHTS_CHANGED):
            change_log.info("change", extra={**told, "reason": row.reason})
