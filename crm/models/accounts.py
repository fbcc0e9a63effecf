"""Who may sign in, and what was tried."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base

LOCAL = "local"


class User(Base):
    """One person's account. `provider` is local, ldap or oidc; only local accounts have a password here."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("provider", "subject"),
        CheckConstraint("provider <> 'local' OR password_hash IS NOT NULL", name="local_has_password"),
    )

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), default="")
    language: Mapped[str] = mapped_column(String(8), default="ru")
    provider: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str | None] = mapped_column(String(255))
    password_hash: Mapped[str | None] = mapped_column(Text)
    password_set_at: Mapped[dt.datetime | None]
    must_change: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    disabled_at: Mapped[dt.datetime | None]
    disabled_reason: Mapped[str] = mapped_column(Text, default="")
    last_sign_in_at: Mapped[dt.datetime | None]


class PasswordHistory(Base):
    """Hashes of earlier passwords, so that none comes back too soon."""

    __tablename__ = "password_history"

    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), index=True)
    password_hash: Mapped[str] = mapped_column(Text)
    set_at: Mapped[dt.datetime]


class SignInFailure(Base):
    """Failed attempts in a row, by account name (hashed, whether it exists or not) or by address."""

    __tablename__ = "sign_in_failures"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[dt.datetime] = mapped_column(index=True)
    locked_until: Mapped[dt.datetime | None]
    # Tries during a lock are put on record once for each lock: more would let anybody fill the audit log.
    told_until: Mapped[dt.datetime | None]
