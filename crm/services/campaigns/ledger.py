"""The ledger of campaigns' money: setting aside, promising, spending. Every sum on a line is one of entries here.

Set aside (`reserve`) when approval is asked for, promised (`commit`) when a message is queued or an agency is ordered,
spent when a peer accepted it. Writers of one line wait for each other, and a check of the database refuses what would
be an overdraft whoever forgets to ask.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import BudgetEntry, Campaign, CampaignBudgetLine
from crm.models.money import PLACES
from crm.services.actor import Actor, printable, system
from crm.services.campaigns.clock import TIMEZONE, local_day
from crm.services.campaigns.stored import locked, row_of
from crm.services.campaigns.transitions import OVER

RESERVE, RELEASE, COMMIT, UNCOMMIT, SPEND, INVOICE = "reserve", "release", "commit", "uncommit", "spend", "invoice"
ZERO = Decimal(0)
# What keeps parameters of one statement below SQLite's limit.
_AT_ONCE = 1_000


def money(amount: Decimal | int) -> Decimal:
    """An amount that can be kept. Raises `CrmError` for less than nothing, and for more decimals than there are."""
    value = Decimal(amount)
    if not value.is_finite() or value < 0 or value != round(value, PLACES) or value >= Decimal(10) ** 13:
        raise CrmError("budget_amount")
    return value


def spend(
    session: Session, campaign: int | str, channel: str, key: str, amount: Decimal | int, *, at: dt.datetime,
    actor: Actor | None = None, timezone: str = TIMEZONE,
) -> bool:  # fmt: skip
    """Book what one accepted message, or one placement, cost. A key is charged once: asked again nothing happens.
    Whether it was booked now. Raises `CrmError` when the campaign has not that much left."""
    return spend_many(session, campaign, channel, {key: amount}, at=at, actor=actor, timezone=timezone) == 1


def spend_many(
    session: Session, campaign: int | str, channel: str, charges: Mapping[str, Decimal | int], *, at: dt.datetime,
    actor: Actor | None = None, timezone: str = TIMEZONE,
) -> int:  # fmt: skip
    """Book several charges of one channel together, all or none; how many were new. What was promised under a key is
    taken from that promise, everything else from what is free."""
    return _Booking(session, campaign, channel, at, actor, timezone).book(SPEND, charges)


def commit(
    session: Session, campaign: int | str, channel: str, charges: Mapping[str, Decimal | int], *, at: dt.datetime,
    actor: Actor | None = None, timezone: str = TIMEZONE,
) -> int:  # fmt: skip
    """Promise money to what is queued, so that it cannot be spent otherwise; how many keys were new. Raises `CrmError`
    when the campaign has not that much left: then nothing is promised."""
    return _Booking(session, campaign, channel, at, actor, timezone).book(COMMIT, charges)


def uncommit(
    session: Session, campaign: int | str, channel: str, keys: Iterable[str], *, at: dt.datetime,
    actor: Actor | None = None,
) -> int:  # fmt: skip
    """Take back promises to what will not be sent; how many there were. What a campaign that is over does not need any
    more is free for others at once."""
    booking = _Booking(session, campaign, channel, at, actor, "UTC")
    done = booking.take_back(list(keys))
    if booking.campaign.stage in OVER:
        release_free(session, booking.campaign, booking.actor, at, "campaign over")
    return done


def invoice(
    session: Session, campaign: int | str, channel: str, key: str, amount: Decimal | int, *, at: dt.datetime,
    actor: Actor, reason: str = "",
) -> bool:  # fmt: skip
    """Note an invoice (`key`: its number) for what was spent on a channel. Raises `CrmError` for more than was."""
    return _Booking(session, campaign, channel, at, actor, "UTC", reason).invoice(key, money(amount))


def release_free(session: Session, campaign: Campaign, actor: Actor, at: dt.datetime, reason: str) -> Decimal:
    """Give back what is set aside for a campaign and neither promised nor spent; how much that was."""
    given_back = ZERO
    for line in locked_lines(session, campaign.campaign_id):
        if (free := line.reserved - line.committed - line.spent) > 0:
            line.reserved -= free
            add_entry(session, line, RELEASE, free, at, actor, reason)
            given_back += free
    session.flush()
    return given_back


def add_entry(
    session: Session, line: CampaignBudgetLine, kind: str, amount: Decimal, at: dt.datetime, actor: Actor,
    reason: str = "", key: str | None = None,
) -> None:  # fmt: skip
    """One more entry of a line."""
    session.add(
        BudgetEntry(
            campaign_id=line.campaign_id, line_id=line.line_id, channel=line.channel, kind=kind, key=key, amount=amount,
            at=at, actor_login=printable(actor.login, 64), reason=printable(reason, 2000), details=None,
        )
    )  # fmt: skip


def locked_lines(session: Session, campaign_id: int, channel: str | None = None) -> list[CampaignBudgetLine]:
    """A campaign's lines by month, locked in one order so that no two writers wait for each other in a circle."""
    query = select(CampaignBudgetLine).where(CampaignBudgetLine.campaign_id == campaign_id)
    if channel is not None:
        query = query.where(CampaignBudgetLine.channel == channel)
    query = query.order_by(CampaignBudgetLine.line_id).with_for_update(key_share=True)
    session.flush()
    return sorted(
        session.scalars(query.execution_options(populate_existing=True)), key=lambda line: (line.channel, line.month)
    )


class _Entry(NamedTuple):
    """What an earlier entry says."""

    key: str
    amount: Decimal
    line_id: int | None


