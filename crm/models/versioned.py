"""What rows have in common that several people write: who saved last, and versions of a document."""

import datetime as dt
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column


class Audited:
    """A row whose changes go to the audit log."""

    @property
    def audited_as(self) -> tuple[str, str]:
        """Its object and its subject there."""
        raise NotImplementedError


class Revised(Audited):
    """A row of which `revision` grows with every save, so that two who edit at once do not overwrite each other."""

    revision: Mapped[int]
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    updated_by: Mapped[str] = mapped_column(String(64))


class DocumentVersion:
    """One version of a document: open to changes until it is published, and never changed after that. `editors` are
    the logins of all who wrote it."""

    document: Mapped[dict[str, Any]]
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(16))
    author_id: Mapped[int | None]
    author_login: Mapped[str] = mapped_column(String(64))
    editors: Mapped[list[str]]
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[dt.datetime]
    restored_from: Mapped[int | None]
    published_at: Mapped[dt.datetime | None]
    published_by: Mapped[str] = mapped_column(String(64), default="")
