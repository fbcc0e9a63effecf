"""Money of campaigns by HTTP: needs and what became of them, limits, prices of channels."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query

from apps.api.access import Known
from apps.api.campaign_forms import Cost, Form, Invoice, Limit, Needs
from apps.api.segment_forms import plain
from apps.api.signal_access import changing, looking
from crm.services.campaigns import access, budgets, figures

router = APIRouter(tags=["campaigns"])
SUBJECT = "campaigns"


@router.get("/campaigns/{key}/budget")
def budget(client: Known, key: str) -> Form:
    """A campaign's lines by channel and month, and its channels in sum."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        lines, sums = budgets.budget(session, key), figures.campaign_figures(session, key)
    return {"lines": plain(lines), "channels": plain(sums)}


@router.get("/campaigns/{key}/budget/suggestion")
def suggestion(client: Known, key: str) -> list[Form]:
    """What the campaign would need at the prices of its first day if everybody of its audience got every message."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        return plain(budgets.suggested_need(session, key))  # type: ignore[no-any-return]


@router.put("/campaigns/{key}/budget")
def set_budget(client: Known, key: str, body: Needs) -> list[Form]:
    """Make these the needs of a campaign."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        found = budgets.set_budget(
            change.session, key, [each.value() for each in body.needs], change.actor, change.now, base=body.base,
            reason=body.reason,
        )  # fmt: skip
        return plain(found)  # type: ignore[no-any-return]


@router.get("/campaigns/{key}/ledger")
def ledger(
    client: Known, key: str, line: int | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[Form]:  # fmt: skip
    """Entries behind every sum of a campaign's budget, newest first."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        return plain(  # type: ignore[no-any-return]
            budgets.entries(session, key, line_id=line, limit=limit, offset=offset)
        )


@router.post("/campaigns/{key}/invoices", status_code=201)
def invoice(client: Known, key: str, body: Invoice) -> Form:
    """Note an invoice for what was spent."""
    with changing(client, SUBJECT, "administer") as change:
        access.require_view(change.session, client.rights, key)
        is_new = budgets.invoice(
            change.session, key, body.channel, body.number, body.amount, at=change.now, actor=change.actor,
            reason=body.reason,
        )  # fmt: skip
        return {"booked": is_new}


@router.get("/campaign-limits")
def limits(client: Known, year: int | None = None) -> list[Form]:
    """Limits of budgets with what is set aside, promised, spent and invoiced under them."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        return plain(budgets.limits(session, year))  # type: ignore[no-any-return]


@router.put("/campaign-limits")
def set_limit(client: Known, body: Limit) -> Form:
    """Set how much may be set aside in a period."""
    with changing(client, SUBJECT, "administer") as change:
        found = budgets.set_limit(
            change.session, body.period_kind, body.period_start, body.amount, change.actor, change.now, body.reason,
            channel=body.channel, base=body.base,
        )  # fmt: skip
        return plain(found)  # type: ignore[no-any-return]


@router.get("/channel-costs")
def costs(client: Known, channel: Annotated[str | None, Query(max_length=16)] = None) -> list[Form]:
    """Every price of a channel that was ever set, latest first."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        return plain(budgets.costs(session, channel))  # type: ignore[no-any-return]


@router.post("/channel-costs", status_code=201)
def set_cost(client: Known, body: Cost) -> Form:
    """Set what a channel costs from a day on."""
    with changing(client, SUBJECT, "administer") as change:
        found = budgets.set_cost(
            change.session, body.channel, body.price, body.valid_from, change.actor, change.now, body.reason
        )
        return plain(found)  # type: ignore[no-any-return]


@router.get("/channel-figures")
def channel_figures(client: Known, first: dt.date, last: dt.date) -> list[Form]:
    """Channels of all campaigns that you see, in months that begin between two days."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        return plain(figures.channel_figures(session, client.rights, first, last))  # type: ignore[no-any-return]
