"""What somebody has to do by when, about a customer or about anything else; and everything that happened to it."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base


class Task(Base):
    """A call, a meeting, a letter, an offer. `assignee_id` is the employee who does it (null: nobody yet);
    `manager_id` and `region_code` are the customer's, and say who else may see it."""

    __tablename__ = "tasks"
    __table_args__ = (
        # A signal's own task is made once, however often its run is killed.
        UniqueConstraint("made_of"),
        Index("ix_tasks_assignee_id_state_due_at", "assignee_id", "state", "due_at"),
    )

    task_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    customer_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("signals.signal_id"), index=True)
    made_of: Mapped[str | None] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    assignee_id: Mapped[str | None] = mapped_column(String(64))
    manager_id: Mapped[str | None] = mapped_column(String(64), index=True)
    region_code: Mapped[str | None] = mapped_column(String(16))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id"), index=True)
    author_login: Mapped[str] = mapped_column(String(64))
    priority: Mapped[str] = mapped_column(String(8))
    due_at: Mapped[dt.datetime] = mapped_column(index=True)
    remind_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    reminded_at: Mapped[dt.datetime | None]
    state: Mapped[str] = mapped_column(String(16))
    result: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int]
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]


class TaskEvent(Base):
    """Something that happened to a task. Only ever added."""

    __tablename__ = "task_events"

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.task_id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    actor_id: Mapped[int | None]
    actor_login: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
    details: Mapped[dict[str, Any]]
