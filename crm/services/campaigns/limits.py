"""Limits of budgets, and setting money aside under them: two campaigns never get the same soʻm."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.database import CAMPAIGN_BUDGETS, one_at_a_time
from crm.errors import CrmError
from crm.models import BudgetLimit, Campaign, CampaignBudgetLine
from crm.services.accounts import required
from crm.services.actor import Actor, printable
from crm.services.campaigns.ledger import RELEASE, RESERVE, ZERO, add_entry, locked_lines, money
from crm.services.campaigns.months import checked_period, months_of
from crm.services.campaigns.values import CHANNELS
from crm.services.versioned import note, touch


@dataclass(frozen=True)
class LimitInfo:
    """A limit with what is set aside, promised, spent and invoiced under it. `channel` empty: all together."""

    limit_id: int
    period_kind: str
    period_start: dt.date
    channel: str
    amount: Decimal
    reserved: Decimal
    committed: Decimal
    spent: Decimal
    invoiced: Decimal
    revision: int

    @property
    def free(self) -> Decimal:
        """What can still be set aside."""
        return self.amount - self.reserved


def set_limit(
    session: Session, period_kind: str, period_start: dt.date, amount: Decimal | int, actor: Actor, now: dt.datetime,
    reason: str, *, channel: str = "", base: int | None = None,
) -> LimitInfo:  # fmt: skip
    """Set how much may be set aside in a period. Raises `CrmError` for less than is already, and when somebody saved in
    the meantime."""
    checked_period(period_kind, period_start)
    if channel not in ("", *CHANNELS):
        raise CrmError("campaign_channel", channel=channel[:40])
    one_at_a_time(session, CAMPAIGN_BUDGETS)
    wanted = money(amount)
    query = select(BudgetLimit).where(
        BudgetLimit.period_kind == period_kind, BudgetLimit.period_start == period_start, BudgetLimit.channel == channel
    )
    row = session.scalar(query.with_for_update())
    before = None if row is None else row.amount
    if row is None:
        row = BudgetLimit(
            period_kind=period_kind, period_start=period_start, channel=channel, amount=wanted, revision=1,
            created_at=now, updated_at=now, updated_by=printable(actor.login, 64),
        )  # fmt: skip
        session.add(row)
        session.flush()
    elif base is not None and row.revision != base:
        raise CrmError("budget_limit_changed", login=row.updated_by)
    else:
        row.amount = wanted
        touch(row, actor, now)
    found = _info(session, row)
    if found.reserved > wanted:
        raise CrmError("budget_limit_below", reserved=found.reserved)
    note(session, row, actor, now, "budget_limit", required(reason), before=str(before), amount=str(wanted))
    return found


def limits(session: Session, year: int | None = None) -> list[LimitInfo]:
    """All limits, or those of a year, by period and channel."""
    query = select(BudgetLimit).order_by(BudgetLimit.period_start, BudgetLimit.period_kind, BudgetLimit.channel)
    if year is not None:
        first, after = dt.date(year, 1, 1), dt.date(year + 1, 1, 1)
        query = query.where(BudgetLimit.period_start >= first, BudgetLimit.period_start < after)
    return [_info(session, row) for row in session.scalars(query)]


def reserve(session: Session, campaign: Campaign, actor: Actor, now: dt.datetime, reason: str) -> None:
    """Set aside what a campaign needs beyond what it has. Raises `CrmError` when a budget does not hold that, or a need
    is below what is promised and spent."""
    one_at_a_time(session, CAMPAIGN_BUDGETS)
    for line in locked_lines(session, campaign.campaign_id):
        if line.need < line.committed + line.spent:
            used = line.committed + line.spent
            raise CrmError("budget_line_used", amount=used, channel=line.channel, month=f"{line.month:%m.%Y}")
        change = line.need - line.reserved
        if change < 0:
            line.reserved += change
            add_entry(session, line, RELEASE, -change, now, actor, reason)
        elif change > 0:
            _require_covered(session, line, change)
            line.reserved += change
            add_entry(session, line, RESERVE, change, now, actor, reason)
        session.flush()


def _require_covered(session: Session, line: CampaignBudgetLine, amount: Decimal) -> None:
    """Every limit over this month and channel has to hold the amount; one at least there has to be."""
    covering = [
        each for each in session.scalars(select(BudgetLimit).where(BudgetLimit.channel.in_(["", line.channel])))
        if line.month in months_of(each.period_kind, each.period_start)
    ]  # fmt: skip
    told = {"channel": line.channel, "month": f"{line.month:%m.%Y}"}
    if not covering:
        raise CrmError("budget_no_limit", **told)
    free = min(_info(session, each).free for each in covering)
    if amount > free:
        raise CrmError("budget_overrun", amount=amount, free=max(free, ZERO), **told)


def _info(session: Session, row: BudgetLimit) -> LimitInfo:
    line = CampaignBudgetLine
    session.flush()
    query = select(
        func.sum(line.reserved), func.sum(line.committed), func.sum(line.spent), func.sum(line.invoiced)
    ).where(line.month.in_(months_of(row.period_kind, row.period_start)))  # fmt: skip
    if row.channel:
        query = query.where(line.channel == row.channel)
    reserved, committed, spent, invoiced = [each or ZERO for each in session.execute(query).one()]
    return LimitInfo(
        row.limit_id, row.period_kind, row.period_start, row.channel, row.amount, reserved, committed, spent, invoiced,
        row.revision,
    )  # fmt: skip
