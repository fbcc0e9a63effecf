"""Documents that people write in versions, whatever they are of: what is saved is storable, goes over nobody else's
change, and is in the audit log."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models.versioned import Audited, DocumentVersion, Revised
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry, record

_LONGEST = 100_000


def named(name: str) -> str:
    """A name to show. Raises `CrmError` when nothing is left of it."""
    shown = printable(name.strip(), 200)
    if not shown:
        raise CrmError("segment_name_missing")
    return shown


def lines(text: str) -> str:
    """A longer text, its line ends kept."""
    return "\n".join(printable(line, 2000) for line in text.strip().splitlines())[:4000]


def require_storable(document: Mapping[str, Any]) -> None:
    """Raises `CrmError` for what a database cannot keep: PostgreSQL takes no NUL, nothing half a character."""
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except ValueError:
        raise CrmError("segment_document") from None
    if size > _LONGEST or "\\u0000" in text:
        raise CrmError("segment_document")


def touch(row: Revised, actor: Actor, now: dt.datetime) -> None:
    """A change that others must have seen before they save theirs."""
    row.revision += 1
    row.updated_at, row.updated_by = now, printable(actor.login, 64)


def note(
    session: Session, row: Audited, actor: Actor, now: dt.datetime, what: str, reason: str = "", **details: object
) -> None:
    """Write a change of a row to the audit log."""
    session.flush()
    about, subject = row.audited_as
    record(session, actor, Entry(AuditKind.DATA_CHANGED, about, subject, (), reason, {"what": what, **details}), now)


def set_given(row: Revised, wanted: Mapping[str, object]) -> list[str]:
    """Set the fields whose value is given (not None) and another than before; gives their names."""
    changed = [field for field, value in wanted.items() if value is not None and value != getattr(row, field)]
    for field in changed:
        setattr(row, field, wanted[field])
    return changed


def rewrite(
    version: DocumentVersion, document: dict[str, Any], fingerprint: str, actor: Actor, now: dt.datetime, reason: str
) -> None:
    """Another document in an open version, by one more editor of it."""
    version.document, version.fingerprint = document, fingerprint
    version.author_id, version.author_login = actor.user_id, printable(actor.login, 64)
    version.editors = sorted({*version.editors, version.author_login})
    version.reason, version.at = printable(reason, 2000), now
