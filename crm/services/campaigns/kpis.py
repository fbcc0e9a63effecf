"""Figures by which a campaign is judged: targets that people set, facts that are measured."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import CampaignKpi
from crm.services.actor import Actor, printable
from crm.services.campaigns.content import write_content
from crm.services.campaigns.stored import locked, row_of
from crm.services.campaigns.values import Kpi
from crm.services.segments.keys import checked_key
from crm.services.versioned import note, touch

DIRECTIONS = ("at_least", "at_most")
# What is offered first (names are in `KPI_NAMES`); a campaign may have figures of its own. Code: unit, direction.
COMMON = {
    "reach": ("customers", "at_least"),
    "delivered_pct": ("pct", "at_least"),
    "interest_pct": ("pct", "at_least"),
    "conversions": ("count", "at_least"),
    "conversion_pct": ("pct", "at_least"),
    "lift_pct": ("pct", "at_least"),
    "revenue": ("sum", "at_least"),
    "romi_pct": ("pct", "at_least"),
    "sac": ("sum", "at_most"),
    "churn_pct": ("pct", "at_most"),
}


def set_kpis(
    session: Session, campaign: int | str, targets: Iterable[Kpi], actor: Actor, now: dt.datetime, *, base: int,
    reason: str = "",
) -> list[Kpi]:  # fmt: skip
    """Make these the figures to reach, in this order; facts of those that stay are kept. A change of targets after the
    approval asks for it again."""
    row, wanted = locked(session, campaign, base), list(targets)
    for each in wanted:
        _require_sound(each)
    if len({each.code for each in wanted}) < len(wanted):
        raise CrmError("kpi_wrong")
    present = {each.code: each for each in _rows(session, row.campaign_id)}
    gone = present.keys() - {each.code for each in wanted}
    if gone:
        session.execute(
            delete(CampaignKpi).where(CampaignKpi.campaign_id == row.campaign_id, CampaignKpi.code.in_(gone))
        )
    for position, each in enumerate(wanted):
        kpi = present.get(each.code) or CampaignKpi(campaign_id=row.campaign_id, code=each.code, fact=None)
        kpi.position, kpi.name, kpi.unit = position, printable(each.name.strip(), 200), printable(each.unit, 16)
        kpi.direction, kpi.target = each.direction, float(each.target)
        session.add(kpi)
    details = write_content(session, row, actor, now, reason)
    touch(row, actor, now)
    note(session, row, actor, now, "kpis_saved", reason, codes=[each.code for each in wanted], **details)
    return kpis(session, row.campaign_id)


def record_facts(
    session: Session, campaign: int | str, facts: Mapping[str, float | None], source: str, at: dt.datetime
) -> None:
    """Note what was measured (`source`: by what), None for what cannot be said yet. Codes that are no targets of the
    campaign are left out."""
    rows = {each.code: each for each in _rows(session, row_of(session, campaign).campaign_id)}
    for code in facts.keys() & rows.keys():
        rows[code].fact, rows[code].fact_at, rows[code].fact_source = facts[code], at, printable(source, 200)
    session.flush()


def kpis(session: Session, campaign: int | str) -> list[Kpi]:
    """Targets with their facts, in their order."""
    return [
        Kpi(each.code, each.name, each.unit, each.target, each.direction, each.fact, each.fact_at, each.fact_source)
        for each in _rows(session, row_of(session, campaign).campaign_id)
    ]


def _rows(session: Session, campaign_id: int) -> list[CampaignKpi]:
    query = select(CampaignKpi).where(CampaignKpi.campaign_id == campaign_id)
    return list(session.scalars(query.order_by(CampaignKpi.position, CampaignKpi.code)))


def _require_sound(each: Kpi) -> None:
    checked_key(each.code)
    is_number = isinstance(each.target, int | float) and math.isfinite(each.target)
    if not each.name.strip() or not is_number or each.direction not in DIRECTIONS or len(each.code) > 40:
        raise CrmError("kpi_wrong")
