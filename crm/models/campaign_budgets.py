"""What campaigns may cost and did: limits, prices of channels, lines of campaigns, and the ledger behind every figure.

The sums on a line are those of its ledger, kept so that a check of the database itself refuses an overdraft.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base
from crm.models.money import Money
from crm.models.versioned import Audited, Revised


class ChannelCost(Audited, Base):
    """What one unit of a channel costs from a day on. Only ever added; of two for one day the later counts."""

    __tablename__ = "channel_costs"
    __table_args__ = (CheckConstraint("price >= 0", name="price"), Index("ix_channel_costs_channel", "channel"))

    cost_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(16))
    price: Mapped[Decimal] = mapped_column(Money())
    valid_from: Mapped[dt.date]
    author_login: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime]

    @property
    def audited_as(self) -> tuple[str, str]:
        return "campaigns", f"cost {self.channel}"


class BudgetLimit(Revised, Base):
    """How much may be set aside in a month, quarter or year, on one channel or (`channel` empty) on all together."""

    __tablename__ = "budget_limits"
    __table_args__ = (
        UniqueConstraint("period_kind", "period_start", "channel"),
        CheckConstraint("amount >= 0", name="amount"),
    )

    limit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    period_kind: Mapped[str] = mapped_column(String(16))
    period_start: Mapped[dt.date]
    channel: Mapped[str] = mapped_column(String(16), default="")
    amount: Mapped[Decimal] = mapped_column(Money())

    @property
    def audited_as(self) -> tuple[str, str]:
        return "campaigns", f"budget {self.period_kind} {self.period_start} {self.channel}".strip()


class CampaignBudgetLine(Base):
    """What a campaign needs on a channel in a month, and what became of it. `contacts` and `price` say how the need was
    computed (null: it was entered)."""

    __tablename__ = "campaign_budget_lines"
    __table_args__ = (
        UniqueConstraint("campaign_id", "channel", "month"),
        CheckConstraint("need >= 0", name="need"),
        CheckConstraint("committed >= 0 AND spent >= 0 AND invoiced >= 0", name="positive"),
        # The guard under everything else: whatever runs at once, nothing is spent that was not set aside.
        CheckConstraint("committed + spent <= reserved", name="overdraft"),
        Index("ix_campaign_budget_lines_month_channel", "month", "channel"),
    )

    line_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.campaign_id"))
    channel: Mapped[str] = mapped_column(String(16))
    month: Mapped[dt.date]
    contacts: Mapped[int | None]
    price: Mapped[Decimal | None] = mapped_column(Money())
    need: Mapped[Decimal] = mapped_column(Money())
    reserved: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))
    committed: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))
    spent: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))
    invoiced: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))


class BudgetEntry(Base):
    """One entry of the ledger: reserve, release, commit, uncommit, spend or invoice. Only ever added. `key` is the
    idempotency key of what was charged (null: none)."""

    __tablename__ = "budget_entries"
    __table_args__ = (
        UniqueConstraint("campaign_id", "kind", "key"),
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_budget_entries_line_id", "line_id"),
    )

    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.campaign_id"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_budget_lines.line_id"))
    channel: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str | None] = mapped_column(String(200))
    amount: Mapped[Decimal] = mapped_column(Money())
    at: Mapped[dt.datetime]
    actor_login: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any] | None]
