"""One day of rules becomes signals: `signals.life.advance` over what is stored, written down in one transaction.

Whoever holds the lock looks first which rules were looked at on this day already: two runs at once, a killed one and a
repeated one find each signal raised once.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm.database import SIGNAL_DAYS, Database, one_at_a_time
from crm.models import Signal, SignalRule, SignalRun
from crm.services.actor import system
from crm.services.audit import AuditKind, Entry, record
from crm.services.notices import notify
from crm.services.signals.events import add_event
from crm.services.signals.owners import Staff, staff
from crm.services.signals.raising import Raising
from crm.services.signals.stored import last_errors
from crm.services.signals.values import RuleStatus, State
from signals import life
from signals.definition import Rule, parse
from vitrina.signal_options import SignalOptions
from vitrina.signal_runs.plan import Findings, WantedRule

ACTOR = system("signals")
_UNDECIDED = (State.OPEN.value, State.SEEN.value, State.SNOOZED.value)


@dataclass(frozen=True)
class Customer:
    """Whose customer somebody is when a signal is raised."""

    manager_id: str | None
    region_code: str | None


@dataclass(frozen=True)
class Day:
    """What was found on one day: by the rules that were evaluated on it."""

    day: dt.date
    snapshot: int
    rules: Mapping[str, WantedRule]
    found: list[dict[str, Any]]
    customers: Mapping[int, Customer]

    @classmethod
    def of(cls, findings: Findings, day: dt.date, customers: Mapping[int, Customer]) -> "Day":
        """The part of findings that is about a day; rules that failed are left out."""
        rules = {
            key: rule
            for key, rule in findings.plan.rules.items()
            if day.isoformat() in rule.days and key not in findings.failed
        }
        found = findings.found.filter(pc.equal(findings.found["day"], day)).to_pylist()
        return cls(day, findings.snapshot, rules, found, customers)


def customers_of(findings: Findings) -> dict[int, Customer]:
    """Whose everybody is who was found, asked once for all days."""
    columns = (findings.customers[name].to_pylist() for name in ("customer_id", "manager_id", "region_code"))
    return {each: Customer(manager, region) for each, manager, region in zip(*columns, strict=True)}


def write_day(session: Session, day: Day, options: SignalOptions, now: dt.datetime, timezone: str) -> dict[str, int]:
    """Raise, raise again, close and hold back what `signals.life` says; counts by `Recorded`'s names."""
    one_at_a_time(session, SIGNAL_DAYS)
    rows = _due_rules(session, day)
    if not rows:
        return {}
    rules = {key: parse(day.rules[key].document) for key in rows}
    shadow = frozenset(key for key in rows if day.rules[key].is_shadow)
    stored = _stored(session, day, rules, shadow)
    company = staff(session, options.heads)
    state, events = life.advance(
        life.State.of(_opens(stored.values())), day.day, [row for row in day.found if row["rule_key"] in rules], rules,
        _owners(company, day, rules), _values(day).get, shadow,
    )  # fmt: skip
    _hand_over(session, day, rules, company, stored.values(), now)
    raising = Raising(session, day, rules, rows, stored, now, timezone)
    for event in events:
        raising.take(event)
    raising.close_shadows(state)
    counts = raising.finish()
    _note_run(session, day, rows, events, counts, now)
    for row in rows.values():
        row.evaluated_until, row.is_starting = day.day, False
    return counts


def write_failures(database: Database, findings: Findings, now: dt.datetime) -> int:
    """Write down which rules could not be evaluated; their owners are told of each new failure once."""
    if not findings.failed:
        return 0
    with database.begin() as session:
        before = last_errors(session)
        told = {
            key: {"version": findings.plan.rules[key].version, "error": message[:2000]}
            for key, message in findings.failed.items()
        }
        session.add(
            SignalRun(
                snapshot_version=findings.snapshot, day=findings.as_of, rules=told, state="failed", found=0, raised=0,
                raised_again=0, closed=0, held={}, message="", at=now,
            )
        )  # fmt: skip
        for key, message in findings.failed.items():
            row = session.get(SignalRule, key)
            if row is not None and before.get(key) != message[:2000]:
                notify(session, row.owner_id, "rule_failed", {"rule": row.name}, f"/signal_rule?key={key}", now, "high")
    return len(findings.failed)


