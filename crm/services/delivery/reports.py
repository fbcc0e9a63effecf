"""Reports of peers: each is written down once, and moves its message on; late, doubled and out of order as they come.

A delivery is the stronger word: it corrects a failure that was reported before, and no failure takes it back.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crm.models import DeliveryReport, OutboxMessage, OutboxPart
from crm.services.actor import printable
from crm.services.delivery.responses import record as record_response
from crm.services.delivery.storing import chunks, insert_new
from crm.services.delivery.values import (
    GONE,
    Charge,
    Kind,
    NewReport,
    NewResponse,
    ReportState,
    State,
    charge_key,
)

REPORTS: Any = DeliveryReport.__table__
# Longer than any validity period that an SMS centre keeps.
REFERENCE_HOLDS = dt.timedelta(days=7)


@dataclass
class Recorded:
    """What came of some reports: how many were new, and what is owed for messages whose hand-over had broken off and
    that the peer has `taken`: whatever it reports of them, it had them."""

    new: int = 0
    taken: list[Charge] = field(default_factory=list)


def record(session: Session, reports: Iterable[NewReport], now: dt.datetime) -> Recorded:
    """Write reports down and apply them. One that names no known message yet is applied when the message is
    (`apply_early`)."""
    done = Recorded()
    for report in reports:
        added = session.execute(insert_new(session, REPORTS, ["channel", "report_key"]), _row(report, now))
        if not added.rowcount:  # type: ignore[attr-defined]
            continue
        done.new += 1
        row = session.scalars(
            select(DeliveryReport).where(
                DeliveryReport.channel == report.channel, DeliveryReport.report_key == report.report_key
            )
        ).one()
        _apply(session, row, _message_of(session, report), now, done)
    return done


def apply_early(session: Session, provider_ids: Sequence[tuple[str, str]], now: dt.datetime) -> int:
    """Apply the reports that came before we had written down the (channel, provider id) they are about."""
    found = 0
    for chunk in chunks(provider_ids):
        ids = [provider_id for _, provider_id in chunk]
        waiting = (DeliveryReport.provider_id.in_(ids), DeliveryReport.message_id.is_(None))
        for row in list(session.scalars(select(DeliveryReport).where(*waiting).order_by(DeliveryReport.at))):
            message = _by_provider_id(session, row.channel, row.provider_id)
            if message is not None:
                found += 1
                _apply(session, row, message, now, Recorded())
    return found


def _message_of(session: Session, report: NewReport) -> OutboxMessage | None:
    if report.token:
        named = session.scalar(select(OutboxMessage).where(OutboxMessage.token == report.token).with_for_update())
        if named is not None and named.channel == report.channel:
            return named
    if report.provider_id:
        named = _by_provider_id(session, report.channel, report.provider_id)
        if named is not None:
            return named
    return _by_reference(session, report)


def _by_provider_id(session: Session, channel: str, provider_id: str | None) -> OutboxMessage | None:
    same = (OutboxMessage.channel == channel, OutboxMessage.provider_id == provider_id)
    # Peers that count from one again after a restart give old ids anew: the latest is meant.
    latest = select(OutboxMessage).where(*same).order_by(OutboxMessage.message_id.desc()).limit(1)
    found = session.scalar(latest.with_for_update())
    if found is not None:
        return found
    part = (OutboxPart.channel == channel, OutboxPart.provider_id == provider_id)
    owner = session.scalar(select(OutboxPart.message_id).where(*part).order_by(OutboxPart.message_id.desc()).limit(1))
    return session.get(OutboxMessage, owner, with_for_update=True) if owner is not None else None


def _by_reference(session: Session, report: NewReport) -> OutboxMessage | None:
    """The message that died on the way to the peer, by its address and the 16 bits of its number that went along."""
    if report.reference is None or report.address_digest is None:
        return None
    query = select(OutboxMessage).where(
        OutboxMessage.address_digest == report.address_digest, OutboxMessage.channel == report.channel,
        OutboxMessage.state == State.UNCERTAIN, OutboxMessage.contacted_at >= report.at - REFERENCE_HOLDS,
    )  # fmt: skip
    same = [row for row in session.scalars(query.with_for_update()) if row.message_id % 65536 == report.reference]
    return same[0] if len(same) == 1 else None


def _apply(
    session: Session, row: DeliveryReport, message: OutboxMessage | None, now: dt.datetime, done: Recorded
) -> None:
    if message is None:
        row.effect = "unknown"
        return
    row.message_id = message.message_id
    state = ReportState(row.state)
    if row.provider_id and message.provider_id is None:
        message.provider_id = row.provider_id
    if message.parts > 1:
        whole = _part_state(session, message, row.provider_id, state)
        if whole is None:
            row.effect = "part"
            return
        state = whole
    was_open = message.state in (State.UNCERTAIN, State.HANDING)
    row.effect = _move(message, state, row, now)
    if was_open and message.state in (State.SENT, State.DELIVERED, State.FAILED):
        key = charge_key(message.key, message.handovers)
        done.taken.append(Charge(message.campaign, message.channel, key, message.charge or Decimal(0)))
        message.charged_at = now
    session.flush()
    if row.effect == "moved" and state in (ReportState.DELIVERED, ReportState.READ):
        _respond(session, message, row, state, now)


def _part_state(
    session: Session, message: OutboxMessage, provider_id: str | None, state: ReportState
) -> ReportState | None:
    """What the whole message is when one part is in this state; None while that is not known."""
    parts = list(session.scalars(select(OutboxPart).where(OutboxPart.message_id == message.message_id)))
    for part in parts:
        if part.provider_id == provider_id and part.state != ReportState.DELIVERED:
            part.state = state.value
    if state == ReportState.FAILED:
        return state
    if not parts or any(part.state != ReportState.DELIVERED for part in parts):
        # A part that died with its worker has no row: what is heard of the others still says that the peer took them.
        return ReportState.ACCEPTED if message.state == State.UNCERTAIN else None
    return state


def _move(message: OutboxMessage, state: ReportState, row: DeliveryReport, now: dt.datetime) -> str:
    """Move the message as far as the report says; `moved`, or `late` when it has nothing more to say."""
    if message.state not in (*GONE, State.FAILED):
        return "late"
    if state == ReportState.ACCEPTED and message.state == State.UNCERTAIN:
        message.state, message.sent_at, message.reason = State.SENT, row.at, ""
    elif state == ReportState.FAILED and message.state in (State.HANDING, State.UNCERTAIN, State.SENT):
        message.state, message.failed_at, message.reason = State.FAILED, row.at, (row.code or "not_delivered")[:60]
        # Nobody was reached: it does not keep the next message of a fallback from him.
        message.contacted_at = None
    elif state == ReportState.READ and message.read_at is None:
        _delivered(message, row)
        message.read_at = row.at
    elif state == ReportState.DELIVERED and message.state != State.DELIVERED:
        _delivered(message, row)
    else:
        return "late"
    message.changed_at, message.lease_until = now, None
    return "moved"


def _delivered(message: OutboxMessage, row: DeliveryReport) -> None:
    message.state, message.reason = State.DELIVERED, ""
    message.delivered_at = message.delivered_at or row.at
    message.sent_at = message.sent_at or row.at
    message.contacted_at = message.contacted_at or message.sent_at


def _respond(
    session: Session, message: OutboxMessage, row: DeliveryReport, state: ReportState, now: dt.datetime
) -> None:
    kinds = [(Kind.DELIVERY, "delivered")] + ([(Kind.INTEREST, "read")] if state == ReportState.READ else [])
    for type_, kind in kinds:
        response = NewResponse(
            source="report", external_id=f"{message.message_id}:{kind}", type=type_, kind=kind, at=row.at,
            channel=message.channel, key=message.key,
        )  # fmt: skip
        record_response(session, response, now)


def uncertain(session: Session, message_ids: Sequence[int], now: dt.datetime) -> None:
    """Nobody knows whether these were handed over: they wait for the peer's word."""
    for chunk in chunks(message_ids):
        values = {"state": State.UNCERTAIN, "reason": "hand_over_broken", "changed_at": now, "lease_until": None}
        where = (OutboxMessage.message_id.in_(chunk), OutboxMessage.state == State.HANDING)
        session.execute(update(OutboxMessage).where(*where).values(values).execution_options(synchronize_session=False))


def _row(report: NewReport, now: dt.datetime) -> dict[str, Any]:
    return {
        "channel": report.channel, "report_key": report.report_key[:160], "provider_id": report.provider_id,
        "state": report.state.value, "code": printable(report.code, 40), "text": printable(report.text, 200),
        "at": report.at, "received_at": now, "effect": "", "message_id": None,
    }  # fmt: skip
