"""The audit log: rows are only ever added, and each holds the hash of the one before."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base

SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")


class AuditRow(Base):
    """One entry. Holds no personal data: `subject` is an id, `classes` are column classes."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_kind_at", "kind", "at"),)

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[dt.datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[int | None] = mapped_column(index=True)
    actor_login: Mapped[str] = mapped_column(String(64))
    # Whose eyes an administrator looked through.
    acting_for: Mapped[int | None]
    address: Mapped[str] = mapped_column(String(64))
    object: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200), index=True)
    classes: Mapped[list[str]]
    reason: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]]
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
