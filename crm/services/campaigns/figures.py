"""Money of campaigns in sums, and what one acquired customer cost (SAC): all of it from lines and entries of the
ledger. How many were acquired is told by the caller: that is a matter of responses."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from crm.models import BudgetEntry, Campaign, CampaignBudgetLine
from crm.services.campaigns.access import viewed
from crm.services.campaigns.ledger import SPEND, ZERO
from crm.services.campaigns.stored import row_of
from vitrina.access.rights import Rights


@dataclass(frozen=True)
class ChannelFigures:
    """A channel of a campaign, or of all. `acquired` None: not told; `sac` None: nobody was acquired, or not told."""

    channel: str
    need: Decimal
    reserved: Decimal
    committed: Decimal
    spent: Decimal
    invoiced: Decimal
    acquired: int | None

    @property
    def sac(self) -> Decimal | None:
        """Spent for each customer acquired."""
        return self.spent / self.acquired if self.acquired else None


def campaign_figures(
    session: Session, campaign: int | str, acquired: Mapping[str, int] | None = None
) -> list[ChannelFigures]:  # fmt: skip
    """The channels of a campaign. `acquired` counts customers by channel."""
    condition = CampaignBudgetLine.campaign_id == row_of(session, campaign).campaign_id
    return _by_channel(session, [condition], acquired)


def channel_figures(
    session: Session, rights: Rights | None, first: dt.date, last: dt.date,
    acquired: Mapping[str, int] | None = None,
) -> list[ChannelFigures]:  # fmt: skip
    """The channels of all campaigns that a person sees, in months that begin between two days."""
    line = CampaignBudgetLine
    seen = line.campaign_id.in_(select(Campaign.campaign_id).where(viewed(session, rights)))
    return _by_channel(session, [seen, line.month >= first, line.month <= last], acquired)


@dataclass(frozen=True)
class CampaignMoney:
    """What one campaign has in months and channels of a budget."""

    key: str
    name: str
    reserved: Decimal
    committed: Decimal
    spent: Decimal
    invoiced: Decimal


def campaigns_under(
    session: Session, rights: Rights | None, first: dt.date, last: dt.date, channel: str = ""
) -> list[CampaignMoney]:  # fmt: skip
    """The campaigns, of those that a person sees, that have money in months that begin between two days, on a channel
    ("": on any), the largest first."""
    line = CampaignBudgetLine
    sums = [func.sum(each) for each in (line.reserved, line.committed, line.spent, line.invoiced)]
    query = (
        select(Campaign.key, Campaign.name, *sums)
        .join(Campaign, Campaign.campaign_id == line.campaign_id)
        .where(viewed(session, rights), line.month >= first, line.month <= last)
        .group_by(Campaign.key, Campaign.name)
        .having((func.sum(line.reserved) > 0) | (func.sum(line.spent) > 0))
        .order_by(func.sum(line.reserved).desc(), Campaign.key)
    )
    if channel:
        query = query.where(line.channel == channel)
    return [CampaignMoney(key, name, *(each or ZERO for each in found)) for key, name, *found in session.execute(query)]


def spent_by_day(session: Session, campaign: int | str) -> list[tuple[dt.date, str, Decimal]]:
    """What a campaign spent by day (UTC) and channel."""
    entry = BudgetEntry
    query = (
        select(func.date(entry.at), entry.channel, func.sum(entry.amount))
        .where(entry.campaign_id == row_of(session, campaign).campaign_id, entry.kind == SPEND)
        .group_by(func.date(entry.at), entry.channel)
        .order_by(func.date(entry.at), entry.channel)
    )
    return [
        (day if isinstance(day, dt.date) else dt.date.fromisoformat(str(day)), channel, amount)
        for day, channel, amount in session.execute(query).tuples()
    ]


def _by_channel(
    session: Session, conditions: list[ColumnElement[bool]], acquired: Mapping[str, int] | None
) -> list[ChannelFigures]:  # fmt: skip
    line = CampaignBudgetLine
    sums = [func.sum(each) for each in (line.need, line.reserved, line.committed, line.spent, line.invoiced)]
    query = select(line.channel, *sums).where(*conditions).group_by(line.channel).order_by(line.channel)
    found = []
    for channel, *values in session.execute(query).all():
        need, reserved, committed, spent, invoiced = [each or ZERO for each in values]
        count = None if acquired is None else acquired.get(channel, 0)
        found.append(ChannelFigures(channel, need, reserved, committed, spent, invoiced, count))
    return found
