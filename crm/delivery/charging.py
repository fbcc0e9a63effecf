"""Money for messages out of the ledger of campaigns: promised before the hand-over, spent when the peer took them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate

from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.services.campaigns import ledger
from crm.services.delivery.values import Charge


def hold(session: Session, charges: Sequence[Charge], now: dt.datetime) -> Collection[str]:
    """Promise as much as there is, in the order given; returns the keys that nothing was left for."""
    refused: set[str] = set()
    for (campaign, channel), wanted in _by_line(charges).items():
        try:
            _commit(session, campaign, channel, wanted, now)
        except CrmError as error:
            if error.code != "budget_overdraft":
                raise
            affordable = _affordable(wanted, Decimal(str(error.values["free"])))
            if affordable:
                _commit(session, campaign, channel, affordable, now)
            refused |= wanted.keys() - affordable.keys()
    return refused


def book(session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
    """Spend what was promised, once per key."""
    for (campaign, channel), owed in _by_line(charges).items():
        ledger.spend_many(session, campaign, channel, owed, at=now)


def give_back(session: Session, charges: Sequence[Charge], now: dt.datetime) -> None:
    """Take promises back."""
    for (campaign, channel), promised in _by_line(charges).items():
        ledger.uncommit(session, campaign, channel, list(promised), at=now)


def _commit(session: Session, campaign: str, channel: str, wanted: Mapping[str, Decimal], now: dt.datetime) -> None:
    # In a savepoint: what was promised before the money ended must not stay.
    with session.begin_nested():
        ledger.commit(session, campaign, channel, wanted, at=now)


def _affordable(wanted: Mapping[str, Decimal], free: Decimal) -> dict[str, Decimal]:
    """The first ones that the money is enough for together."""
    sums = accumulate(wanted.values())
    return {key: amount for (key, amount), total in zip(wanted.items(), sums, strict=True) if total <= free}


def _by_line(charges: Sequence[Charge]) -> Mapping[tuple[str, str], dict[str, Decimal]]:
    """What costs nothing needs no entry."""
    found: defaultdict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for charge in charges:
        if charge.amount > 0:
            found[charge.campaign, charge.channel][charge.key] = charge.amount
    return found
