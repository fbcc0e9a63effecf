"""Who has to agree with a campaign before it runs: the routes, and every step that was asked for."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base, Json
from crm.models.versioned import Revised


class ApprovalRoute(Revised, Base):
    """A rule: campaigns of which `condition` holds take these `steps`. Of several the one with the lowest `position`
    counts."""

    __tablename__ = "campaign_approval_routes"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)
    condition: Mapped[dict[str, Any]]
    steps: Mapped[list[Any]] = mapped_column(Json)

    @property
    def audited_as(self) -> tuple[str, str]:
        return "campaigns", f"route {self.key}"


class CampaignApproval(Base):
    """One step of one version's approval. `state` is waiting, open, approved, returned or withdrawn; `fingerprint` is
    the hash of what was agreed with, `on_behalf_of` the employee for whom somebody stood in."""

    __tablename__ = "campaign_approvals"
    __table_args__ = (
        UniqueConstraint("campaign_id", "version", "round", "step"),
        Index("ix_campaign_approvals_state_due_at", "state", "due_at"),
    )

    approval_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.campaign_id"))
    version: Mapped[int]
    round: Mapped[int]
    step: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    role_code: Mapped[str] = mapped_column(String(64), default="")
    employee_id: Mapped[str | None] = mapped_column(String(64))
    parts: Mapped[list[str]]
    days: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    fingerprint: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[dt.datetime | None]
    due_at: Mapped[dt.datetime | None]
    reminded_at: Mapped[dt.datetime | None]
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[int | None] = mapped_column(index=True)
    decided_login: Mapped[str] = mapped_column(String(64), default="")
    on_behalf_of: Mapped[str | None] = mapped_column(String(64))
    comment: Mapped[str] = mapped_column(Text, default="")
