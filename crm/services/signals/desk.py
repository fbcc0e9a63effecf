"""Deciding on signals: seen, reacted, ignored, put to sleep, reopened, given to somebody. All of it is written down."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Employee, Signal
from crm.services.accounts import required
from crm.services.actor import Actor, printable, system
from crm.services.audit import AuditKind, Entry, record
from crm.services.notices import notify
from crm.services.signals.access import reach
from crm.services.signals.events import add_event
from crm.services.signals.owners import users_of
from crm.services.signals.stored import signal_infos
from crm.services.signals.values import Decision, SignalInfo, State
from crm.services.tasks.planned import settle_task
from crm.services.tasks.values import TaskState
from crm.services.versioned import lines
from crm.signal_messages import IGNORES, REACTIONS
from vitrina.access.rights import Rights
from vitrina.signal_options import SignalOptions

OBJECT = "signals"
_REASONS = {Decision.REACTED: REACTIONS, Decision.IGNORED: IGNORES}


def see(session: Session, rights: Rights | None, signal_ids: Iterable[int], actor: Actor, now: dt.datetime) -> int:
    """Mark open signals as seen by who has to act on them; how many were not before. Raises `CrmError` for one that he
    may not see; who may only look leaves no mark."""
    rows, reached = _viewed(session, rights, signal_ids), reach(rights)
    marked = 0
    for row in rows:
        if row.state == State.OPEN and reached.edited.holds(row.owner_id, row.manager_id, row.region_code):
            row.state, row.seen_at = State.SEEN, row.seen_at or now
            add_event(session, row, "seen", actor, now)
            marked += 1
    session.flush()
    return marked


def decide(
    session: Session, rights: Rights | None, signal_ids: Iterable[int], decision: str, reason: str, actor: Actor,
    now: dt.datetime, comment: str = "",
) -> list[SignalInfo]:  # fmt: skip
    """React to signals or ignore them, all or none. `reason` is a key of `REACTIONS` or `IGNORES`; "other" needs a
    comment. A decision may be changed by another one. Raises `CrmError`."""
    chosen, said = _decision(decision, reason), lines(comment)
    if reason == "other" and not said:
        raise CrmError("signal_comment")
    rows = _edited(session, rights, signal_ids)
    for row in rows:
        if row.state == State.CLOSED:
            raise CrmError("signal_closed")
        row.state, row.decision, row.decision_reason, row.comment = State.DECIDED, chosen, reason, said
        row.decided_at, row.decided_by, row.decided_login = now, actor.user_id, printable(actor.login, 64)
        row.seen_at, row.snoozed_until = row.seen_at or now, None
        add_event(session, row, chosen, actor, now, reason, comment=said)
        _audit(session, row, actor, now, chosen, decision_reason=reason)
        if reason != "task_planned":
            settled = TaskState.DONE if chosen is Decision.REACTED else TaskState.CANCELLED
            settle_task(session, row, settled, actor, now)
    return signal_infos(session, rows)


def snooze(
    session: Session, rights: Rights | None, signal_ids: Iterable[int], until: dt.date, actor: Actor, now: dt.datetime,
    *, today: dt.date, comment: str = "", options: SignalOptions | None = None,
) -> list[SignalInfo]:  # fmt: skip
    """Put signals to sleep: they are back on the day `until`, unless they are closed before. Raises `CrmError`."""
    days = (options or SignalOptions()).wake_days
    if not today < until <= today + dt.timedelta(days=days):
        raise CrmError("signal_snooze", days=days)
    rows = _edited(session, rights, signal_ids)
    for row in rows:
        if row.state == State.CLOSED:
            raise CrmError("signal_closed")
        row.state, row.snoozed_until, row.seen_at = State.SNOOZED, until, row.seen_at or now
        row.comment = lines(comment) or row.comment
        add_event(session, row, "snoozed", actor, now, until=until.isoformat())
        _audit(session, row, actor, now, "snoozed", until=until.isoformat())
    return signal_infos(session, rows)


def reopen(
    session: Session, rights: Rights | None, signal_ids: Iterable[int], actor: Actor, now: dt.datetime
) -> list[SignalInfo]:
    """Take decisions back, or wake sleeping signals before their time. Raises `CrmError`."""
    rows = _edited(session, rights, signal_ids)
    for row in rows:
        if row.state not in (State.DECIDED, State.SNOOZED):
            raise CrmError("signal_not_decided")
        add_event(session, row, "reopened", actor, now, row.decision_reason, decision=row.decision)
        row.state, row.decision, row.decision_reason, row.snoozed_until = State.SEEN, "", "", None
        row.decided_at = row.decided_by = None
        row.decided_login = ""
        _audit(session, row, actor, now, "reopened")
    return signal_infos(session, rows)


def assign(
    session: Session, rights: Rights | None, signal_ids: Iterable[int], employee_id: str, actor: Actor,
    now: dt.datetime, reason: str,
) -> list[SignalInfo]:  # fmt: skip
    """Give signals to another employee whom the caller's right reaches. Raises `CrmError`."""
    rows, why = _edited(session, rights, signal_ids), required(reason)
    employee = session.get(Employee, employee_id)
    if employee is None or not employee.is_employed or not reach(rights).edited.reaches(employee_id):
        raise CrmError("rule_employee", employee=employee_id[:64])
    for row in rows:
        before, row.owner_id = row.owner_id, employee_id
        add_event(session, row, "assigned", actor, now, before=before, owner=employee_id, why=why)
        _audit(session, row, actor, now, "assigned", before=before, owner=employee_id)
    return signal_infos(session, rows)