def _due_rules(session: Session, day: Day) -> dict[str, SignalRule]:
    """The rules of the day that nobody wrote down yet, and that are still what was evaluated."""
    query = select(SignalRule).where(SignalRule.key.in_(day.rules)).order_by(SignalRule.key).with_for_update()
    return {
        row.key: row
        for row in session.scalars(query.execution_options(populate_existing=True))
        if row.published == day.rules[row.key].version
        and row.status == (RuleStatus.SHADOW if day.rules[row.key].is_shadow else RuleStatus.LIVE)
        and (row.evaluated_until is None or row.evaluated_until < day.day)
    }


def _stored(
    session: Session, day: Day, rules: Mapping[str, Rule], shadow: frozenset[str]
) -> dict[tuple[str, int], Signal]:
    """The last signal by rule and customer, as far as it still counts: undecided, or within the cool-down."""
    longest = max((rule.cool_down_days for rule in rules.values()), default=0)
    since = day.day - dt.timedelta(days=longest)
    query = select(Signal).where(
        Signal.rule_key.in_(rules), or_(Signal.state.in_(_UNDECIDED), Signal.last_day > since)
    )  # fmt: skip
    found: dict[tuple[str, int], Signal] = {}
    for row in session.scalars(query.order_by(Signal.last_day, Signal.signal_id)):
        if row.is_shadow == (row.rule_key in shadow):
            found[row.rule_key, row.customer_id] = row
    return found


def _hand_over(
    session: Session, day: Day, rules: Mapping[str, Rule], company: Staff, rows: Iterable[Signal], now: dt.datetime
) -> None:  # fmt: skip
    """Undecided signals follow their customers to new managers, and stay with nobody who left."""
    for row in rows:
        customer = day.customers.get(row.customer_id, Customer(row.manager_id, row.region_code))
        was_managers = row.owner_id is None or row.owner_id == row.manager_id
        has_moved = customer.manager_id != row.manager_id and was_managers
        has_left = row.owner_id is not None and not company.works(row.owner_id)
        # The organisation is taken over after a run: a new manager may have been nobody when the signal was raised.
        has_come = row.owner_id is None and customer.manager_id is not None
        if row.state not in _UNDECIDED:
            continue
        row.manager_id, row.region_code = customer.manager_id, customer.region_code
        if not (has_moved or has_left or has_come):
            continue
        owner = company.owner(rules[row.rule_key].owner, row.manager_id, row.region_code)
        if owner != row.owner_id:
            before, row.owner_id = row.owner_id, owner
            add_event(session, row, "assigned", ACTOR, now, before=before, owner=owner)


def _opens(rows: Iterable[Signal]) -> Iterable[life.Open]:
    for row in rows:
        status = "open" if row.state in _UNDECIDED else row.state
        yield life.Open(
            row.rule_key, row.customer_id, row.last_day, row.severity, status, row.snoozed_until, row.owner_id,
            row.is_shadow,
        )  # fmt: skip


def _owners(company: Staff, day: Day, rules: Mapping[str, Rule]) -> life.OwnerOf:
    known: dict[tuple[str, str | None, str | None], str | None] = {}

    def owner_of(rule_key: str, customer_id: int) -> str | None:
        customer = day.customers.get(customer_id, Customer(None, None))
        place = (rule_key, customer.manager_id, customer.region_code)
        if place not in known:
            known[place] = company.owner(rules[rule_key].owner, customer.manager_id, customer.region_code)
        return known[place]

    return owner_of


def _values(day: Day) -> dict[int, float | None]:
    return {row["customer_id"]: row["customer_value"] for row in day.found}


def _note_run(
    session: Session, day: Day, rows: Mapping[str, SignalRule], events: list[life.Event], counts: Mapping[str, int],
    now: dt.datetime,
) -> None:  # fmt: skip
    held: dict[str, int] = {}
    for event in events:
        if event.kind == life.HELD_BACK:
            held[event.reason] = held.get(event.reason, 0) + 1
    versions = {key: {"version": day.rules[key].version} for key in rows}
    session.add(
        SignalRun(
            snapshot_version=day.snapshot, day=day.day, rules=versions, state="done",
            found=sum(row["rule_key"] in rows for row in day.found), raised=counts["raised"],
            raised_again=counts["raised_again"], closed=counts["closed"], held=held, message="", at=now,
        )
    )  # fmt: skip
    details = {"what": "signal_day", "rules": sorted(rows), **counts}
    record(session, ACTOR, Entry(AuditKind.DATA_CHANGED, "signals", day.day.isoformat(), (), "", details), now)
