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

from crm.models import DeliveryReport, OutboxMessage
from crm.services.actor import printable
from crm.services.delivery.report_effects import move, part_state
from crm.services.delivery.report_matching import by_provider_ids, messages_of
from crm.services.delivery.responses import record_known
from crm.services.delivery.storing import chunks, insert_new, run
from crm.services.delivery.values import Charge, Kind, NewReport, NewResponse, ReportState, State, charge_key

REPORTS: Any = DeliveryReport.__table__
Answered = list[tuple[NewResponse, OutboxMessage]]


@dataclass
class Recorded:
    """What came of some reports: how many were new, and what is owed for messages whose hand-over had broken off and
    that the peer has `taken`: whatever it reports of them, it had them."""

    new: int = 0
    taken: list[Charge] = field(default_factory=list)


def record(session: Session, reports: Iterable[NewReport], now: dt.datetime) -> Recorded:
    """Write reports down and apply them in their order. One that names no known message yet is applied when the message
    is (`apply_early`)."""
    fresh = _unknown(session, list(reports))
    done, answered = Recorded(len(fresh)), Answered()
    rows = []
    for report, message in zip(fresh, messages_of(session, fresh), strict=True):
        effect = _apply(session, report, message, now, done, answered) if message is not None else "unknown"
        found = message.message_id if message is not None else None
        rows.append({**_row(report, now), "message_id": found, "effect": effect})
    session.flush()
    run(session, insert_new(session, REPORTS, ["channel", "report_key"]), rows)
    record_known(session, answered, now)
    return done


def apply_early(session: Session, provider_ids: Sequence[tuple[str, str]], now: dt.datetime) -> int:
    """Apply the reports that came before we had written down the (channel, provider id) they are about."""
    found, answered = 0, Answered()
    for chunk in chunks(provider_ids):
        ids = [provider_id for _, provider_id in chunk]
        waiting = (DeliveryReport.provider_id.in_(ids), DeliveryReport.message_id.is_(None))
        for row in list(session.scalars(select(DeliveryReport).where(*waiting).order_by(DeliveryReport.at))):
            message = by_provider_ids(session, row.channel, [str(row.provider_id)]).get(
                (row.channel, row.provider_id or "")
            )
            if message is not None:
                found += 1
                row.message_id = message.message_id
                report = NewReport(
                    row.channel, row.report_key, ReportState(row.state), row.at, row.provider_id, code=row.code
                )
                row.effect = _apply(session, report, message, now, Recorded(), answered)
    session.flush()
    record_known(session, answered, now)
    return found


def _unknown(session: Session, reports: Sequence[NewReport]) -> list[NewReport]:
    """The first of every key that is not written down yet."""
    first = {(each.channel, each.report_key[:160]): each for each in reversed(reports)}
    for chunk in chunks(list(first)):
        keys = DeliveryReport.report_key.in_([key for _, key in chunk])
        for row in session.execute(select(DeliveryReport.channel, DeliveryReport.report_key).where(keys)):
            first.pop((row.channel, row.report_key), None)
    return [each for each in reports if first.get((each.channel, each.report_key[:160])) is each]


def _apply(
    session: Session, report: NewReport, message: OutboxMessage, now: dt.datetime, done: Recorded, answered: Answered
) -> str:
    """Move the message, note what is owed and what is a response; what the report did."""
    state: ReportState | None = report.state
    if report.provider_id and message.provider_id is None:
        message.provider_id = report.provider_id
    if message.parts > 1:
        state = part_state(session, message, report.provider_id, report.state)
    if state is None:
        return "part"
    was_open = message.state in (State.UNCERTAIN, State.HANDING)
    effect = move(message, state, report, now)
    if was_open and message.state in (State.SENT, State.DELIVERED, State.FAILED):
        key = charge_key(message.key, message.handovers)
        done.taken.append(Charge(message.campaign, message.channel, key, message.charge or Decimal(0)))
        message.charged_at = now
    if effect == "moved" and state in (ReportState.DELIVERED, ReportState.READ):
        answered.append((_response(message, report, Kind.DELIVERY, "delivered"), message))
        if state == ReportState.READ:
            answered.append((_response(message, report, Kind.INTEREST, "read"), message))
    return effect


def _response(message: OutboxMessage, report: NewReport, type_: Kind, kind: str) -> NewResponse:
    return NewResponse(
        source="report", external_id=f"{message.message_id}:{kind}", type=type_, kind=kind, at=report.at,
        channel=message.channel, key=message.key,
    )  # fmt: skip


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
