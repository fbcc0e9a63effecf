"""Plans of sales with every version of their figures, and the schemes by which bonuses are counted.

Facts and forecasts are not here: they come from the marts. Amounts are whole hundredths, so that both engines add them
up exactly.
"""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base
from crm.models.versioned import Revised


class PerformancePlan(Revised, Base):
    """What a department and all below it shall reach in a period. `approved` is the version that counts, `version` the
    newest."""

    __tablename__ = "performance_plans"
    __table_args__ = (UniqueConstraint("period_kind", "period_start", "department_id"),)

    plan_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    period_kind: Mapped[str] = mapped_column(String(16))
    period_start: Mapped[dt.date]
    department_id: Mapped[str] = mapped_column(ForeignKey("departments.department_id"), index=True)
    version: Mapped[int]
    approved: Mapped[int | None]

    @property
    def audited_as(self) -> tuple[str, str]:
        return "kpis", f"plan {self.plan_id}"


class PerformancePlanVersion(Base):
    """One version of a plan: open to changes in draft and returned, never changed once it was approved.

    `state` is draft, submitted, approved or returned; `editors` are the logins of all who wrote it, none of whom may
    approve it; `origin` says how its figures were made.
    """

    __tablename__ = "performance_plan_versions"

    plan_id: Mapped[int] = mapped_column(ForeignKey("performance_plans.plan_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(16))
    editors: Mapped[list[str]]
    origin: Mapped[dict[str, Any]]
    author_login: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
    submitted_by: Mapped[str] = mapped_column(String(64), default="")
    submitted_at: Mapped[dt.datetime | None]
    reviewer_login: Mapped[str] = mapped_column(String(64), default="")
    reviewed_at: Mapped[dt.datetime | None]


class PerformancePlanLine(Base):
    """The figure of one subject (employee or department) for one indicator; departments hold what is below them."""

    __tablename__ = "performance_plan_lines"
    __table_args__ = (
        ForeignKeyConstraint(
            ["plan_id", "version"], ["performance_plan_versions.plan_id", "performance_plan_versions.number"]
        ),
    )

    plan_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    kpi: Mapped[str] = mapped_column(String(64), primary_key=True)
    hundredths: Mapped[int] = mapped_column(BigInteger)


class PerformancePlanEvent(Base):
    """What happened to a plan, with what people said: only added to."""

    __tablename__ = "performance_plan_events"

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("performance_plans.plan_id"), index=True)
    version: Mapped[int]
    what: Mapped[str] = mapped_column(String(32))
    comment: Mapped[str] = mapped_column(Text, default="")
    login: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]


class BonusScheme(Base):
    """One version of a bonus scheme: it holds from its first day until the next version of the same key begins.

    `document` is checked by `crm.services.performance.scheme_reading` before it is kept.
    """

    __tablename__ = "bonus_schemes"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[dt.date]
    document: Mapped[dict[str, Any]]
    author_login: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime]
