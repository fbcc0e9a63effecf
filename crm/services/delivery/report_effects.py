"""How far a report moves its message."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import OutboxMessage, OutboxPart
from crm.services.delivery.values import GONE, NewReport, ReportState, State


def part_state(
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


def move(message: OutboxMessage, state: ReportState, report: NewReport, now: dt.datetime) -> str:
    """Move the message as far as the report says; `moved`, or `late` when it has nothing more to say."""
    if message.state not in (*GONE, State.FAILED):
        return "late"
    if state == ReportState.ACCEPTED and message.state == State.UNCERTAIN:
        message.state, message.sent_at, message.reason = State.SENT, report.at, ""
    elif state == ReportState.FAILED and message.state in (State.HANDING, State.UNCERTAIN, State.SENT):
        message.state, message.failed_at, message.reason = (
            State.FAILED,
            report.at,
            (report.code or "not_delivered")[:60],
        )
        # Nobody was reached: it does not keep the next message of a fallback from him.
        message.contacted_at = None
    elif state == ReportState.READ and message.read_at is None:
        _delivered(message, report)
        message.read_at = report.at
    elif state == ReportState.DELIVERED and message.state != State.DELIVERED:
        _delivered(message, report)
    else:
        return "late"
    message.changed_at, message.lease_until = now, None
    return "moved"


def _delivered(message: OutboxMessage, report: NewReport) -> None:
    message.state, message.reason = State.DELIVERED, ""
    message.delivered_at = message.delivered_at or report.at
    message.sent_at = message.sent_at or report.at
    message.contacted_at = message.contacted_at or message.sent_at
