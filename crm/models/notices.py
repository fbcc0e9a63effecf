"""What the product has to tell single people: shown on their screen until they have read it, and sent as a digest."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base


class Notice(Base):
    """One message to one user. The sentence belongs to `kind`; `details` fill its places; `link` is where to look."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_user_id_read_at", "user_id", "read_at"),)

    notice_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"))
    kind: Mapped[str] = mapped_column(String(32))
    priority: Mapped[str] = mapped_column(String(8), default="medium", server_default="medium")
    details: Mapped[dict[str, Any]]
    link: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]


class NoticeSettings(Base):
    """What one user wants to be told: kinds switched off, and how often a digest comes by e-mail."""

    __tablename__ = "notice_settings"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), primary_key=True, autoincrement=False)
    muted: Mapped[list[str]]
    digest: Mapped[str] = mapped_column(String(8))
    digest_hour: Mapped[int]
    digest_weekday: Mapped[int]
    updated_at: Mapped[dt.datetime]


class Digest(Base):
    """One e-mail to one user for one period (a day or a week), claimed before it is sent so that nobody gets two.

    `state` is claimed (nothing went out yet), sending (it may have gone out), sent, failed (the server refused it), or
    empty (there was nothing to tell). `until` bounds what it told.
    """

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("user_id", "period"),)

    digest_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"))
    period: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    since: Mapped[dt.datetime]
    until: Mapped[dt.datetime]
    message_id: Mapped[str] = mapped_column(String(120))
    entries: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    claimed_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]
