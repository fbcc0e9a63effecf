"""What a campaign needs, by channel and month, and where it stands: the budget as pages and senders use it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import BudgetEntry, CampaignBudgetLine
from crm.models.money import PLACES
from crm.services.actor import Actor
from crm.services.campaigns.content import write_content
from crm.services.campaigns.costs import costs, price_of, prices, set_cost
from crm.services.campaigns.flow_reading import used
from crm.services.campaigns.ledger import ZERO, commit, invoice, locked_lines, money, spend, spend_many, uncommit
from crm.services.campaigns.limits import LimitInfo, limits, set_limit
from crm.services.campaigns.months import months_between
from crm.services.campaigns.stored import locked, row_of
from crm.services.campaigns.values import CHANNELS
from crm.services.versioned import note, touch

__all__ = [
    "BudgetNeed", "EntryInfo", "LimitInfo", "LineInfo", "budget", "commit", "costs", "entries", "invoice", "limits",
    "need_of", "price_of", "prices", "set_budget", "set_cost", "set_limit", "spend", "spend_many", "suggested_need",
    "uncommit",
]  # fmt: skip


@dataclass(frozen=True)
class BudgetNeed:
    """What a campaign needs on a channel in a month (its first day). `contacts` and `price` say how that was computed;
    None: it was entered."""

    channel: str
    month: dt.date
    need: Decimal
    contacts: int | None = None
    price: Decimal | None = None


@dataclass(frozen=True)
class LineInfo:
    """A line of a campaign's budget; every sum is one of ledger entries (`entries`)."""

    line_id: int
    channel: str
    month: dt.date
    need: Decimal
    contacts: int | None
    price: Decimal | None
    reserved: Decimal
    committed: Decimal
    spent: Decimal
    invoiced: Decimal

    @property
    def free(self) -> Decimal:
        """Set aside, neither promised nor spent."""
        return self.reserved - self.committed - self.spent


@dataclass(frozen=True)
class EntryInfo:
    """One entry of the ledger."""

    entry_id: int
    line_id: int | None
    channel: str
    kind: str
    key: str | None
    amount: Decimal
    at: dt.datetime
    actor_login: str
    reason: str


def need_of(
    session: Session, contacts: Mapping[str, int], first: dt.date, last: dt.date, on: dt.date | None = None
) -> list[BudgetNeed]:  # fmt: skip
    """What so many contacts per channel cost at the prices in force on a day (`on`, else the first), spread over months
    by their days. Raises `CrmError` for a channel without a price."""
    priced, spread = prices(session, on or first), list(months_between(first, last))
    days, found = sum(count for _, count in spread), list[BudgetNeed]()
    for channel, count in sorted(contacts.items()):
        if (price := priced.get(channel)) is None:
            raise CrmError("cost_missing", channel=channel[:40], day=on or first)
        left = count
        for position, (month, share) in enumerate(spread):
            # Whole contacts a month, none lost by rounding: the last month takes what is left.
            part = left if position == len(spread) - 1 else int(Decimal(count * share / days).to_integral(ROUND_DOWN))
            left -= part
            found.append(BudgetNeed(channel, month, part * price, part, price))
    return found


def suggested_need(
    session: Session, campaign: int | str, contacts: Mapping[str, int] | None = None
) -> list[BudgetNeed]:  # fmt: skip
    """What a campaign would need at the prices of its first day. `contacts` by channel, as a simulation of its flow
    tells them; without them as if everybody of the audience got every message, which is the most it can be. [] while it
    has no days, or nobody knows how many are in the audience. Raises `CrmError` for a channel without a price."""
    row = row_of(session, campaign)
    if row.starts_on is None or row.ends_on is None:
        return []
    if contacts is None:
        sent = Counter(channel for _, channel, _ in used(row.flow).messages)
        contacts = {channel: count * row.audience_size for channel, count in sent.items()} if row.audience_size else {}
    return need_of(session, contacts, row.starts_on, row.ends_on)


def set_budget(
    session: Session, campaign: int | str, needs: Iterable[BudgetNeed], actor: Actor, now: dt.datetime, *, base: int,
    reason: str = "",
) -> list[LineInfo]:  # fmt: skip
    """Make these the needs of a campaign; channels and months that are not named need nothing. Content that was agreed
    with has to be approved again. Raises `CrmError`."""
    row, wanted = locked(session, campaign, base), dict[tuple[str, dt.date], BudgetNeed]()
    for each in needs:
        if each.channel not in CHANNELS:
            raise CrmError("campaign_channel", channel=each.channel[:40])
        if each.month.day != 1:
            raise CrmError("budget_period")
        if (each.channel, each.month) in wanted:
            raise CrmError("budget_line_twice", channel=each.channel, month=f"{each.month:%m.%Y}")
        wanted[each.channel, each.month] = each
    present = {(line.channel, line.month): line for line in locked_lines(session, row.campaign_id)}
    for key, line in present.items():
        each = wanted.pop(key, BudgetNeed(*key, ZERO))
        line.need, line.contacts, line.price = _need(each, line.committed + line.spent), each.contacts, each.price
    for each in wanted.values():
        session.add(
            CampaignBudgetLine(
                campaign_id=row.campaign_id, channel=each.channel, month=each.month, contacts=each.contacts,
                price=each.price, need=money(each.need), reserved=ZERO, committed=ZERO, spent=ZERO, invoiced=ZERO,
            )
        )  # fmt: skip
    details = write_content(session, row, actor, now, reason)
    touch(row, actor, now)
    note(session, row, actor, now, "budget_saved", reason, **details)
    return budget(session, row.campaign_id)


def budget(session: Session, campaign: int | str) -> list[LineInfo]:
    """A campaign's lines that need or had money, by channel and month."""
    line, row = CampaignBudgetLine, row_of(session, campaign)
    query = select(line).where(line.campaign_id == row.campaign_id).order_by(line.channel, line.month)
    return [_line(each) for each in session.scalars(query) if each.need or each.reserved or each.spent]


def entries(
    session: Session, campaign: int | str, *, line_id: int | None = None, kinds: Iterable[str] = (), limit: int = 100,
    offset: int = 0,
) -> list[EntryInfo]:  # fmt: skip
    """The ledger of a campaign, or of one of its lines, newest first."""
    query = select(BudgetEntry).where(BudgetEntry.campaign_id == row_of(session, campaign).campaign_id)
    if line_id is not None:
        query = query.where(BudgetEntry.line_id == line_id)
    if named := list(kinds):
        query = query.where(BudgetEntry.kind.in_(named))
    rows = session.scalars(query.order_by(BudgetEntry.entry_id.desc()).limit(limit).offset(offset))
    return [
        EntryInfo(
            row.entry_id, row.line_id, row.channel, row.kind, row.key, row.amount, row.at, row.actor_login, row.reason
        )
        for row in rows
    ]


def _need(each: BudgetNeed, used: Decimal) -> Decimal:
    need = money(round(each.need, PLACES))
    if need < used:
        raise CrmError("budget_line_used", amount=used, channel=each.channel, month=f"{each.month:%m.%Y}")
    return need


def _line(row: CampaignBudgetLine) -> LineInfo:
    return LineInfo(
        row.line_id, row.channel, row.month, row.need, row.contacts, row.price, row.reserved, row.committed, row.spent,
        row.invoiced,
    )  # fmt: skip
