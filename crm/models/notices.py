"""What the product has to tell single people: shown on their screen until they have read it."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base


class Notice(Base):
    """One message to one user. The sentence belongs to `kind`; `details` fill its places; `link` is where to look."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_user_id_read_at", "user_id", "read_at"),)

    notice_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"))
    kind: Mapped[str] = mapped_column(String(32))
    details: Mapped[dict[str, Any]]
    link: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]
