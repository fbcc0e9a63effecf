"""The company: departments, employees, who is which user, who stands in for whom.

`loaded` is the row as the source last sent it (null for one made by hand), `edited_fields` what people changed since:
a later load leaves those alone.
"""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base


class Department(Base):
    """A node of the organisation tree; `kind` is head_office, region, unit or group."""

    __tablename__ = "departments"

    department_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("departments.department_id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    region_code: Mapped[str | None] = mapped_column(String(16))
    is_active: Mapped[bool] = mapped_column(default=True)
    loaded: Mapped[dict[str, Any] | None]
    edited_fields: Mapped[list[str]]


class Employee(Base):
    """A person who works or worked for the operator."""

    __tablename__ = "employees"

    employee_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    department_id: Mapped[str | None] = mapped_column(ForeignKey("departments.department_id"), index=True)
    full_name: Mapped[str] = mapped_column(Text)
    position: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    is_employed: Mapped[bool] = mapped_column(default=True)
    loaded: Mapped[dict[str, Any] | None]
    edited_fields: Mapped[list[str]]


class UserEmployee(Base):
    """Which employee a user is; no employee is two users."""

    __tablename__ = "user_employees"

    employee_id: Mapped[str] = mapped_column(ForeignKey("employees.employee_id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), index=True)


class StandIn(Base):
    """From the first day to the last, both included, the substitute also works as the absent employee."""

    __tablename__ = "stand_ins"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="dates"),
        CheckConstraint("absent_id <> substitute_id", name="two_people"),
    )

    stand_in_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    absent_id: Mapped[str] = mapped_column(ForeignKey("employees.employee_id"))
    substitute_id: Mapped[str] = mapped_column(ForeignKey("employees.employee_id"), index=True)
    first_day: Mapped[dt.date]
    last_day: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(Text)
    cancelled_at: Mapped[dt.datetime | None]
