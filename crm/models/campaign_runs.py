"""Who takes part in a campaign and how far everybody got: freezes of audiences, participants, counts, results."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base, Json


class CampaignRun(Base):
    """What a campaign carries out: its approved flow as it was when it started. `seen_until`: what came of messages up
    to then was walked; `stopped_nodes` are steps that nobody enters any more."""

    __tablename__ = "campaign_runs"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int]
    flow: Mapped[dict[str, Any]]
    audience: Mapped[dict[str, Any]]
    ends_on: Mapped[dt.date | None]
    expected: Mapped[int | None]
    started_at: Mapped[dt.datetime]
    started_by: Mapped[str] = mapped_column(String(64))
    seen_until: Mapped[dt.datetime | None]
    ticked_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    trouble: Mapped[str] = mapped_column(String(200), default="")


class CampaignFreeze(Base):
    """One taking of an audience, with its receipt: what it was taken from, what it means, and what came of it.

    `kind`: start, snapshot (who entered the segment since), or event. While `state` is writing, rows of its
    participants count for nothing; `token` names the process that writes them. `digest`: SHA-256 of (customer, cluster,
    group, reason) by customer.
    """

    __tablename__ = "campaign_freezes"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    token: Mapped[str] = mapped_column(String(32))
    snapshot: Mapped[int]
    as_of: Mapped[dt.date]
    definition: Mapped[dict[str, Any]]
    fingerprint: Mapped[str] = mapped_column(String(64))
    policy: Mapped[int | None]
    share_pct: Mapped[float]
    counts: Mapped[dict[str, Any]]
    balance: Mapped[dict[str, Any] | None] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(String(64), default="")
    actor_login: Mapped[str] = mapped_column(String(64))
    begun_at: Mapped[dt.datetime]
    frozen_at: Mapped[dt.datetime | None]


class CampaignParticipant(Base):
    """A customer of a campaign's audience. `arm`: contacted, control (of this campaign), universal (of the house), or
    excluded, with the `reason`; only the first two walk the flow.

    `wake_at`: when he is to be walked next without anything new being known of him; `is_held`: nothing happens to him
    until he is let go again.
    """

    __tablename__ = "campaign_participants"
    __table_args__ = (
        Index("ix_campaign_participants_campaign_wake_at", "campaign", "wake_at"),
        {"sqlite_with_rowid": False},
    )

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    freeze: Mapped[int]
    cluster_id: Mapped[int] = mapped_column(BigInteger)
    arm: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(40), default="")
    region: Mapped[str | None] = mapped_column(String(16))
    manager_id: Mapped[str | None] = mapped_column(String(64))
    node_id: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    entered_at: Mapped[dt.datetime]
    wake_at: Mapped[dt.datetime | None]
    is_held: Mapped[bool] = mapped_column(default=False)
    way: Mapped[dict[str, Any] | None]


class CampaignPassage(Base):
    """How many left a node by a port so far; counted with the walk itself, so that it is read at once."""

    __tablename__ = "campaign_passages"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    node_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    port: Mapped[str] = mapped_column(String(40), primary_key=True)
    passed: Mapped[int]
    last_at: Mapped[dt.datetime]


class CampaignTriggerEvent(Base):
    """An event that brings a customer into a trigger campaign; taken in once per (`source`, `external_id`)."""

    __tablename__ = "campaign_trigger_events"
    __table_args__ = (
        UniqueConstraint("campaign", "source", "external_id"),
        Index("ix_campaign_trigger_events_campaign_taken_at", "campaign", "taken_at"),
    )

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    campaign: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(40))
    external_id: Mapped[str] = mapped_column(String(160))
    customer_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    taken_at: Mapped[dt.datetime | None]
    outcome: Mapped[str] = mapped_column(String(40), default="")


class CampaignResult(Base):
    """What a campaign came to, as it was computed on a snapshot. Only ever added: the newest counts."""

    __tablename__ = "campaign_results"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    snapshot: Mapped[int]
    as_of: Mapped[dt.date]
    computed_at: Mapped[dt.datetime]
    figures: Mapped[dict[str, Any]]
    notes: Mapped[str] = mapped_column(Text, default="")
