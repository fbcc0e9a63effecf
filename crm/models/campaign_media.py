"""Placements that no single customer is behind: the media plan of a campaign and what the agency reported."""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base, Json
from crm.models.money import Money
from crm.models.versioned import Audited


class MediaPlanLine(Base):
    """One placement: where, when, how many people, at what price. `code` is how the agency's reports name it."""

    __tablename__ = "media_plan_lines"
    __table_args__ = (CheckConstraint("cost >= 0", name="cost"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.campaign_id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int]
    channel: Mapped[str] = mapped_column(String(16))
    format: Mapped[str] = mapped_column(String(200), default="")
    region_code: Mapped[str] = mapped_column(String(16), default="")
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    reach: Mapped[int | None]
    price_model: Mapped[str] = mapped_column(String(16))
    units: Mapped[int | None]
    price: Mapped[Decimal | None] = mapped_column(Money())
    cost: Mapped[Decimal] = mapped_column(Money())


class AgencyReport(Audited, Base):
    """One file that the agency sent; accepted and quarantined rows make up those received."""

    __tablename__ = "agency_reports"
    __table_args__ = (
        UniqueConstraint("campaign_id", "sha256"),
        CheckConstraint("accepted + quarantined = received", name="counts"),
    )

    report_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.campaign_id"))
    campaign_key: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    received: Mapped[int]
    accepted: Mapped[int]
    quarantined: Mapped[int]
    actor_login: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[str] = mapped_column(String(64), default="")
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")

    @property
    def audited_as(self) -> tuple[str, str]:
        return "campaigns", self.campaign_key


class AgencyReportRow(Base):
    """One row of a file as it was sent (`raw`), and what it says, or the `problems` for which it is not counted."""

    __tablename__ = "agency_report_rows"

    report_id: Mapped[int] = mapped_column(ForeignKey("agency_reports.report_id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(40), default="")
    day: Mapped[dt.date | None]
    reach: Mapped[int | None]
    impressions: Mapped[int | None]
    clicks: Mapped[int | None]
    leads: Mapped[int | None]
    cost: Mapped[Decimal | None] = mapped_column(Money())
    raw: Mapped[dict[str, Any]]
    problems: Mapped[list[Any] | None] = mapped_column(Json)
