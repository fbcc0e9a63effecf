"""Looking through somebody's eyes: kept with the administrator's session, read-only, on record."""

import datetime as dt

from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import UserSession
from crm.services.accounts import found, required
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record


def start_view_as(session: Session, session_id: int, user_id: int, actor: Actor, now: dt.datetime, reason: str) -> None:
    """From now on this session shows what `user_id` would see. Whether the actor may is the caller's question."""
    if user_id == actor.user_id:
        raise CrmError("view_as_self")
    found(session, user_id)
    _row(session, session_id).view_as_user_id = user_id
    entry = Entry(AuditKind.VIEW_AS, "users", str(user_id), (), required(reason), {"what": "start"})
    record(session, actor, entry, now)


def end_view_as(session: Session, session_id: int, actor: Actor, now: dt.datetime) -> None:
    """Back to one's own eyes; harmless when nothing was begun."""
    row = _row(session, session_id)
    if row.view_as_user_id is not None:
        entry = Entry(AuditKind.VIEW_AS, "users", str(row.view_as_user_id), details={"what": "end"})
        row.view_as_user_id = None
        record(session, actor, entry, now)


def _row(session: Session, session_id: int) -> UserSession:
    row = session.get(UserSession, session_id, with_for_update=True)
    if row is None or row.ended_at is not None:
        raise CrmError("session_unknown")
    return row
