"""Campaigns as people work on them: the register, every version of what is approved, what happened to them.

What a flow or a policy means is not here (`campaigns`), nor who took part and what was sent.
"""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base, Json
from crm.models.versioned import DocumentVersion, Revised


class Campaign(Revised, Base):
    """A marketing initiative from its idea to what came of it.

    `version` is the newest version of its content and `approved` the one that was approved last; `pins` are the
    versions of templates and segments that the content stands on: {"templates": {key: number}, "segments": {…}}.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_campaigns_starts_on_ends_on", "starts_on", "ends_on"),
    )

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(16))
    goal: Mapped[str] = mapped_column(Text, default="")
    customer_type: Mapped[str] = mapped_column(String(16), default="")
    category: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(default=50)
    audience: Mapped[dict[str, Any]]
    audience_size: Mapped[int | None]
    flow: Mapped[dict[str, Any] | None]
    channels: Mapped[list[str]]
    starts_on: Mapped[dt.date | None]
    ends_on: Mapped[dt.date | None]
    responsible_login: Mapped[str] = mapped_column(String(64), default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id"), index=True)
    author_login: Mapped[str] = mapped_column(String(64))
    stage: Mapped[str] = mapped_column(String(16), index=True)
    stage_at: Mapped[dt.datetime]
    version: Mapped[int]
    approved: Mapped[int | None]
    pins: Mapped[dict[str, Any]]
    copied_from: Mapped[int | None] = mapped_column(ForeignKey("campaigns.campaign_id"))

    @property
    def audited_as(self) -> tuple[str, str]:
        return "campaigns", self.key


class CampaignVersion(DocumentVersion, Base):
    """All that is approved as one document; `fingerprint` is its SHA-256. `state` is draft, submitted, approved,
    returned, or dropped (its approval went with a later change); `editors` wrote it or what it grew from, and none of
    them may approve it."""

    __tablename__ = "campaign_versions"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.campaign_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    submitted_by: Mapped[str] = mapped_column(String(64), default="")
    submitted_at: Mapped[dt.datetime | None]
    route_key: Mapped[str] = mapped_column(String(80), default="")
    route_revision: Mapped[int | None]
    parameters: Mapped[dict[str, Any] | None] = mapped_column(Json)


class CampaignEvent(Base):
    """Something that happened to a campaign: a change of its stage, an approval, a fault. Only ever added."""

    __tablename__ = "campaign_events"

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.campaign_id"), index=True)
    what: Mapped[str] = mapped_column(String(32))
    from_stage: Mapped[str] = mapped_column(String(16))
    to_stage: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int | None]
    actor_login: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
    details: Mapped[dict[str, Any]]


class CampaignComment(Base):
    """What somebody said about a part of a campaign (`node_id`: about a step of its flow). Only ever added."""

    __tablename__ = "campaign_comments"

    comment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.campaign_id"), index=True)
    version: Mapped[int]
    part: Mapped[str] = mapped_column(String(16))
    node_id: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None]
    author_login: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]


class CampaignKpi(Base):
    """A figure by which a campaign is judged. `direction` is at_least or at_most; `fact` is what was measured last."""

    __tablename__ = "campaign_kpis"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.campaign_id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(16))
    direction: Mapped[str] = mapped_column(String(16))
    target: Mapped[float]
    fact: Mapped[float | None]
    fact_at: Mapped[dt.datetime | None]
    fact_source: Mapped[str] = mapped_column(String(200), default="")


class CampaignConclusion(Base):
    """What people learnt from a campaign. Only ever added; the newest is shown first."""

    __tablename__ = "campaign_conclusions"

    conclusion_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.campaign_id"), index=True)
    verdict: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    proposals: Mapped[str] = mapped_column(Text, default="")
    figures: Mapped[dict[str, Any]]
    author_id: Mapped[int | None]
    author_login: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
