"""Signals as people work with them: the rules with every version, the signals with their life, the runs that raised
them.

What a rule means is not here (`signals`), nor what the numbers of a customer are (the marts).
"""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base
from crm.models.versioned import DocumentVersion, Revised


class SignalRule(Revised, Base):
    """A rule. `published` is the version that counts. `evaluated_until` is the last day that was looked at;
    `is_starting` bounds how many days before the snapshot's are looked at when the rule begins, or begins again."""

    __tablename__ = "signal_rules"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    template: Mapped[str] = mapped_column(String(80), default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id"), index=True)
    status: Mapped[str] = mapped_column(String(16), index=True)
    published: Mapped[int | None]
    is_starting: Mapped[bool] = mapped_column(default=True)
    evaluated_until: Mapped[dt.date | None]

    @property
    def audited_as(self) -> tuple[str, str]:
        return "signal_rules", self.key


class SignalRuleVersion(DocumentVersion, Base):
    """One version of a rule. `backtest` are the figures of its replay as they were told."""

    __tablename__ = "signal_rule_versions"

    rule_key: Mapped[str] = mapped_column(ForeignKey("signal_rules.key"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    backtest: Mapped[dict[str, Any] | None]
    backtest_at: Mapped[dt.datetime | None]


class Signal(Base):
    """One signal about one customer, from its day on. One that is raised again while it is open stays the same row.

    `is_shadow`: of a rule on trial, nobody is told of it. `owner_id` is the employee who has to act (null: none is
    known), `manager_id` the customer's account manager, `region_code` his region: they say who may see it.
    """

    __tablename__ = "signals"
    __table_args__ = (
        # The guard under everything else: however runs are killed or run twice, a day raises a signal once.
        UniqueConstraint("rule_key", "customer_id", "day", "is_shadow"),
        Index("ix_signals_owner_id_state", "owner_id", "state"),
        Index("ix_signals_state_outcome_due", "state", "outcome_due"),
    )

    signal_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    rule_key: Mapped[str] = mapped_column(ForeignKey("signal_rules.key"))
    rule_version: Mapped[int]
    is_shadow: Mapped[bool]
    customer_id: Mapped[int] = mapped_column(BigInteger, index=True)
    day: Mapped[dt.date]
    last_day: Mapped[dt.date]
    times: Mapped[int] = mapped_column(default=1)
    owner_id: Mapped[str | None] = mapped_column(String(64))
    manager_id: Mapped[str | None] = mapped_column(String(64), index=True)
    region_code: Mapped[str | None] = mapped_column(String(16))
    priority: Mapped[str] = mapped_column(String(8))
    severity: Mapped[float]
    value: Mapped[float | None]
    baseline: Mapped[float | None]
    change_pct: Mapped[float | None]
    details: Mapped[dict[str, Any]]
    customer_value: Mapped[float | None]
    state: Mapped[str] = mapped_column(String(16))
    raised_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime | None]
    decision: Mapped[str] = mapped_column(String(16), default="")
    decision_reason: Mapped[str] = mapped_column(String(40), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[int | None]
    decided_login: Mapped[str] = mapped_column(String(64), default="")
    snoozed_until: Mapped[dt.date | None]
    closed_at: Mapped[dt.datetime | None]
    closed_day: Mapped[dt.date | None]
    closed_why: Mapped[str] = mapped_column(String(40), default="")
    outcome_kind: Mapped[str] = mapped_column(String(24))
    outcome_due: Mapped[dt.date]
    outcome: Mapped[bool | None]
    outcome_at: Mapped[dt.datetime | None]


class SignalEvent(Base):
    """Something that happened to a signal, or to one that a limit held back (`signal_id` null). Only ever added."""

    __tablename__ = "signal_events"
    __table_args__ = (Index("ix_signal_events_rule_key_day", "rule_key", "day"),)

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("signals.signal_id"), index=True)
    rule_key: Mapped[str] = mapped_column(String(80))
    customer_id: Mapped[int] = mapped_column(BigInteger)
    day: Mapped[dt.date]
    kind: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(40), default="")
    actor_id: Mapped[int | None]
    actor_login: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
    details: Mapped[dict[str, Any]]


class SignalRun(Base):
    """One day that rules were held against: which versions, on which snapshot, what came of it.

    `state` is done or failed; `held` counts what was not raised, by reason.
    """

    __tablename__ = "signal_runs"

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    snapshot_version: Mapped[int]
    day: Mapped[dt.date] = mapped_column(index=True)
    rules: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    found: Mapped[int]
    raised: Mapped[int]
    raised_again: Mapped[int]
    closed: Mapped[int]
    held: Mapped[dict[str, Any]]
    message: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[dt.datetime]
