"""The outbox: messages that are to be sent, once each, and what flows and monitors ask about them.

Claiming and handing over is in `claiming` and `handing`, what peers report in `reports`.
"""

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session

from crm.models import CampaignResponse, OutboxMessage
from crm.services.actor import printable
from crm.services.delivery.storing import chunks, insert_new, run, values_of
from crm.services.delivery.values import (
    RECALLABLE,
    Contact,
    Medium,
    MessageFact,
    NewMessage,
    ResponseFact,
    State,
)

_FACT = ("customer_id", "key", "node_id", "step", "channel", "state", "changed_at")
TABLE = cast(Table, OutboxMessage.__table__)


@dataclass(frozen=True)
class Put:
    """How many messages were new, and how many were there already."""

    added: int
    known: int


def put(session: Session, messages: Iterable[NewMessage], now: dt.datetime) -> Put:
    """Queue messages; one whose key is there already is left as it stands. Raises `ValueError` for unknown channels."""
    rows = [_row(message, now) for message in messages]
    added = run(session, insert_new(session, TABLE, ["key"]), rows)
    return Put(added, len(rows) - added)


def cancel(session: Session, keys: Sequence[str], reason: str, now: dt.datetime) -> frozenset[str]:
    """Call messages back that have not left the house; returns the keys of those that were called back. For the others
    it is too late: they were handed over, or are at an end already."""
    called: set[str] = set()
    for chunk in chunks(keys):
        statement = (
            update(OutboxMessage)
            .where(OutboxMessage.key.in_(chunk), OutboxMessage.state.in_(RECALLABLE))
            .values(state=State.CANCELLED, reason=reason[:60], changed_at=now, worker="", lease_until=None)
            .returning(OutboxMessage.key)
            .execution_options(synchronize_session=False)
        )
        called |= set(session.scalars(statement))
    return frozenset(called)


def cancel_campaign(
    session: Session, campaign: str, reason: str, now: dt.datetime, node_id: str | None = None,
    customer_ids: Sequence[int] | None = None,
) -> int:  # fmt: skip
    """Call back all that a campaign, one of its steps, or a part of its audience still has in the house."""
    where = [OutboxMessage.campaign == campaign, OutboxMessage.state.in_(RECALLABLE)]
    if node_id is not None:
        where.append(OutboxMessage.node_id == node_id)
    groups: list[list[int] | None] = list(chunks(customer_ids)) if customer_ids is not None else [None]
    count = 0
    for group in groups:
        chosen = where if group is None else [*where, OutboxMessage.customer_id.in_(group)]
        values = {"state": State.CANCELLED, "reason": reason[:60], "changed_at": now, "lease_until": None}
        statement = update(OutboxMessage).where(*chosen).values(worker="", **values)
        count += run(session, statement.execution_options(synchronize_session=False))
    return count


def counts(session: Session, campaign: str) -> dict[tuple[str, str, str], int]:
    """Messages of a campaign by (node, channel, state)."""
    columns = (OutboxMessage.node_id, OutboxMessage.channel, OutboxMessage.state)
    query = select(*columns, func.count()).where(OutboxMessage.campaign == campaign).group_by(*columns)
    return {(node, channel, state): count for node, channel, state, count in session.execute(query)}


def reasons(session: Session, campaign: str) -> dict[tuple[str, str, str], int]:
    """Messages of a campaign that were held, refused or failed, by (node, state, reason)."""
    columns = (OutboxMessage.node_id, OutboxMessage.state, OutboxMessage.reason)
    told = (State.DEFERRED, State.REFUSED, State.FAILED, State.EXPIRED, State.CANCELLED, State.UNCERTAIN)
    where = (OutboxMessage.campaign == campaign, OutboxMessage.state.in_(told))
    query = select(*columns, func.count()).where(*where).group_by(*columns)
    return {(node, state, reason): count for node, state, reason, count in session.execute(query)}


def facts(
    session: Session, campaign: str, customer_ids: Sequence[int]
) -> dict[int, tuple[list[MessageFact], list[ResponseFact]]]:
    """What flows have to know of these participants: their messages, and their responses that count."""
    found: dict[int, tuple[list[MessageFact], list[ResponseFact]]] = defaultdict(lambda: ([], []))
    for chunk in chunks(customer_ids):
        columns = [
            TABLE.c[name] for name in ("customer_id", "key", "node_id", "step", "channel", "state", "changed_at")
        ]
        where = (OutboxMessage.customer_id.in_(chunk), OutboxMessage.campaign == campaign)
        for row in session.execute(select(*columns).where(*where)):
            found[row.customer_id][0].append(MessageFact(*values_of(row)))
        answers = select(
            CampaignResponse.customer_id, CampaignResponse.type, CampaignResponse.kind, CampaignResponse.node_id,
            CampaignResponse.at,
        ).where(
            CampaignResponse.customer_id.in_(chunk), CampaignResponse.campaign == campaign,
            CampaignResponse.is_counted, CampaignResponse.state == "matched",
        )  # fmt: skip
        for row in session.execute(answers):
            found[row.customer_id][1].append(ResponseFact(*values_of(row)))
    return dict(found)


def changed_customers(session: Session, campaign: str, since: dt.datetime) -> frozenset[int]:
    """Participants about whom something new is known since a moment: their flow may go on."""
    messages = select(OutboxMessage.customer_id).where(
        OutboxMessage.campaign == campaign, OutboxMessage.changed_at >= since
    )
    answers = select(CampaignResponse.customer_id).where(
        CampaignResponse.campaign == campaign, CampaignResponse.received_at >= since,
        CampaignResponse.customer_id.is_not(None),
    )  # fmt: skip
    return frozenset(session.scalars(messages)) | {each for each in session.scalars(answers) if each is not None}


def contacts(
    session: Session, customer_ids: Sequence[int], cluster_ids: Sequence[int], since: dt.datetime
) -> list[Contact]:
    """Contacts since a moment with these customers and with everybody of these clusters, by their time."""
    names = ("message_id", "customer_id", "cluster_id", "channel", "category", "campaign", "contacted_at")
    columns = [TABLE.c[name] for name in names]
    found: dict[int, Contact] = {}
    for column, ids in ((OutboxMessage.customer_id, customer_ids), (OutboxMessage.cluster_id, cluster_ids)):
        for chunk in chunks(list(dict.fromkeys(ids))):
            for row in session.execute(select(*columns).where(column.in_(chunk), OutboxMessage.contacted_at >= since)):
                found[row.message_id] = Contact(*values_of(row))
    return sorted(found.values(), key=lambda contact: (contact.at, contact.contact_id))


def _row(message: NewMessage, now: dt.datetime) -> dict[str, Any]:
    """The row of a new message. 128 bits of chance: nobody finds a customer's page by trying."""
    if len(message.key) > 160 or message.key != printable(message.key, 160):
        raise ValueError(f"not a key: {message.key[:160]!r}")
    return {
        "key": message.key, "token": secrets.token_urlsafe(16), "campaign": message.campaign,
        "node_id": message.node_id, "step": message.step, "customer_id": message.customer_id,
        "cluster_id": message.cluster_id, "channel": Medium(message.channel).value, "category": message.category,
        "template": message.template, "priority": message.priority, "state": State.QUEUED.value, "reason": "",
        "details": dict(message.details) if message.details else None, "queued_at": now,
        "due_at": message.due_at or now, "expires_at": message.expires_at, "changed_at": now, "worker": "", "tries": 0,
        "handovers": 0, "parts": 0, "language": "", "content_hash": "",
    }  # fmt: skip
