"""Responses of a campaign in counts, and the latest of them one by one."""

from dataclasses import dataclass

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from crm.models import CampaignResponse, OutboxMessage
from crm.services.delivery.responses import MATCHED, info
from crm.services.delivery.values import Kind, ResponseInfo


@dataclass(frozen=True)
class ResponseCount:
    """Responses of one type and kind that came to one step by one channel; `counted` came inside of their window,
    `by_hand` were placed by a person."""

    type: int
    kind: str
    channel: str
    node_id: str
    responses: int
    customers: int
    counted: int
    by_hand: int


def response_counts(session: Session, campaign: str) -> list[ResponseCount]:
    """Everything that came to a campaign, by type, kind, channel and step."""
    row = CampaignResponse
    keys = (row.type, row.kind, row.channel, func.coalesce(row.node_id, ""))
    query = (
        select(
            *keys, func.count(), func.count(distinct(row.customer_id)),
            func.count().filter(row.is_counted), func.count().filter(row.is_planned.is_(False)),
        )
        .where(row.campaign == campaign, row.state == MATCHED)
        .group_by(*keys)
        .order_by(row.type.desc(), func.count().desc())
    )  # fmt: skip
    return [ResponseCount(*found) for found in session.execute(query).tuples()]


def latest_responses(session: Session, campaign: str, type_: int | None = None, limit: int = 50) -> list[ResponseInfo]:
    """The newest responses of a campaign."""
    row = CampaignResponse
    query = select(row).where(row.campaign == campaign, row.state == MATCHED)
    if type_ is not None:
        query = query.where(row.type == type_)
    return [info(each) for each in session.scalars(query.order_by(row.at.desc(), row.response_id.desc()).limit(limit))]


def converted_by_channel(session: Session, campaign: str) -> dict[str, int]:
    """Customers with a counted conversion by the channel of the message that it is put down to."""
    row, message = CampaignResponse, OutboxMessage
    query = (
        select(message.channel, func.count(distinct(row.customer_id)))
        .join(message, message.message_id == row.message_id)
        .where(row.campaign == campaign, row.state == MATCHED, row.is_counted, row.type == Kind.CONVERSION)
        .group_by(message.channel)
    )
    return dict(session.execute(query).tuples().all())
