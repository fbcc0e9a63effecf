"""Who has which role, and what the roles give."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base


class UserRole(Base):
    """A role that a user has: given by hand (`manual`) or by a group of his directory (`group`)."""

    __tablename__ = "user_roles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), primary_key=True)
    role_code: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    origin: Mapped[str] = mapped_column(String(16), primary_key=True)


class GroupRole(Base):
    """Which group of a directory gives which role; group names are kept in small letters."""

    __tablename__ = "group_roles"

    provider: Mapped[str] = mapped_column(String(16), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(400), primary_key=True)
    role_code: Mapped[str] = mapped_column(String(64), primary_key=True)


class MatrixVersion(Base):
    """The whole role matrix as it was saved once; the highest version counts."""

    __tablename__ = "matrix_versions"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime]
    actor_login: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    restored_from: Mapped[int | None]


class RightsState(Base):
    """One row: a counter that grows with every change of anybody's rights, so that readers see it at once."""

    __tablename__ = "rights_state"

    state_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