def wake(session: Session, today: dt.date, now: dt.datetime) -> int:
    """Bring back the signals whose sleep is over, and tell those who have to act; how many there were."""
    query = select(Signal).where(Signal.state == State.SNOOZED, Signal.snoozed_until <= today)
    rows = session.scalars(query.order_by(Signal.signal_id).with_for_update()).all()
    woken: dict[str, int] = {}
    for row in rows:
        row.state, row.snoozed_until = State.SEEN, None
        add_event(session, row, "woken", system("signals"), now)
        if row.owner_id is not None:
            woken[row.owner_id] = woken.get(row.owner_id, 0) + 1
    for employee_id, count in sorted(woken.items()):
        for user_id in users_of(session, employee_id, today):
            notify(session, user_id, "signals_woken", {"count": count}, "/signals", now)
    session.flush()
    return len(rows)


def _decision(decision: str, reason: str) -> Decision:
    if decision not in list(Decision):
        raise CrmError("signal_decision", decision=decision[:40])
    chosen = Decision(decision)
    if reason not in _REASONS[chosen]:
        raise CrmError("signal_reason", reason=reason[:40])
    return chosen


def _viewed(session: Session, rights: Rights | None, signal_ids: Iterable[int]) -> list[Signal]:
    """Rows that the caller may see, locked in one order. Raises `CrmError` for any other, told like one not there."""
    wanted = sorted(set(signal_ids))
    query = select(Signal).where(Signal.signal_id.in_(wanted), Signal.is_shadow.is_(False))
    query = query.order_by(Signal.signal_id).with_for_update().execution_options(populate_existing=True)
    reached = reach(rights)
    rows = [
        row for row in session.scalars(query) if reached.viewed.holds(row.owner_id, row.manager_id, row.region_code)
    ]
    if len(rows) != len(wanted):
        raise CrmError("signal_unknown")
    return rows


def _edited(session: Session, rights: Rights | None, signal_ids: Iterable[int]) -> list[Signal]:
    if rights is not None and rights.acting_for is not None:
        raise CrmError("viewing_only")
    rows, reached = _viewed(session, rights, signal_ids), reach(rights)
    if not all(reached.edited.holds(row.owner_id, row.manager_id, row.region_code) for row in rows):
        raise CrmError("signal_out_of_reach")
    return rows


def _audit(session: Session, row: Signal, actor: Actor, now: dt.datetime, what: str, **details: object) -> None:
    session.flush()
    told = {"what": what, "rule": row.rule_key, "customer": row.customer_id, **details}
    record(session, actor, Entry(AuditKind.DATA_CHANGED, OBJECT, str(row.signal_id), (), "", told), now)
