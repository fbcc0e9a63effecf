"""What a unit of a channel costs, from when on: set by those who administer campaigns."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import ChannelCost
from crm.services.accounts import required
from crm.services.actor import Actor, printable
from crm.services.campaigns.clock import local_day
from crm.services.campaigns.ledger import money
from crm.services.campaigns.values import CHANNELS
from crm.services.versioned import note


@dataclass(frozen=True)
class CostInfo:
    """A price in soʻm for one unit (a part of an SMS, an e-mail, a call), from a day on."""

    channel: str
    price: Decimal
    valid_from: dt.date
    author_login: str
    reason: str
    at: dt.datetime


def set_cost(
    session: Session, channel: str, price: Decimal | int, valid_from: dt.date, actor: Actor, now: dt.datetime,
    reason: str,
) -> CostInfo:  # fmt: skip
    """Set the price of a channel from a day on, in this month at the earliest."""
    if channel not in CHANNELS:
        raise CrmError("campaign_channel", channel=channel[:40])
    earliest = local_day(now).replace(day=1)
    before = price_of(session, channel, valid_from)
    if valid_from < earliest and before is not None:
        raise CrmError("cost_past", day=earliest)
    row = ChannelCost(
        channel=channel, price=money(price), valid_from=valid_from, author_login=printable(actor.login, 64),
        reason=required(reason), at=now,
    )  # fmt: skip
    session.add(row)
    note(
        session, row, actor, now, "channel_cost", reason, before=str(before), price=str(row.price),
        valid_from=str(valid_from),
    )  # fmt: skip
    return _info(row)


def price_of(session: Session, channel: str, day: dt.date) -> Decimal | None:
    """The price in force on a day; None when there is none."""
    return prices(session, day).get(channel)


def prices(session: Session, day: dt.date) -> Mapping[str, Decimal]:
    """All prices in force on a day by channel."""
    query = select(ChannelCost).where(ChannelCost.valid_from <= day)
    rows = session.scalars(query.order_by(ChannelCost.valid_from, ChannelCost.cost_id))
    return {row.channel: row.price for row in rows}


def costs(session: Session, channel: str | None = None) -> list[CostInfo]:
    """Every price that was ever set, latest first."""
    query = select(ChannelCost).order_by(ChannelCost.valid_from.desc(), ChannelCost.cost_id.desc())
    if channel is not None:
        query = query.where(ChannelCost.channel == channel)
    return [_info(row) for row in session.scalars(query)]


def _info(row: ChannelCost) -> CostInfo:
    return CostInfo(row.channel, row.price, row.valid_from, row.author_login, row.reason, row.at)