class _Booking:
    """One piece of work on one channel of one campaign."""

    def __init__(
        self, session: Session, campaign: int | str, channel: str, at: dt.datetime, actor: Actor | None,
        timezone: str, reason: str = "",
    ) -> None:  # fmt: skip
        self.session, self.channel = session, channel
        self.campaign, self.actor = row_of(session, campaign), actor or system("campaigns")
        self.lines = locked_lines(session, self.campaign.campaign_id, channel)
        if not self.lines:
            # What costs nothing needs no line; its keys are booked once all the same.
            locked(session, self.campaign.campaign_id)
        self._by_id = {line.line_id: line for line in self.lines}
        self._month = local_day(at, timezone).replace(day=1)
        self._common = {
            "campaign_id": self.campaign.campaign_id, "channel": channel, "at": at,
            "actor_login": printable(self.actor.login, 64), "reason": printable(reason, 2000), "details": None,
        }  # fmt: skip
        self._new: list[dict[str, object]] = []

    def book(self, kind: str, charges: Mapping[str, Decimal | int]) -> int:
        """Spend or promise what was not before."""
        wanted = {key: money(amount) for key, amount in charges.items()}
        before = self._before(wanted, kind, SPEND)
        for key, amount in wanted.items():
            if (found := before.get((kind, key))) is not None and found.amount != amount:
                raise CrmError("budget_key_reused", key=key[:200])
        # What was spent needs no promise any more.
        fresh = {key: amount for key, amount in wanted.items() if not {(kind, key), (SPEND, key)} & before.keys()}
        # All or none, also for a caller who goes on after a refusal.
        with self.session.begin_nested():
            if kind == SPEND:
                self.take_back(list(fresh))
            for key, amount in fresh.items():
                self._charge(kind, key, amount)
            self._write()
        return len(fresh)

    def take_back(self, keys: list[str]) -> int:
        """Undo promises that are still open."""
        found = self._before(keys, COMMIT, UNCOMMIT)
        opened = [found[COMMIT, key] for key in keys if (COMMIT, key) in found and (UNCOMMIT, key) not in found]
        for entry in opened:
            line = self._by_id.get(entry.line_id) if entry.line_id is not None else None
            if line is not None:
                line.committed -= entry.amount
            self._add(UNCOMMIT, entry.key, entry.amount, line)
        self._write()
        return len(opened)

    def invoice(self, key: str, amount: Decimal) -> bool:
        """Spread an invoice over lines in the order of their months."""
        if (found := self._before([key], INVOICE).get((INVOICE, key))) is not None:
            if sum_of(self.session, self.campaign.campaign_id, INVOICE, key) != amount:
                raise CrmError("budget_key_reused", key=found.key[:200])
            return False
        spent, invoiced = sum(line.spent for line in self.lines), sum(line.invoiced for line in self.lines)
        if amount > spent - invoiced:
            raise CrmError("budget_invoice", spent=spent, invoiced=invoiced)
        for number, line in enumerate(self.lines):
            if (part := min(amount, line.spent - line.invoiced)) > 0:
                line.invoiced += part
                amount -= part
                self._add(INVOICE, key if number == 0 or not self._new else f"{key} ({number + 1})", part, line)
        self._write()
        return True

    def _charge(self, kind: str, key: str, amount: Decimal) -> None:
        line = next((line for line in self._drawn_on() if line.reserved - line.committed - line.spent >= amount), None)
        if line is None and amount > 0:
            free = sum((line.reserved - line.committed - line.spent for line in self._drawn_on()), ZERO)
            raise CrmError("budget_overdraft", channel=self.channel, free=free, amount=amount)
        if line is not None and kind == SPEND:
            line.spent += amount
        elif line is not None:
            line.committed += amount
        self._add(kind, key, amount, line)

    def _drawn_on(self) -> list[CampaignBudgetLine]:
        """This month's line first, then what earlier months left; never what later ones are to have."""
        return [line for line in reversed(self.lines) if line.month <= self._month]

    def _before(self, keys: Iterable[str], *kinds: str) -> dict[tuple[str, str], _Entry]:
        wanted, found = list(keys), dict[tuple[str, str], _Entry]()
        of = BudgetEntry
        for start in range(0, len(wanted), _AT_ONCE):
            # Columns rather than rows of the model: there may be tens of thousands.
            query = select(of.kind, of.key, of.amount, of.line_id).where(
                of.campaign_id == self.campaign.campaign_id, of.kind.in_(kinds),
                of.key.in_(wanted[start : start + _AT_ONCE]),
            )  # fmt: skip
            for kind, key, amount, line_id in self.session.execute(query).tuples():
                found[kind, str(key)] = _Entry(str(key), amount, line_id)
        return found

    def _add(self, kind: str, key: str, amount: Decimal, line: CampaignBudgetLine | None) -> None:
        line_id = line.line_id if line else None
        self._new.append({**self._common, "line_id": line_id, "kind": kind, "key": key, "amount": amount})

    def _write(self) -> None:
        self.session.flush()
        if self._new:
            self.session.execute(insert(BudgetEntry), self._new)
        self._new = []


def sum_of(session: Session, campaign_id: int, kind: str, key: str) -> Decimal:
    """What entries of a key, in however many parts, add up to."""
    query = select(BudgetEntry.amount).where(
        BudgetEntry.campaign_id == campaign_id, BudgetEntry.kind == kind,
        (BudgetEntry.key == key) | BudgetEntry.key.startswith(f"{key} (", autoescape=True),
    )  # fmt: skip
    return sum(session.scalars(query), ZERO)
