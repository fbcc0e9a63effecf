"""Claiming: which messages a worker may work on next, within the rate of their channel.

A claim is a lease: of a worker that died before it touched the peer, the messages go back to the queue.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from crm.models import ChannelState, OutboxMessage, OutboxPause
from crm.services.delivery.outbox import TABLE
from crm.services.delivery.pauses import channel_state
from crm.services.delivery.storing import chunks, run, values_of
from crm.services.delivery.values import WAITING, State, Waiting

_NAMES = tuple(name for name in Waiting.__slots__ if name != "details")


@dataclass(frozen=True)
class Pace:
    """How fast a channel may go: messages a second, how many at once after a rest, and how long a claim lasts."""

    per_second: float
    burst: int
    lease: dt.timedelta = dt.timedelta(minutes=5)


def claim(session: Session, worker: str, channel: str, now: dt.datetime, limit: int, pace: Pace) -> list[Waiting]:
    """Up to `limit` messages that are due, the longest due first, then by priority; they are this worker's now.

    Expired messages are put aside first. Nothing of paused campaigns, steps and channels is given.
    """
    sweep(session, channel, now)
    state = channel_state(session, channel, now, float(pace.burst))
    allowed = min(limit, _refilled(state, now, pace))
    if allowed < 1 or state.is_paused or (state.blocked_until is not None and state.blocked_until > now):
        return []
    rows = [row for waiting in WAITING for row in _due(session, channel, waiting, now, allowed)]
    chosen = sorted(rows, key=lambda row: (row.due_at, -row.priority, row.message_id))[:allowed]
    state.tokens -= len(chosen)
    values = {"state": State.CLAIMED, "worker": worker, "lease_until": now + pace.lease, "changed_at": now}
    for ids in chunks([row.message_id for row in chosen]):
        run(session, update(TABLE).where(TABLE.c.message_id.in_(ids)).values(values))
    return chosen


def sweep(session: Session, channel: str, now: dt.datetime) -> None:
    """Put messages aside whose time has run out, and take back what dead workers had claimed but not touched."""
    expired = and_(TABLE.c.state.in_(WAITING), TABLE.c.expires_at.is_not(None), TABLE.c.expires_at <= now)
    gone = {"state": State.EXPIRED, "reason": "expired", "changed_at": now}
    run(session, update(TABLE).where(TABLE.c.channel == channel, expired).values(gone))
    back = {"state": State.QUEUED, "worker": "", "lease_until": None, "changed_at": now}
    left = and_(TABLE.c.state == State.CLAIMED, TABLE.c.lease_until <= now)
    run(session, update(TABLE).where(TABLE.c.channel == channel, left).values(back))


def release(session: Session, worker: str, message_ids: list[int], now: dt.datetime) -> None:
    """Give messages back that this worker claimed and did not touch."""
    back = {"state": State.QUEUED, "worker": "", "lease_until": None, "changed_at": now}
    for ids in chunks(message_ids):
        mine = and_(TABLE.c.message_id.in_(ids), TABLE.c.state == State.CLAIMED, TABLE.c.worker == worker)
        run(session, update(TABLE).where(mine).values(back))


def block(session: Session, channel: str, until: dt.datetime | None, trouble: str, now: dt.datetime) -> None:
    """Leave a channel alone until a moment, because its peer asked for it or does not answer."""
    state = channel_state(session, channel, now)
    state.blocked_until, state.trouble, state.trouble_at = until, trouble[:200], now


def is_not_paused() -> ColumnElement[bool]:
    """Neither the message's campaign nor its step is paused."""
    same = OutboxPause.campaign == OutboxMessage.campaign
    steps = or_(OutboxPause.node_id == "", OutboxPause.node_id == OutboxMessage.node_id)
    return ~exists().where(same, steps)


def _due(session: Session, channel: str, state: State, now: dt.datetime, limit: int) -> list[Waiting]:
    columns = [getattr(OutboxMessage, name) for name in _NAMES]
    query = (
        select(*columns, OutboxMessage.details)
        .where(OutboxMessage.channel == channel, OutboxMessage.state == state, OutboxMessage.due_at <= now)
        .where(is_not_paused())
        .order_by(OutboxMessage.due_at, OutboxMessage.priority.desc(), OutboxMessage.message_id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=OutboxMessage)
    )
    rows = [values_of(row) for row in session.execute(query)]
    return [Waiting(*(*row[:-1], row[-1] or {})) for row in rows]


def _refilled(state: ChannelState, now: dt.datetime, pace: Pace) -> int:
    """What the channel's bucket holds now. A clock that went back takes nothing away."""
    passed = max((now - state.refilled_at).total_seconds(), 0.0)
    state.tokens = min(float(pace.burst), state.tokens + passed * pace.per_second)
    state.refilled_at = max(now, state.refilled_at)
    return int(state.tokens)
