"""Looking at signals: the inbox with filters, pages and counts, a customer's signals, the history of one."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Signal, SignalEvent, SignalRule, SignalRun
from crm.services.signals.access import reach
from crm.services.signals.stored import WAITING, event_info, run_info, signal_infos
from crm.services.signals.values import Counts, EventInfo, Filter, RunInfo, SignalInfo, Sort, State
from vitrina.access.rights import Rights

_URGENCY = case({"high": 0, "medium": 1}, value=Signal.priority, else_=2)
_ORDERS: dict[Sort, tuple[Any, ...]] = {
    Sort.URGENT: (_URGENCY, Signal.customer_value.desc().nulls_last(), Signal.severity.desc()),
    Sort.NEWEST: (),
    Sort.OLDEST: (Signal.last_day,),
    Sort.VALUE: (Signal.customer_value.desc().nulls_last(),),
    Sort.SEVERITY: (Signal.severity.desc(),),
}
NO_FILTER = Filter()


def inbox(
    session: Session, rights: Rights | None, wanted: Filter = NO_FILTER, *, sort: Sort = Sort.URGENT, limit: int = 50,
    offset: int = 0,
) -> tuple[list[SignalInfo], int]:  # fmt: skip
    """A page of the signals that a person sees, and how many there are in all."""
    condition = _condition(rights, wanted)
    total = session.scalar(select(func.count()).select_from(Signal).where(condition)) or 0
    query = select(Signal).where(condition).order_by(*_ORDERS[sort], Signal.last_day.desc(), Signal.signal_id.desc())
    return signal_infos(session, session.scalars(query.limit(limit).offset(offset))), total


def counts(session: Session, rights: Rights | None, wanted: Filter = NO_FILTER) -> Counts:
    """How many signals there are for the filters of an inbox; `wanted.states` does not narrow the counts by state."""
    anywhere = Filter(**{**vars(wanted), "states": tuple(State)})
    query = select(Signal.state, Signal.priority, Signal.rule_key, Signal.owner_id, func.count())
    query = query.where(_condition(rights, anywhere)).group_by(
        Signal.state, Signal.priority, Signal.rule_key, Signal.owner_id
    )
    states, priorities, rules, owners = dict[str, int](), dict[str, int](), dict[str, int](), dict[str, int]()
    unassigned = waiting = 0
    for state, priority, rule, owner, count in session.execute(query):
        states[state] = states.get(state, 0) + count
        if state not in WAITING:
            continue
        waiting += count
        priorities[priority] = priorities.get(priority, 0) + count
        rules[rule] = rules.get(rule, 0) + count
        if owner is None:
            unassigned += count
        else:
            owners[owner] = owners.get(owner, 0) + count
    return Counts(states, priorities, rules, owners, unassigned, waiting)


def signal(session: Session, rights: Rights | None, signal_id: int) -> SignalInfo:
    """One signal. Raises `CrmError` for one that is not there or not shown to him, which are told alike."""
    row = session.get(Signal, signal_id)
    seen = row is not None and not row.is_shadow
    if row is None or not seen or not reach(rights).viewed.holds(row.owner_id, row.manager_id, row.region_code):
        raise CrmError("signal_unknown")
    return signal_infos(session, [row])[0]


def signals_of_customer(
    session: Session, rights: Rights | None, customer_id: int, *, limit: int = 100
) -> list[SignalInfo]:
    """A customer's signals that a person sees, in whatever state, newest first."""
    shown = and_(Signal.customer_id == customer_id, Signal.is_shadow.is_(False), reach(rights).viewed.signals())
    query = select(Signal).where(shown).order_by(Signal.last_day.desc(), Signal.signal_id.desc())
    return signal_infos(session, session.scalars(query.limit(limit)))


def waiting_by_customer(session: Session, rights: Rights | None, customer_ids: list[int]) -> dict[int, int]:
    """How many signals wait (open or seen) for each of these customers, of those that a person sees."""
    shown = and_(Signal.customer_id.in_(customer_ids), Signal.is_shadow.is_(False), reach(rights).viewed.signals())
    query = select(Signal.customer_id, func.count()).where(shown, Signal.state.in_(WAITING))
    return dict(session.execute(query.group_by(Signal.customer_id)).tuples().all())


def history(session: Session, rights: Rights | None, signal_id: int) -> list[EventInfo]:
    """Everything that happened to a signal, oldest first. Raises `CrmError`."""
    signal(session, rights, signal_id)
    query = select(SignalEvent).where(SignalEvent.signal_id == signal_id).order_by(SignalEvent.event_id)
    return [event_info(row) for row in session.scalars(query)]


def runs(session: Session, limit: int = 100) -> list[RunInfo]:
    """The last days that rules were held against, newest first."""
    return [run_info(row) for row in session.scalars(select(SignalRun).order_by(SignalRun.run_id.desc()).limit(limit))]


def held_back(session: Session, rule: str, *, limit: int = 200) -> list[EventInfo]:
    """What limits held back of a rule, newest first."""
    query = select(SignalEvent).where(SignalEvent.rule_key == rule, SignalEvent.kind == "held_back")
    return [event_info(row) for row in session.scalars(query.order_by(SignalEvent.event_id.desc()).limit(limit))]


def trial(session: Session, rule: str, *, limit: int = 200, offset: int = 0) -> tuple[list[SignalInfo], int]:
    """What a rule on trial found; the caller asks first whether its reader sees the rule and the customers."""
    condition = and_(Signal.rule_key == rule, Signal.is_shadow.is_(True))
    query = select(Signal).where(condition).order_by(Signal.last_day.desc(), Signal.signal_id)
    total = session.scalar(select(func.count()).select_from(Signal).where(condition)) or 0
    return signal_infos(session, session.scalars(query.limit(limit).offset(offset))), total


def _condition(rights: Rights | None, wanted: Filter) -> ColumnElement[bool]:
    states = [each.value for each in wanted.states] or list(WAITING)
    parts: list[ColumnElement[bool]] = [
        Signal.is_shadow.is_(False), reach(rights).viewed.signals(), Signal.state.in_(states)
    ]  # fmt: skip
    if wanted.priorities:
        parts.append(Signal.priority.in_([each.value for each in wanted.priorities]))
    if wanted.rules:
        parts.append(Signal.rule_key.in_(wanted.rules))
    if wanted.owners or wanted.unassigned:
        owned = Signal.owner_id.in_(wanted.owners)
        parts.append(or_(owned, Signal.owner_id.is_(None)) if wanted.unassigned else owned)
    if wanted.since is not None:
        parts.append(Signal.last_day >= wanted.since)
    if wanted.until is not None:
        parts.append(Signal.last_day <= wanted.until)
    looked_for = [*_by_text(wanted.text.strip()), *_by_customers(wanted)]
    if looked_for:
        parts.append(or_(*looked_for))
    return and_(*parts)


def _by_text(text: str) -> list[ColumnElement[bool]]:
    if not text:
        return []
    named = select(SignalRule.key).where(SignalRule.name.icontains(text, autoescape=True))
    found: list[ColumnElement[bool]] = [
        Signal.rule_key.in_(named), Signal.comment.icontains(text, autoescape=True)
    ]  # fmt: skip
    return [*found, Signal.customer_id == int(text)] if text.isascii() and text.isdigit() and len(text) < 18 else found


def _by_customers(wanted: Filter) -> list[ColumnElement[bool]]:
    return [] if wanted.customers is None else [Signal.customer_id.in_(list(wanted.customers))]
