"""Messages of the product to single people: written with the change they tell of, read on their screen."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crm.messages import NOTICES
from crm.models import Notice, User


@dataclass(frozen=True)
class NoticeInfo:
    """A message: the catalogues' key with its values, and the page where one sees more."""

    notice_id: int
    kind: str
    text: str
    values: Mapping[str, Any]
    link: str
    created_at: dt.datetime
    read_at: dt.datetime | None


def notify(
    session: Session, user_id: int | None, kind: str, values: Mapping[str, Any], link: str, now: dt.datetime
) -> None:
    """Tell a user something; `kind` is a key of `NOTICES`. Nobody, and who is no more, is told nothing."""
    if kind not in NOTICES:
        raise ValueError(f"no such notice: {kind}")
    if user_id is not None and session.scalar(select(User.is_active).where(User.user_id == user_id)):
        session.add(Notice(user_id=user_id, kind=kind, details=dict(values), link=link, created_at=now))
        session.flush()


def notices(session: Session, user_id: int, *, unread: bool = False, limit: int = 50) -> list[NoticeInfo]:
    """A user's messages, newest first."""
    query = select(Notice).where(Notice.user_id == user_id).order_by(Notice.notice_id.desc()).limit(limit)
    if unread:
        query = query.where(Notice.read_at.is_(None))
    return [_info(row) for row in session.scalars(query)]


def unread_count(session: Session, user_id: int) -> int:
    """How many messages a user has not read."""
    query = select(func.count()).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    return session.scalar(query.select_from(Notice)) or 0


def read_notices(session: Session, user_id: int, now: dt.datetime, notice_ids: Iterable[int] | None = None) -> int:
    """Mark messages of a user as read (None: all of them); how many were not before."""
    wanted = update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    if notice_ids is not None:
        wanted = wanted.where(Notice.notice_id.in_(list(notice_ids)))
    return len(session.scalars(wanted.values(read_at=now).returning(Notice.notice_id)).all())


def _info(row: Notice) -> NoticeInfo:
    return NoticeInfo(
        row.notice_id, row.kind, NOTICES[row.kind], row.details, row.link, row.created_at, row.read_at
    )  # fmt: skip
