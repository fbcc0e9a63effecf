"""The hand-over as it is written down: before the peer's socket is touched, and after the peer's answer.

Between the two a message is `handing`. What a dead worker left there is settled from its journal, or is `uncertain`:
then it is never sent again by itself, and only the peer's own word makes it sent, delivered or failed.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import OutboxMessage, OutboxPart
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record
from crm.services.delivery.claiming import is_not_paused
from crm.services.delivery.outbox import TABLE
from crm.services.delivery.storing import chunks, run
from crm.services.delivery.values import Charge, Handing, Medium, State, Verdict, charge_key

PARTS = cast(Table, OutboxPart.__table__)
_TAKEN = (State.SENT, State.UNCERTAIN)


def still_mine(session: Session, worker: str, message_ids: Sequence[int]) -> frozenset[int]:
    """Of the claimed messages those that nobody called back, paused or took meanwhile; locked until the end."""
    mine: set[int] = set()
    for chunk in chunks(message_ids):
        claimed = (OutboxMessage.state == State.CLAIMED, OutboxMessage.worker == worker)
        query = select(OutboxMessage.message_id).where(OutboxMessage.message_id.in_(chunk), *claimed, is_not_paused())
        mine |= set(session.scalars(query.with_for_update(of=OutboxMessage)))
    return frozenset(mine)


def begin(session: Session, worker: str, messages: Sequence[Handing], now: dt.datetime, lease: dt.timedelta) -> None:
    """From the commit on these count as contacts, and may be with the peer."""
    fixed: dict[str, Any] = {
        "state": State.HANDING, "contacted_at": now, "changed_at": now, "lease_until": now + lease, "reason": "",
        "handovers": TABLE.c.handovers + 1,
    }  # fmt: skip
    taken = 0
    for ids in chunks([each.message_id for each in messages]):
        claimed = and_(TABLE.c.message_id.in_(ids), TABLE.c.state == State.CLAIMED, TABLE.c.worker == worker)
        taken += run(session, update(TABLE).where(claimed).values(**fixed))
    if taken != len(messages):
        raise RuntimeError("messages changed hands although their transaction held them")
    # What is the same for all is written once a chunk; what differs, row by row.
    names = ("parts", "language", "content_hash", "address_digest", "charge")
    statement = update(TABLE).where(TABLE.c.message_id == bindparam("b_id"))
    rows = [{"b_id": each.message_id, **{f"b_{name}": getattr(each, name) for name in names}} for each in messages]
    run(session, statement.values(**{name: bindparam(f"b_{name}") for name in names}), rows)


def settle(session: Session, worker: str, verdicts: Sequence[Verdict], now: dt.datetime) -> None:
    """Write down what became of claimed or handed-over messages. A report that came earlier than this is not undone."""
    mine = and_(
        TABLE.c.worker == worker,
        # Also what another worker gave up as uncertain while this one was slow, and now knows better.
        or_(*(TABLE.c.state == state for state in (State.HANDING, State.CLAIMED, State.UNCERTAIN))),
    )  # fmt: skip
    _taken(session, mine, [each for each in verdicts if each.state in _TAKEN], now)
    _kept(session, mine, [each for each in verdicts if each.state not in _TAKEN], now)
    rows = [
        {"message_id": each.message_id, "part": part, "provider_id": provider_id, "state": State.SENT}
        for each in verdicts if len(each.provider_ids) > 1
        for part, provider_id in enumerate(each.provider_ids, start=1)
    ]  # fmt: skip
    if rows:
        _parts(session, rows)


def abandoned(session: Session, now: dt.datetime) -> list[tuple[int, str]]:
    """Messages (with their worker) that were being handed over when the lease ended: their worker is dead or stuck."""
    # By channel, since the index begins with it.
    query = select(OutboxMessage.message_id, OutboxMessage.worker).where(
        OutboxMessage.channel.in_(list(Medium)), OutboxMessage.state == State.HANDING, OutboxMessage.lease_until <= now
    )
    return [(row.message_id, row.worker) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class InHand:
    """A message in a worker's hands, how often it was tried, and what its hand-over costs."""

    message_id: int
    state: str
    tries: int
    charge: Charge


