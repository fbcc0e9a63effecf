"""Responses of the three types: each is recorded once and put down to a message; what nobody can place waits for a
person, with suggestions."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import CampaignResponse, OutboxMessage
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry
from crm.services.audit import record as record_entry
from crm.services.delivery.attribution import (
    best_contact,
    contacts_before,
    is_in_window,
    latest_to_address,
    named_message,
)
from crm.services.delivery.storing import insert_new, run
from crm.services.delivery.values import Kind, NewResponse, ResponseInfo

RESPONSES: Any = CampaignResponse.__table__
MATCHED, OPEN, DISMISSED = "matched", "open", "dismissed"


@dataclass(frozen=True)
class Suggestion:
    """A message that an unplanned response may belong to. `same_address`: it went where the answer came from."""

    message_id: int
    campaign: str
    node_id: str
    customer_id: int
    channel: str
    contacted_at: dt.datetime
    same_address: bool
    is_counted: bool


def record(session: Session, response: NewResponse, now: dt.datetime) -> bool:
    """Record a response once; whether it was new.

    Conversions without any contact in their window are nobody's doing and are not kept here: they are in the marts.
    """
    named = named_message(session, response)
    message = named or latest_to_address(session, response)
    if message is None and response.type != Kind.INTEREST:
        message = best_contact(session, response)
        if message is None:
            return False
    row = _row(response, message, now)
    done = session.execute(insert_new(session, RESPONSES, ["source", "external_id"]), row)
    if done.rowcount and message is not None:  # type: ignore[attr-defined]
        # Flows look at what changed since they last walked.
        message.changed_at = max(message.changed_at, now)
        session.flush()
    return bool(done.rowcount)  # type: ignore[attr-defined]


def record_known(session: Session, found: Sequence[tuple[NewResponse, OutboxMessage]], now: dt.datetime) -> None:
    """Record responses whose messages are at hand, each once."""
    rows = [_row(response, message, now) for response, message in found]
    run(session, insert_new(session, RESPONSES, ["source", "external_id"]), rows)


def waiting(session: Session, limit: int = 200) -> list[ResponseInfo]:
    """Responses that nobody could place, the latest first."""
    query = select(CampaignResponse).where(CampaignResponse.state == OPEN)
    return [info(row) for row in session.scalars(query.order_by(CampaignResponse.received_at.desc()).limit(limit))]


def of_customer(session: Session, customer_id: int, limit: int = 200) -> list[ResponseInfo]:
    """What a customer answered, the latest first."""
    query = select(CampaignResponse).where(
        CampaignResponse.customer_id == customer_id, CampaignResponse.state == MATCHED
    )
    return [info(row) for row in session.scalars(query.order_by(CampaignResponse.at.desc()).limit(limit))]


def suggestions(session: Session, response_id: int, customer_id: int | None = None) -> list[Suggestion]:
    """Messages that an open response may belong to: those to its address, then those to the customer (the one whom a
    person has recognised, if he has), the latest first."""
    row = _open(session, response_id)
    found: dict[int, OutboxMessage] = {}
    if row.address_digest is not None:
        same = (OutboxMessage.address_digest == row.address_digest, OutboxMessage.contacted_at <= row.at)
        latest = select(OutboxMessage).where(*same).order_by(OutboxMessage.contacted_at.desc()).limit(20)
        found |= {each.message_id: each for each in session.scalars(latest)}
    customers = {customer_id or row.customer_id, *(each.customer_id for each in found.values())} - {None}
    for each_customer in sorted(each for each in customers if each is not None):
        found |= {each.message_id: each for each in contacts_before(session, each_customer, row.at)[:20]}
    told = [_suggestion(row, message) for message in found.values()]
    return sorted(told, key=lambda each: (each.is_counted, each.same_address, each.contacted_at), reverse=True)


def match(session: Session, response_id: int, message_id: int, actor: Actor, now: dt.datetime) -> ResponseInfo:
    """A person says which message a response belongs to. Raises `CrmError`."""
    row, message = _open(session, response_id), session.get(OutboxMessage, message_id)
    if message is None:
        raise CrmError("message_unknown")
    row.state, row.is_planned = MATCHED, False
    row.message_id, row.campaign, row.node_id = message.message_id, message.campaign, message.node_id
    row.customer_id, row.is_counted = message.customer_id, is_in_window(message, row.type, row.at)
    row.matched_by, row.matched_at = printable(actor.login, 64), now
    message.changed_at = max(message.changed_at, now)
    told = {"what": "response_matched", "campaign": message.campaign, "customer": message.customer_id}
    record_entry(session, actor, Entry(AuditKind.DATA_CHANGED, "campaigns", str(response_id), (), "", told), now)
    session.flush()
    return info(row)


def dismiss(session: Session, response_id: int, reason: str, actor: Actor, now: dt.datetime) -> None:
    """A person says that a response belongs to no campaign. Raises `CrmError`."""
    if not reason.strip():
        raise CrmError("reason_missing")
    row = _open(session, response_id)
    row.state, row.matched_by, row.matched_at = DISMISSED, printable(actor.login, 64), now
    told = {"what": "response_dismissed"}
    record_entry(session, actor, Entry(AuditKind.DATA_CHANGED, "campaigns", str(response_id), (), reason, told), now)


def info(row: CampaignResponse) -> ResponseInfo:
    """A response as pages and marts show it."""
    return ResponseInfo(
        row.response_id, row.type, row.kind, row.channel, row.source, row.at, row.state, row.is_planned,
        row.is_counted, row.campaign, row.node_id, row.customer_id, row.message_id, row.value, row.text,
    )  # fmt: skip


def _open(session: Session, response_id: int) -> CampaignResponse:
    row = session.get(CampaignResponse, response_id, with_for_update=True, populate_existing=True)
    if row is None or row.state != OPEN:
        raise CrmError("response_not_open")
    return row


def _suggestion(row: CampaignResponse, message: OutboxMessage) -> Suggestion:
    at = message.contacted_at or message.queued_at
    return Suggestion(
        message.message_id, message.campaign, message.node_id, message.customer_id, message.channel, at,
        row.address_digest is not None and message.address_digest == row.address_digest,
        is_in_window(message, row.type, row.at),
    )  # fmt: skip


def _row(response: NewResponse, message: OutboxMessage | None, now: dt.datetime) -> dict[str, Any]:
    found = message is not None
    return {
        "source": response.source, "external_id": printable(response.external_id, 160), "type": int(response.type),
        "kind": response.kind, "channel": response.channel or (message.channel if message is not None else ""),
        "at": response.at, "received_at": now, "state": MATCHED if found else OPEN, "is_planned": found,
        "is_counted": message is not None and is_in_window(message, response.type, response.at),
        "message_id": message.message_id if message is not None else None,
        "campaign": message.campaign if message is not None else None,
        "node_id": message.node_id if message is not None else None,
        "customer_id": message.customer_id if message is not None else response.customer_id,
        "address_digest": response.address_digest, "value": response.value,
        "text": "\n".join(printable(line, 1000) for line in response.text.splitlines())[:2000],
        "matched_by": "", "matched_at": None,
    }  # fmt: skip
