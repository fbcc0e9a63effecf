"""What is to be sent and what became of it: the outbox, what peers reported, what people answered, who wants no more.

No address of a person is kept here: the sender looks it up when it sends, and keeps a keyed digest to know answers by.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base
from crm.models.money import Money


class OutboxMessage(Base):
    """One message of one step to one customer. `key` makes it once; `token` is in its links and return path.

    `contacted_at`: the moment it was handed over, while it counts as a contact; null again when the peer surely refused
    it. `lease_until` bounds how long a worker that died keeps it; `reason` says why it stands where it stands.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("token"),
        Index("ix_outbox_messages_channel_state_due_at", "channel", "state", "due_at"),
        Index("ix_outbox_messages_channel_state_expires_at", "channel", "state", "expires_at"),
        Index("ix_outbox_messages_campaign_node_id_state", "campaign", "node_id", "state"),
        Index("ix_outbox_messages_customer_id_contacted_at", "customer_id", "contacted_at"),
        Index("ix_outbox_messages_cluster_id_contacted_at", "cluster_id", "contacted_at"),
        Index("ix_outbox_messages_channel_provider_id", "channel", "provider_id"),
        Index("ix_outbox_messages_address_digest_contacted_at", "address_digest", "contacted_at"),
        Index("ix_outbox_messages_changed_at", "changed_at"),
    )

    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(160))
    token: Mapped[str] = mapped_column(String(32))
    campaign: Mapped[str] = mapped_column(String(80))
    node_id: Mapped[str] = mapped_column(String(40))
    step: Mapped[int] = mapped_column(default=0)
    customer_id: Mapped[int] = mapped_column(BigInteger)
    cluster_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(16))
    template: Mapped[str] = mapped_column(String(80))
    priority: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(60), default="")
    reason_values: Mapped[dict[str, Any] | None]
    details: Mapped[dict[str, Any] | None]
    queued_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    changed_at: Mapped[dt.datetime]
    worker: Mapped[str] = mapped_column(String(80), default="")
    lease_until: Mapped[dt.datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    handovers: Mapped[int] = mapped_column(default=0)
    contacted_at: Mapped[dt.datetime | None]
    sent_at: Mapped[dt.datetime | None]
    delivered_at: Mapped[dt.datetime | None]
    failed_at: Mapped[dt.datetime | None]
    read_at: Mapped[dt.datetime | None]
    provider_id: Mapped[str | None] = mapped_column(String(120))
    parts: Mapped[int] = mapped_column(default=0)
    language: Mapped[str] = mapped_column(String(8), default="")
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    address_digest: Mapped[str | None] = mapped_column(String(64))
    charge: Mapped[Decimal | None] = mapped_column(Money())
    charged_at: Mapped[dt.datetime | None]


class OutboxPart(Base):
    """One part of a message that the peer took in several, each with an id and a fate of its own."""

    __tablename__ = "outbox_parts"
    __table_args__ = (Index("ix_outbox_parts_channel_provider_id", "channel", "provider_id"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_messages.message_id"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(16))
    provider_id: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(16))


class DeliveryReport(Base):
    """What a peer said about a message after it had taken it. Written once per `report_key`; without `message_id` while
    nobody knows which message is meant."""

    __tablename__ = "delivery_reports"
    __table_args__ = (
        UniqueConstraint("channel", "report_key"),
        Index("ix_delivery_reports_channel_provider_id", "channel", "provider_id"),
        Index("ix_delivery_reports_message_id", "message_id"),
    )

    report_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(16))
    report_key: Mapped[str] = mapped_column(String(160))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_messages.message_id"))
    provider_id: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    effect: Mapped[str] = mapped_column(String(16), default="")


class CampaignResponse(Base):
    """A response of type 1 (delivery), 2 (interest) or 3 (conversion). `state`: matched, open (nobody knows whose it is
    yet) or dismissed. `is_counted`: inside the window of its message."""

    __tablename__ = "campaign_responses"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_campaign_responses_campaign_type", "campaign", "type"),
        Index("ix_campaign_responses_campaign_received_at", "campaign", "received_at"),
        Index("ix_campaign_responses_message_id", "message_id"),
        Index("ix_campaign_responses_customer_id_at", "customer_id", "at"),
        Index("ix_campaign_responses_state_received_at", "state", "received_at"),
    )

    response_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(24))
    external_id: Mapped[str] = mapped_column(String(160))
    type: Mapped[int]
    kind: Mapped[str] = mapped_column(String(24))
    channel: Mapped[str] = mapped_column(String(16))
    at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(String(16))
    is_planned: Mapped[bool] = mapped_column(default=True)
    is_counted: Mapped[bool] = mapped_column(default=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_messages.message_id"))
    campaign: Mapped[str | None] = mapped_column(String(80))
    node_id: Mapped[str | None] = mapped_column(String(40))
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    address_digest: Mapped[str | None] = mapped_column(String(64), index=True)
    value: Mapped[Decimal | None] = mapped_column(Money())
    text: Mapped[str] = mapped_column(Text, default="")
    matched_by: Mapped[str] = mapped_column(String(64), default="")
    matched_at: Mapped[dt.datetime | None]


class OptOut(Base):
    """Somebody wants no more messages in a channel (`all`: in any) of a category (`all`: of any), from `at` until he
    takes it back. Known by his customer, or by the digest of an address that nobody knew."""

    __tablename__ = "opt_outs"
    __table_args__ = (
        Index("ix_opt_outs_customer_id_channel", "customer_id", "channel"),
        Index("ix_opt_outs_address_digest", "address_digest"),
    )

    opt_out_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    address_digest: Mapped[str | None] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(16))
    at: Mapped[dt.datetime]
    source: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(Text, default="")
    actor_login: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[int | None]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str] = mapped_column(String(64), default="")


class OutboxPause(Base):
    """Nothing of this campaign (`node_id` empty: of none of its steps) is handed over while this row is there."""

    __tablename__ = "outbox_pauses"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    node_id: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    at: Mapped[dt.datetime]
    login: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)


class ChannelState(Base):
    """How a channel stands: what its rate still allows (`tokens` at `refilled_at`), until when its peer wants no more
    (`blocked_until`), whether people stopped it, and the last trouble it had."""

    __tablename__ = "channel_states"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    is_paused: Mapped[bool] = mapped_column(default=False)
    tokens: Mapped[float]
    refilled_at: Mapped[dt.datetime]
    blocked_until: Mapped[dt.datetime | None]
    last_sent_at: Mapped[dt.datetime | None]
    trouble: Mapped[str] = mapped_column(String(200), default="")
    trouble_at: Mapped[dt.datetime | None]


class LandingPage(Base):
    """What the personal page of a campaign shows in one language. It names no customer; `target` is where its button
    leads."""

    __tablename__ = "landing_pages"

    campaign: Mapped[str] = mapped_column(String(80), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    button: Mapped[str] = mapped_column(String(80))
    target: Mapped[str] = mapped_column(String(500))
    revision: Mapped[int]
    updated_at: Mapped[dt.datetime]
    updated_by: Mapped[str] = mapped_column(String(64))