def in_hand(session: Session, worker: str) -> list[InHand]:
    """Messages that a worker has, or left, in its hands."""
    held = (
        OutboxMessage.channel.in_(list(Medium)), OutboxMessage.state.in_((State.HANDING, State.CLAIMED)),
        OutboxMessage.worker == worker,
    )  # fmt: skip
    rows = session.scalars(select(OutboxMessage).where(*held))
    return [InHand(row.message_id, row.state, row.tries, _promise(row)) for row in rows]


def send_again(session: Session, key: str, reason: str, actor: Actor, now: dt.datetime) -> Charge:
    """A person knows that an uncertain message did not arrive, and has it sent again; returns what was promised for the
    hand-over that broke off. Raises `CrmError`."""
    if not reason.strip():
        raise CrmError("reason_missing")
    row = session.scalar(select(OutboxMessage).where(OutboxMessage.key == key).with_for_update())
    if row is None or row.state != State.UNCERTAIN:
        raise CrmError("message_not_uncertain")
    row.state, row.reason, row.due_at, row.changed_at = State.QUEUED, "sent_again", now, now
    row.contacted_at, row.worker, row.lease_until = None, "", None
    told = {"what": "message_sent_again", "campaign": row.campaign}
    record(session, actor, Entry(AuditKind.DATA_CHANGED, "campaigns", row.key, (), reason, told), now)
    return _promise(row)


def _promise(row: OutboxMessage) -> Charge:
    return Charge(row.campaign, row.channel, charge_key(row.key, row.handovers), row.charge or Decimal(0))


def _taken(session: Session, mine: ColumnElement[bool], verdicts: Sequence[Verdict], now: dt.datetime) -> None:
    groups: dict[tuple[State, str], list[int]] = {}
    for each in verdicts:
        groups.setdefault((each.state, each.reason[:60]), []).append(each.message_id)
    for (state, reason), message_ids in groups.items():
        sent_at = now if state == State.SENT else None
        values = {"state": state, "reason": reason, "sent_at": sent_at, "charged_at": sent_at, "changed_at": now}
        for ids in chunks(message_ids):
            statement = update(TABLE).where(TABLE.c.message_id.in_(ids), mine)
            run(session, statement.values(**values, lease_until=None, worker=""))
    # A receipt may be faster than our own note: the id is written beside what the receipt said.
    named = update(TABLE).where(TABLE.c.message_id == bindparam("b_id"), TABLE.c.provider_id.is_(None))
    rows = [{"b_id": each.message_id, "b_name": each.provider_ids[0]} for each in verdicts if each.provider_ids]
    run(session, named.values(provider_id=bindparam("b_name")), rows)


def _kept(session: Session, mine: ColumnElement[bool], verdicts: Sequence[Verdict], now: dt.datetime) -> None:
    """Messages that the peer surely has not: no contact, no charge."""
    fixed = {"changed_at": now, "lease_until": None, "worker": "", "contacted_at": None, "charge": None}
    columns: dict[str, Any] = {
        name: bindparam(f"b_{name}") for name in ("state", "reason", "reason_values", "failed_at")
    }
    tries = TABLE.c.tries + bindparam("b_tries")
    one = TABLE.c.message_id == bindparam("b_id")
    statement = update(TABLE).where(one, mine).values(**fixed, **columns, tries=tries)
    waits = [each for each in verdicts if each.due_at is not None]
    ends = [each for each in verdicts if each.due_at is None]
    later = statement.values(due_at=bindparam("b_due_at"))
    run(session, later, [{**_row(each, now), "b_due_at": each.due_at} for each in waits])
    run(session, statement, [_row(each, now) for each in ends])


def _row(verdict: Verdict, now: dt.datetime) -> dict[str, Any]:
    return {
        "b_id": verdict.message_id, "b_state": verdict.state, "b_reason": verdict.reason[:60],
        "b_reason_values": dict(verdict.values) if verdict.values else None,
        "b_failed_at": now if verdict.state == State.FAILED else None,
        # A policy that defers is no failed attempt.
        "b_tries": 1 if verdict.state in (State.QUEUED, State.FAILED) else 0,
    }  # fmt: skip


def _parts(session: Session, rows: list[dict[str, Any]]) -> None:
    ids = [row["message_id"] for row in rows]
    channels: dict[int, str] = {}
    for chunk in chunks(ids):
        found = session.execute(select(TABLE.c.message_id, TABLE.c.channel).where(TABLE.c.message_id.in_(chunk)))
        channels |= {row.message_id: row.channel for row in found}
    run(session, PARTS.insert(), [{**row, "channel": channels[row["message_id"]]} for row in rows])
