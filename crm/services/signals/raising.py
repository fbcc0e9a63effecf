"""Events of one day written down: signals made, made worse and closed, tasks planned, people told."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import Notice, Signal, SignalEvent, SignalRule
from crm.services.actor import system
from crm.services.notices import notify
from crm.services.signals.owners import users_in, users_of
from crm.services.signals.values import State
from crm.services.tasks.planned import plan_task, settle_task
from crm.services.tasks.values import TaskState
from signals import life
from signals.definition import Rule

if TYPE_CHECKING:
    from crm.services.signals.days import Day

ACTOR = system("signals")
_LIMITS = ("owner_limit", "day_limit")
_COUNTS = ("days", "raised", "raised_again", "closed", "on_trial", "held_back")
_UNDECIDED = (State.OPEN, State.SEEN, State.SNOOZED)


class Raising:
    """One day's events on their way into the database; `stored` are the last signals by rule and customer."""

    def __init__(
        self, session: Session, day: "Day", rules: Mapping[str, Rule], rows: Mapping[str, SignalRule],
        stored: dict[tuple[str, int], Signal], now: dt.datetime, timezone: str,
    ) -> None:  # fmt: skip
        self._session, self._day, self._rules, self._rows, self._stored = session, day, rules, rows, stored
        self._now, self._timezone = now, timezone
        self._counts = dict.fromkeys(_COUNTS, 0)
        self._made: list[tuple[Signal, str]] = []
        self._held: dict[str, int] = {}
        self._readers: dict[str, frozenset[int]] = {}

    def take(self, event: life.Event) -> None:
        """One event of `life.advance`."""
        if event.kind == life.CLOSED:
            row = self._stored[event.rule_key, event.customer_id]
            self._close(row)
            self._counts["closed"] += 1
        elif event.kind == life.HELD_BACK and event.reason in _LIMITS:
            self._note_held(event)
        elif event.kind != life.HELD_BACK or event.reason == "shadow":
            self._raise(event)

    def close_shadows(self, state: life.State) -> None:
        """Signals on trial close without an event: nobody is told of them."""
        for key, row in self._stored.items():
            after = state.opens.get(key[0], {}).get(key[1])
            if row.is_shadow and row.state in _UNDECIDED and (after is None or after.status == "closed"):
                self._close(row)

    def finish(self) -> dict[str, int]:
        """Write histories, plan tasks, tell people; the counts of the day."""
        self._session.flush()
        told: dict[tuple[int, str, str], int] = {}
        for row, kind in self._made:
            self._add_event(row, kind)
            if not row.is_shadow:
                self._act(row, kind, told)
        for (user_id, kind, key), count in sorted(told.items()):
            self._tell(user_id, kind, key, count)
        for key, count in sorted(self._held.items()):
            owner = self._rows[key].owner_id
            if owner is not None:
                self._tell(owner, "rule_overloaded", key, count)
        return {**self._counts, "days": 1}

    def _raise(self, event: life.Event) -> None:
        again = event.kind == life.RAISED_AGAIN or (event.kind == life.HELD_BACK and event.raised_on is not None)
        kind, key = "raised_again" if again else "raised", (event.rule_key, event.customer_id)
        row = self._stored.get(key)
        is_shadow = event.kind == life.HELD_BACK
        if not (again and row is not None and row.state in _UNDECIDED):
            row = self._new(event, is_shadow)
            self._session.add(row)
            self._stored[key] = row
        else:
            self._worsen(row, event)
        self._made.append((row, kind))
        self._counts["on_trial" if is_shadow else kind] += 1

    def _new(self, event: life.Event, is_shadow: bool) -> Signal:
        rule, customer = self._rules[event.rule_key], self._day.customers.get(event.customer_id)
        return Signal(
            rule_key=event.rule_key, rule_version=self._day.rules[event.rule_key].version, is_shadow=is_shadow,
            customer_id=event.customer_id, day=event.day, last_day=event.day, times=1, owner_id=event.owner,
            manager_id=customer.manager_id if customer else None,
            region_code=customer.region_code if customer else None, priority=rule.priority,
            severity=event.severity or 0.0, value=event.value, baseline=event.baseline, change_pct=event.change_pct,
            details=_details(event.details), customer_value=event.customer_value, state=State.OPEN,
            raised_at=self._now, decision="", decision_reason="", comment="", decided_login="", closed_why="",
            outcome_kind=rule.outcome.kind,
            outcome_due=event.day + dt.timedelta(days=rule.outcome.within_days),
        )  # fmt: skip

    def _worsen(self, row: Signal, event: life.Event) -> None:
        row.last_day, row.times, row.state = event.day, row.times + 1, State.OPEN
        row.rule_version = self._day.rules[event.rule_key].version
        row.severity, row.value, row.baseline = event.severity or 0.0, event.value, event.baseline
        row.change_pct, row.details, row.owner_id = event.change_pct, _details(event.details), event.owner
        row.priority, row.customer_value = self._rules[event.rule_key].priority, event.customer_value

    def _close(self, row: Signal) -> None:
        row.state, row.closed_at, row.closed_day = State.CLOSED, self._now, self._day.day
        row.closed_why, row.snoozed_until = "cause_gone", None
        settle_task(self._session, row, TaskState.CANCELLED, ACTOR, self._now)
        self._add_event(row, "closed", "cause_gone")

    def _note_held(self, event: life.Event) -> None:
        self._counts["held_back"] += 1
        if event.rule_key not in {key for key, rule in self._day.rules.items() if rule.is_shadow}:
            self._held[event.rule_key] = self._held.get(event.rule_key, 0) + 1
        self._session.add(
            SignalEvent(
                signal_id=None, rule_key=event.rule_key, customer_id=event.customer_id, day=event.day,
                kind="held_back", reason=event.reason, actor_id=None, actor_login=ACTOR.login, at=self._now,
                details={"owner": event.owner, "severity": event.severity, "customer_value": event.customer_value},
            )
        )  # fmt: skip

    def _add_event(self, row: Signal, kind: str, reason: str = "") -> None:
        self._session.add(
            SignalEvent(
                signal_id=row.signal_id, rule_key=row.rule_key, customer_id=row.customer_id, day=self._day.day,
                kind=kind, reason=reason, actor_id=None, actor_login=ACTOR.login, at=self._now,
                details={"owner": row.owner_id, "severity": row.severity, "value": row.value, "baseline": row.baseline},
            )
        )  # fmt: skip

    def _act(self, row: Signal, kind: str, told: dict[tuple[int, str, str], int]) -> None:
        action = self._rules[row.rule_key].action
        if action.kind == "task" and kind == "raised":
            title = action.title or self._rows[row.rule_key].name
            plan_task(self._session, row, title, action.due_days, ACTOR, self._now, self._timezone)
        notice = "signals_raised" if kind == "raised" else "signals_again"
        readers = {(user, notice) for user in self._users(row.owner_id)}
        if action.kind == "notify_group" and action.department_id:
            group = users_in(self._session, action.department_id)
            readers |= {(user, "signals_for_group") for user in group if (user, notice) not in readers}
        for user, what in readers:
            told[user, what, row.rule_key] = told.get((user, what, row.rule_key), 0) + 1

    def _users(self, employee_id: str | None) -> frozenset[int]:
        if employee_id is None:
            return frozenset()
        if employee_id not in self._readers:
            today = self._now.astimezone(ZoneInfo(self._timezone)).date()
            self._readers[employee_id] = users_of(self._session, employee_id, today)
        return self._readers[employee_id]

    def _tell(self, user_id: int, kind: str, key: str, count: int) -> None:
        """One notice for a rule that is not read yet grows, so that a manager's screen is not full of them."""
        query = select(Notice).where(Notice.user_id == user_id, Notice.kind == kind, Notice.read_at.is_(None))
        for notice in self._session.scalars(query.order_by(Notice.notice_id.desc()).limit(50)):
            if notice.details.get("key") == key:
                notice.details = {**notice.details, "count": notice.details["count"] + count}
                return
        link = f"/signal_rule?key={key}" if kind == "rule_overloaded" else f"/signals?rule={key}"
        values = {"rule": self._rows[key].name, "key": key, "count": count}
        notify(self._session, user_id, kind, values, link, self._now, self._rules[key].priority)


def _details(text: str) -> dict[str, Any]:
    """The engine's details as a document; a list of conditions stands under `conditions`."""
    if not text:
        return {}
    plain = json.loads(text)
    return plain if isinstance(plain, dict) else {"conditions": plain}
