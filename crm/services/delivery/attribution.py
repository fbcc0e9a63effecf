"""Whose a response is: which message of which campaign, by what it names and by windows.

Precedence: the message itself (key, token, peer's id); the latest message to the address that answered; for what is
known of a customer alone, the latest contact in the window that had aroused interest, then the latest in the window.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import CampaignResponse, OutboxMessage, OutboxPart
from crm.services.delivery.values import Kind, NewResponse

# Days after the contact within which a response of each type counts; a message's own `windows` go before.
WINDOWS: Final = {Kind.DELIVERY: 7, Kind.INTEREST: 14, Kind.CONVERSION: 30}
LONGEST: Final = dt.timedelta(days=366)


def window(message: OutboxMessage, type_: int) -> dt.timedelta:
    """How long after its contact a message's responses of a type count."""
    own = (message.details or {}).get("windows", {})
    return dt.timedelta(days=float(own.get(str(type_), WINDOWS[Kind(type_)])))


def is_in_window(message: OutboxMessage, type_: int, at: dt.datetime) -> bool:
    """Whether a response at this moment counts for the message. What comes before the contact is none of its doing."""
    start = message.contacted_at or message.sent_at or message.failed_at
    # Clocks of peers differ by seconds: a delivery may be stamped a little before our own note.
    slack = dt.timedelta(minutes=5) if type_ == Kind.DELIVERY else dt.timedelta(0)
    return start is not None and start - slack <= at <= start + window(message, type_)


def named_message(session: Session, response: NewResponse) -> OutboxMessage | None:
    """The message that a response names itself."""
    if response.key is not None:
        return session.scalar(select(OutboxMessage).where(OutboxMessage.key == response.key))
    if response.token is not None:
        return session.scalar(select(OutboxMessage).where(OutboxMessage.token == response.token))
    if response.provider_id is not None:
        same = (OutboxMessage.channel == response.channel, OutboxMessage.provider_id == response.provider_id)
        found = session.scalar(select(OutboxMessage).where(*same).order_by(OutboxMessage.message_id.desc()).limit(1))
        if found is not None:
            return found
        part = (OutboxPart.channel == response.channel, OutboxPart.provider_id == response.provider_id)
        owner = session.scalar(select(OutboxPart.message_id).where(*part))
        return session.get(OutboxMessage, owner) if owner is not None else None
    return None


def latest_to_address(session: Session, response: NewResponse) -> OutboxMessage | None:
    """The latest message to the address that an answer came from, if the answer is in its window."""
    if response.address_digest is None:
        return None
    query = select(OutboxMessage).where(
        OutboxMessage.address_digest == response.address_digest, OutboxMessage.channel == response.channel,
        OutboxMessage.contacted_at <= response.at, OutboxMessage.contacted_at >= response.at - LONGEST,
    )  # fmt: skip
    found = session.scalar(query.order_by(OutboxMessage.contacted_at.desc()).limit(1))
    return found if found is not None and is_in_window(found, response.type, response.at) else None


def best_contact(session: Session, response: NewResponse) -> OutboxMessage | None:
    """For what is known of a customer alone: the message that the response is put down to."""
    if response.customer_id is None:
        return None
    candidates = contacts_before(session, response.customer_id, response.at, response.campaign)
    counted = [each for each in candidates if is_in_window(each, response.type, response.at)]
    if not counted:
        return None
    interested = set(
        session.scalars(
            select(CampaignResponse.message_id).where(
                CampaignResponse.message_id.in_([each.message_id for each in counted]),
                CampaignResponse.type == Kind.INTEREST, CampaignResponse.at <= response.at,
            )
        )
    )  # fmt: skip
    # At the same moment the campaign of higher priority has it; the number makes it the same on every day.
    return max(
        counted, key=lambda each: (each.message_id in interested, each.contacted_at, each.priority, -each.message_id)
    )


def contacts_before(
    session: Session, customer_id: int, at: dt.datetime, campaign: str | None = None
) -> Sequence[OutboxMessage]:
    """Messages that reached, or may have reached, a customer before a moment, the latest first."""
    query = select(OutboxMessage).where(
        OutboxMessage.customer_id == customer_id, OutboxMessage.contacted_at <= at,
        OutboxMessage.contacted_at >= at - LONGEST,
    )  # fmt: skip
    if campaign is not None:
        query = query.where(OutboxMessage.campaign == campaign)
    return list(session.scalars(query.order_by(OutboxMessage.contacted_at.desc()).limit(200)))
