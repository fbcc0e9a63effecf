"""Messages of the product to single people: written with the change they tell of, read on their screen."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from crm.messages import NOTICES
from crm.models import Notice, NoticeSettings, User

PRIORITIES = ("high", "medium", "low")


@dataclass(frozen=True)
class NoticeInfo:
    """A message: the catalogues' key with its values, and the page where one sees more."""

    notice_id: int
    kind: str
    priority: str
    text: str
    values: Mapping[str, Any]
    link: str
    created_at: dt.datetime
    read_at: dt.datetime | None


def notify(
    session: Session, user_id: int | None, kind: str, values: Mapping[str, Any], link: str, now: dt.datetime,
    priority: str = "medium",
) -> bool:  # fmt: skip
    """Tell a user something; `kind` is a key of `NOTICES`. Nobody, who is no more, and who switched this kind off, is
    told nothing; whether somebody was told."""
    if kind not in NOTICES or priority not in PRIORITIES:
        raise ValueError(f"no such notice: {kind}, {priority}")
    if user_id is None or not session.scalar(select(User.is_active).where(User.user_id == user_id)):
        return False
    choice = session.get(NoticeSettings, user_id)
    if choice is not None and kind in choice.muted:
        return False
    session.add(
        Notice(user_id=user_id, kind=kind, priority=priority, details=dict(values), link=link, created_at=now)
    )  # fmt: skip
    session.flush()
    return True


def notices(
    session: Session, user_id: int, *, unread: bool = False, priority: str = "", kinds: Iterable[str] = (),
    limit: int = 50, offset: int = 0,
) -> list[NoticeInfo]:  # fmt: skip
    """A user's messages, newest first; only those of a priority or of some kinds when they are named."""
    query = select(Notice).where(Notice.user_id == user_id).order_by(Notice.notice_id.desc())
    if unread:
        query = query.where(Notice.read_at.is_(None))
    if priority:
        query = query.where(Notice.priority == priority)
    if wanted := list(kinds):
        query = query.where(Notice.kind.in_(wanted))
    return [_info(row) for row in session.scalars(query.limit(limit).offset(offset))]


def unread_count(session: Session, user_id: int, priority: str = "") -> int:
    """How many messages a user has not read; of one priority when it is named."""
    query = select(func.count()).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    if priority:
        query = query.where(Notice.priority == priority)
    return session.scalar(query.select_from(Notice)) or 0


def read_notices(session: Session, user_id: int, now: dt.datetime, notice_ids: Iterable[int] | None = None) -> int:
    """Mark messages of a user as read (None: all of them); how many were not before."""
    wanted = update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    if notice_ids is not None:
        wanted = wanted.where(Notice.notice_id.in_(list(notice_ids)))
    return len(session.scalars(wanted.values(read_at=now).returning(Notice.notice_id)).all())


def unread_notices(session: Session, user_id: int, notice_ids: Iterable[int]) -> int:
    """Mark messages of a user as not read after all; how many were read before."""
    wanted = update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_not(None))
    wanted = wanted.where(Notice.notice_id.in_(list(notice_ids))).values(read_at=None)
    return len(session.scalars(wanted.returning(Notice.notice_id)).all())


def remove_notices(session: Session, user_id: int, notice_ids: Iterable[int] | None = None) -> int:
    """Take messages of a user off his list for good (None: all of them); how many there were. What they told of is kept
    where it happened."""
    wanted = delete(Notice).where(Notice.user_id == user_id)
    if notice_ids is not None:
        wanted = wanted.where(Notice.notice_id.in_(list(notice_ids)))
    return len(session.scalars(wanted.returning(Notice.notice_id)).all())


def count_notices(
    session: Session, user_id: int, *, unread: bool = False, priority: str = "", kinds: Iterable[str] = ()
) -> int:
    """How many messages `notices` would list without a limit."""
    query = select(func.count()).select_from(Notice).where(Notice.user_id == user_id)
    if unread:
        query = query.where(Notice.read_at.is_(None))
    if priority:
        query = query.where(Notice.priority == priority)
    if wanted := list(kinds):
        query = query.where(Notice.kind.in_(wanted))
    return session.scalar(query) or 0


def _info(row: Notice) -> NoticeInfo:
    return NoticeInfo(
        row.notice_id, row.kind, row.priority, NOTICES[row.kind], row.details, row.link, row.created_at, row.read_at
    )  # fmt: skip
