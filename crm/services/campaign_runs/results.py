"""What campaigns came to, kept as it was computed: for the page of analysis and for the mart."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.models import CampaignParticipant, CampaignResult, OutboxMessage
from crm.services.campaign_runs.stored import run_of
from crm.services.campaign_runs.values import WALKING
from crm.services.delivery import responses
from crm.services.delivery.values import Kind, NewResponse


@dataclass(frozen=True)
class ResultInfo:
    """Frozen figures of a campaign: `figures` as `vitrina.campaign_runs.effects` makes them."""

    campaign: str
    number: int
    snapshot: int
    as_of: dt.date
    computed_at: dt.datetime
    figures: Mapping[str, Any] = field(hash=False)


def save(
    session: Session, campaign: str, snapshot: int, as_of: dt.date, figures: Mapping[str, Any], now: dt.datetime
) -> ResultInfo:
    """Add results; those of before stay. Raises `CrmError` for a campaign that has not begun."""
    run_of(session, campaign)
    last = session.scalar(select(func.max(CampaignResult.number)).where(CampaignResult.campaign == campaign))
    row = CampaignResult(
        campaign=campaign, number=(last or 0) + 1, snapshot=snapshot, as_of=as_of, computed_at=now,
        figures=dict(figures), notes="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return _info(row)


def results(session: Session, campaign: str) -> list[ResultInfo]:
    """All results of a campaign, newest first."""
    query = select(CampaignResult).where(CampaignResult.campaign == campaign)
    return [_info(row) for row in session.scalars(query.order_by(CampaignResult.number.desc()))]


def latest(session: Session, campaign: str) -> ResultInfo | None:
    """The newest results; None while there are none."""
    return next(iter(results(session, campaign)), None)


def mart_rows(row: CampaignResult) -> Iterator[dict[str, Any]]:
    """A row for each outcome and arm."""
    for each in row.figures.get("lifts", []):
        names = ("outcome", "arm", "members", "control_members", "mean", "control_mean", "lift", "lift_low",
                 "lift_high", "p_value", "verdict")  # fmt: skip
        yield {
            "campaign_key": row.campaign, "number": row.number, "as_of": row.as_of,
            "computed_at": row.computed_at.replace(tzinfo=None), **{name: each.get(name) for name in names},
        }  # fmt: skip


def drawn(session: Session, campaign: str) -> pa.Table:
    """customer_id, cluster_id, arm and region of everybody who was drawn into the contacted or the control group."""
    columns = (
        CampaignParticipant.customer_id, CampaignParticipant.cluster_id, CampaignParticipant.arm,
        CampaignParticipant.region,
    )  # fmt: skip
    run = run_of(session, campaign)
    where = (
        CampaignParticipant.campaign == campaign, CampaignParticipant.arm.in_(WALKING),
        CampaignParticipant.freeze.in_(run.done),
    )  # fmt: skip
    rows = session.execute(select(*columns).where(*where)).all()
    names = ("customer_id", "cluster_id", "arm", "region")
    return pa.table({name: [row[place] for row in rows] for place, name in enumerate(names)})


def contacted_since(session: Session, campaign: str) -> list[tuple[int, dt.datetime]]:
    """Customers of a campaign with the moment of their first contact."""
    first = func.min(OutboxMessage.contacted_at)
    query = select(OutboxMessage.customer_id, first).where(
        OutboxMessage.campaign == campaign, OutboxMessage.contacted_at.is_not(None)
    )
    found = session.execute(query.group_by(OutboxMessage.customer_id)).tuples()
    return [(customer, at) for customer, at in found if at is not None]


def convert(
    session: Session, campaign: str, events: Iterable[tuple[str, int, dt.datetime, Decimal]], now: dt.datetime
) -> int:
    """Record billing events (a name of their own, customer, moment, sum) as conversions of a campaign, once each; how
    many were new. Those outside the windows of its contacts are nobody's doing."""
    return sum(
        responses.record(
            session, NewResponse("billing", f"{campaign}:{name}"[:160], Kind.CONVERSION, "payment", at,
                                 customer_id=customer, campaign=campaign, value=value), now,
        )
        for name, customer, at, value in events
    )  # fmt: skip


def _info(row: CampaignResult) -> ResultInfo:
    return ResultInfo(row.campaign, row.number, row.snapshot, row.as_of, row.computed_at, row.figures)
