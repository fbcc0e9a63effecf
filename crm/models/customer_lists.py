"""Lists of customers that people upload: what was in the file, and how much of it was recognised."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base
from crm.models.versioned import Audited


class CustomerList(Audited, Base):
    """An uploaded list. `matched` counts rows by the kind of identifier that recognised them, `unmatched` the others by
    reason; the customers themselves are kept with the data."""

    __tablename__ = "customer_lists"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id"), index=True)
    sharing: Mapped[str] = mapped_column(String(16))
    shared_roles: Mapped[list[str]]
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    members: Mapped[int]
    matched: Mapped[dict[str, Any]]
    unmatched: Mapped[dict[str, Any]]
    snapshot_version: Mapped[int | None]
    created_at: Mapped[dt.datetime]
    created_by: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[dt.datetime]
    archived_at: Mapped[dt.datetime | None]

    @property
    def audited_as(self) -> tuple[str, str]:
        return "segments", self.key
