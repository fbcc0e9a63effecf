"""Segments as people keep them: who owns which, every version of its definition, when it runs and how it went.

Who is a member is not here: that is computed by the pipeline and published with the marts.
"""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base
from crm.models.versioned import DocumentVersion, Revised


class Segment(Revised, Base):
    """An audience. `published` is the version that counts."""

    __tablename__ = "segments"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    folder: Mapped[str] = mapped_column(String(200), default="", index=True)
    tags: Mapped[list[str]]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id"), index=True)
    sharing: Mapped[str] = mapped_column(String(16))
    shared_roles: Mapped[list[str]]
    status: Mapped[str] = mapped_column(String(16), index=True)
    published: Mapped[int | None]
    held: Mapped[bool] = mapped_column(default=False)
    held_kind: Mapped[str] = mapped_column(String(32), default="")
    held_values: Mapped[dict[str, Any]]
    schedule_mode: Mapped[str] = mapped_column(String(16))
    schedule_cron: Mapped[str] = mapped_column(String(120), default="")
    schedule_days: Mapped[list[str]]
    schedule_time: Mapped[str] = mapped_column(String(5), default="")
    schedule_timezone: Mapped[str] = mapped_column(String(64))
    scheduled_at: Mapped[dt.datetime]
    alarm_min_share_pct: Mapped[float | None]
    alarm_max_change_pct: Mapped[float | None]

    @property
    def audited_as(self) -> tuple[str, str]:
        return "segments", self.key


class SegmentVersion(DocumentVersion, Base):
    """One version of a definition: open to changes until it is published, and never changed after that.

    `state` is draft, in_review, approved, returned or published; `editors` are the logins of all who wrote it, none of
    whom may approve it; `verdict` is what was known when review was asked for or it was published.
    """

    __tablename__ = "segment_versions"

    segment_key: Mapped[str] = mapped_column(ForeignKey("segments.key"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reviewer_login: Mapped[str] = mapped_column(String(64), default="")
    reviewed_at: Mapped[dt.datetime | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    verdict: Mapped[dict[str, Any] | None]


class SegmentFixture(Base):
    """A customer who has to be in the segment, or out of it: a test that every version must pass."""

    __tablename__ = "segment_fixtures"
    __table_args__ = (UniqueConstraint("segment_key", "customer_id"),)

    fixture_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    segment_key: Mapped[str] = mapped_column(ForeignKey("segments.key"))
    customer_id: Mapped[int] = mapped_column(BigInteger)
    expected_in: Mapped[bool]
    note: Mapped[str] = mapped_column(Text, default="")
    author_login: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]


class SegmentRun(Base):
    """A version computed on a snapshot: how many are in it, who came and went, and whether that was believed.

    `state` is done, failed, held (the size alarm went off) or released (it did, and somebody looked).
    """

    __tablename__ = "segment_runs"

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    segment_key: Mapped[str] = mapped_column(ForeignKey("segments.key"), index=True)
    version: Mapped[int]
    snapshot_version: Mapped[int]
    as_of: Mapped[dt.date]
    members: Mapped[int | None]
    base: Mapped[int | None]
    entered: Mapped[int | None]
    left: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(16))
    message: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[dt.datetime]


class SegmentExport(Base):
    """The receipt of members taken out as a file; `hash` is over all other columns, and the audit log holds it too."""

    __tablename__ = "segment_exports"

    receipt_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    segment_key: Mapped[str | None] = mapped_column(String(80), index=True)
    version: Mapped[int | None]
    document: Mapped[dict[str, Any]]
    fingerprint: Mapped[str] = mapped_column(String(64))
    snapshot_version: Mapped[int]
    as_of: Mapped[dt.date]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    actor_login: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
    rows: Mapped[int]
    columns: Mapped[list[str]]
    format: Mapped[str] = mapped_column(String(16))
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64), index=True)
    hash: Mapped[str] = mapped_column(String(64))
