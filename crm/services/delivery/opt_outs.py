"""Who wants no more messages. An opt-out counts from its commit on: what is still in the house is called back."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crm.database import OUTBOX_DECISIONS, one_at_a_time
from crm.errors import CrmError
from crm.models import OptOut, OutboxMessage
from crm.services.actor import Actor, printable, system
from crm.services.audit import AuditKind, Entry, record
from crm.services.delivery.storing import chunks
from crm.services.delivery.values import RECALLABLE, Medium, State

ALL = "all"


@dataclass(frozen=True)
class Refusals:
    """Active opt-outs of some customers and addresses."""

    customers: frozenset[tuple[int, str, str]]
    addresses: frozenset[tuple[str, str, str]]

    def forbid(self, customer_id: int, address_digest: str | None, channel: str, category: str) -> bool:
        """Whether this customer, or this address, wants no message of the category in the channel."""
        pairs = [(each, kind) for each in (channel, ALL) for kind in (category, ALL)]
        return any((customer_id, *pair) in self.customers for pair in pairs) or (
            address_digest is not None and any((address_digest, *pair) in self.addresses for pair in pairs)
        )


def opt_out(
    session: Session, customer_id: int | None, channel: str, at: dt.datetime, source: str, *,
    category: str = "marketing", address_digest: str | None = None, message_id: int | None = None, reason: str = "",
    actor: Actor | None = None, now: dt.datetime | None = None,
) -> bool:  # fmt: skip
    """Take an opt-out down at once, and call back what is still in the house; whether it was new.

    `channel` is a channel or `all`, `category` a category or `all`. Without `customer_id` it is the address that wants
    no more, whoever it belongs to. Raises `ValueError` when both are missing.
    """
    if customer_id is None and address_digest is None:
        raise ValueError("an opt-out of nobody")
    chosen, who, written = channel if channel == ALL else Medium(channel).value, actor or system(source), now or at
    # A sender that is deciding right now comes wholly before this or wholly after it.
    one_at_a_time(session, OUTBOX_DECISIONS)
    same = (OptOut.channel == chosen, OptOut.category == category, OptOut.ended_at.is_(None))
    whose = [OptOut.customer_id == customer_id if customer_id is not None else OptOut.customer_id.is_(None)]
    if address_digest is not None:
        # Of a customer who had said so before it is new all the same that this address wants no more: others share it.
        whose.append(OptOut.address_digest == address_digest)
    if session.scalar(select(OptOut.opt_out_id).where(*same, *whose)) is not None:
        return False
    row = OptOut(
        customer_id=customer_id, address_digest=address_digest, channel=chosen, category=category, at=at,
        source=source, reason=printable(reason, 2000), actor_login=printable(who.login, 64), message_id=message_id,
        ended_by="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    if customer_id is not None:
        _call_back(session, customer_id, chosen, category, written)
    told = {"what": "opted_out", "channel": chosen, "category": category, "source": source, "message": message_id}
    subject = str(customer_id or "")
    record(session, who, Entry(AuditKind.DATA_CHANGED, "campaigns", subject, (), reason, told), written)
    return True


def opt_in(
    session: Session, customer_id: int, channel: str, actor: Actor, now: dt.datetime, reason: str,
    category: str = "marketing",
) -> None:  # fmt: skip
    """The customer takes an opt-out back. Raises `CrmError` without a reason or when there is none."""
    if not reason.strip():
        raise CrmError("reason_missing")
    query = select(OptOut).where(
        OptOut.customer_id == customer_id, OptOut.channel == channel, OptOut.category == category,
        OptOut.ended_at.is_(None),
    )  # fmt: skip
    rows = list(session.scalars(query.with_for_update()))
    if not rows:
        raise CrmError("opt_out_unknown")
    for row in rows:
        row.ended_at, row.ended_by = now, printable(actor.login, 64)
    told = {"what": "opted_in", "channel": channel, "category": category}
    record(session, actor, Entry(AuditKind.DATA_CHANGED, "campaigns", str(customer_id), (), reason, told), now)


def refusals(session: Session, customer_ids: Sequence[int], address_digests: Sequence[str]) -> Refusals:
    """The active opt-outs of these customers and addresses."""
    customers: set[tuple[int, str, str]] = set()
    addresses: set[tuple[str, str, str]] = set()
    for chunk in chunks(list(dict.fromkeys(customer_ids))):
        query = select(OptOut.customer_id, OptOut.channel, OptOut.category)
        for row in session.execute(query.where(OptOut.customer_id.in_(chunk), OptOut.ended_at.is_(None))):
            customers.add((row.customer_id, row.channel, row.category))
    for digests in chunks(list(dict.fromkeys(address_digests))):
        whose = select(OptOut.address_digest, OptOut.channel, OptOut.category)
        known = whose.where(OptOut.address_digest.in_(digests), OptOut.ended_at.is_(None))
        addresses |= {(str(each[0]), str(each[1]), str(each[2])) for each in session.execute(known)}
    return Refusals(frozenset(customers), frozenset(addresses))


def active(session: Session) -> list[tuple[int, str, str, dt.datetime]]:
    """All active opt-outs of known customers: (customer, channel, category, since)."""
    query = select(OptOut.customer_id, OptOut.channel, OptOut.category, OptOut.at)
    known = query.where(OptOut.ended_at.is_(None), OptOut.customer_id.is_not(None)).order_by(OptOut.opt_out_id)
    return [(int(row[0]), row[1], row[2], row[3]) for row in session.execute(known) if row[0] is not None]


def _call_back(session: Session, customer_id: int, channel: str, category: str, now: dt.datetime) -> None:
    where = [OutboxMessage.customer_id == customer_id, OutboxMessage.state.in_(RECALLABLE)]
    if channel != ALL:
        where.append(OutboxMessage.channel == channel)
    if category != ALL:
        where.append(OutboxMessage.category == category)
    values = {"state": State.REFUSED, "reason": "opted_out", "changed_at": now, "lease_until": None, "worker": ""}
    session.execute(update(OutboxMessage).where(*where).values(values).execution_options(synchronize_session=False))
