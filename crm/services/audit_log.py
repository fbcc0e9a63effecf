"""Reading the audit log: search by page, check of the chain, the chain's head."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import AuditRow
from crm.services.audit import FIRST_PREVIOUS, AuditKind, digest

_BATCH = 2_000


@dataclass(frozen=True)
class AuditEntry:
    """One entry as it was written. `at` is in UTC."""

    seq: int
    at: dt.datetime
    kind: AuditKind
    actor_id: int | None
    actor_login: str
    acting_for: int | None
    address: str
    object: str
    subject: str
    classes: tuple[str, ...]
    reason: str
    details: dict[str, Any]
    hash: str


@dataclass(frozen=True)
class AuditFilter:
    """What to look for; what is left empty does not narrow. `since` is included, `until` is not.

    `actor` is a login, `subject` an id, `column_class` one of the classes that were seen.
    """

    kind: AuditKind | None = None
    actor: str = ""
    object: str = ""
    subject: str = ""
    column_class: str = ""
    address: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True)
class Head:
    """The last entry's number and hash: kept elsewhere, it proves that nothing before it was cut off or rewritten."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Broken:
    """The first entry that is not what was written. `what`: `changed`, `unlinked` (the one before it was changed or
    is missing), `missing` (numbers are left out, or the end was cut off)."""

    seq: int
    what: str


def kind_of(text: str) -> AuditKind | None:
    """The kind that a person or a client asked for; None for "". Raises `CrmError` when there is none such."""
    try:
        return AuditKind(text) if text else None
    except ValueError:
        raise CrmError("audit_kind", kind=text) from None


def search(session: Session, wanted: AuditFilter, limit: int = 100, before: int | None = None) -> list[AuditEntry]:
    """A page of matching entries, newest first; `before` is the last number of the page before."""
    query = _matching(wanted).order_by(AuditRow.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditRow.seq < before)
    return [_entry(row) for row in session.scalars(query)]


def count(session: Session, wanted: AuditFilter) -> int:
    """How many entries match."""
    return session.scalar(select(func.count()).select_from(_matching(wanted).subquery())) or 0


def entries(session: Session, wanted: AuditFilter) -> Iterator[AuditEntry]:
    """All matching entries, oldest first, read in batches; for exports."""
    rows = session.scalars(_matching(wanted).order_by(AuditRow.seq).execution_options(yield_per=_BATCH))
    yield from map(_entry, rows)


def head(session: Session) -> Head:
    """The end of the chain; of an empty log, number 0."""
    last = session.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).first()
    return Head(last.seq, last.hash) if last else Head(0, FIRST_PREVIOUS)


def verify(session: Session, anchor: Head | None = None) -> Broken | None:
    """The first broken entry of the whole chain, or None. With a head that was kept elsewhere, also a log that was
    shortened or rewritten as a whole is found out."""
    expected, previous = 1, FIRST_PREVIOUS
    query = select(AuditRow).order_by(AuditRow.seq).execution_options(yield_per=_BATCH)
    for row in session.scalars(query):
        if row.seq != expected:
            return Broken(expected, "missing")
        if row.prev_hash != previous:
            return Broken(row.seq, "unlinked")
        if digest(row) != row.hash or (anchor and row.seq == anchor.seq and row.hash != anchor.hash):
            return Broken(row.seq, "changed")
        expected, previous = row.seq + 1, row.hash
        session.expunge(row)
    return Broken(expected, "missing") if anchor and anchor.seq >= expected else None


def _matching(wanted: AuditFilter) -> Select[AuditRow]:
    query = select(AuditRow)
    exact = {
        AuditRow.kind: wanted.kind.value if wanted.kind else "", AuditRow.actor_login: wanted.actor,
        AuditRow.object: wanted.object, AuditRow.subject: wanted.subject, AuditRow.address: wanted.address,
    }  # fmt: skip
    query = query.where(*(column == value for column, value in exact.items() if value))
    if wanted.column_class:
        # Classes are a JSON list of plain words: as text on both engines each stands between quotation marks.
        query = query.where(cast(AuditRow.classes, Text).contains(f'"{wanted.column_class}"', autoescape=True))
    if wanted.since is not None:
        query = query.where(AuditRow.at >= wanted.since)
    return query.where(AuditRow.at < wanted.until) if wanted.until is not None else query


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        row.seq, row.at, AuditKind(row.kind), row.actor_id, row.actor_login, row.acting_for, row.address, row.object,
        row.subject, tuple(row.classes), row.reason, dict(row.details), row.hash,
    )  # fmt: skip
