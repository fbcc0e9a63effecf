"""Approval routes as data: which campaigns take which steps, kept by those who administer campaigns."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.database import CAMPAIGN_ROUTES, one_at_a_time
from crm.errors import CrmError
from crm.models import ApprovalRoute, Campaign, CampaignBudgetLine
from crm.services.accounts import required
from crm.services.actor import Actor, printable
from crm.services.campaigns.access import roles_that_approve
from crm.services.campaigns.route_reading import APPROVED_PARTS, checked, holds
from crm.services.segments.keys import checked_key, new_key
from crm.services.versioned import named, note, touch

# What counts where no route fits: somebody who administers campaigns has to agree in any case.
LAST_RESORT = "last-resort"


@dataclass(frozen=True)
class RouteInfo:
    """A route. Of those whose condition holds the one with the lowest `position` counts."""

    key: str
    name: str
    position: int
    is_active: bool
    condition: Mapping[str, Any] = field(hash=False)
    steps: tuple[Mapping[str, Any], ...] = field(hash=False)
    revision: int
    updated_at: dt.datetime | None = None
    updated_by: str = ""


def save_route(
    session: Session, name: str, condition: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], actor: Actor,
    now: dt.datetime, reason: str, *, key: str = "", base: int | None = None, position: int = 100,
    is_active: bool = True,
) -> RouteInfo:  # fmt: skip
    """A new route, or (with `base`, the revision that the writer had before him) a change of the one with this key.

    Campaigns that are in approval go on by the route that they began with. Raises `CrmError`, and `DefinitionError`
    with every place to mend.
    """
    one_at_a_time(session, CAMPAIGN_ROUTES)
    title, (condition, full) = named(name), checked(session, condition, steps)
    row = session.get(ApprovalRoute, key, populate_existing=True) if key else None
    if base is None:
        if row is not None:
            raise CrmError("route_key_taken", key=key)
        taken = set(session.scalars(select(ApprovalRoute.key)))
        row = ApprovalRoute(
            key=checked_key(key) if key else new_key(title, taken, "route"), revision=0, created_at=now,
            updated_at=now, updated_by="",
        )  # fmt: skip
    elif row is None:
        raise CrmError("route_unknown", route=key[:80])
    elif row.revision != base:
        raise CrmError("route_changed", login=row.updated_by)
    before = None if base is None else {"condition": row.condition, "steps": row.steps, "active": row.is_active}
    row.name, row.position, row.is_active, row.condition, row.steps = title, position, is_active, condition, full
    session.add(row)
    touch(row, actor, now)
    after = {"condition": condition, "steps": full, "active": is_active}
    note(session, row, actor, now, "route_saved", required(reason), before=before, after=after)
    return _info(row)


def routes(session: Session) -> list[RouteInfo]:
    """All routes in the order in which they are tried."""
    query = select(ApprovalRoute).order_by(ApprovalRoute.position, ApprovalRoute.key)
    return [_info(row) for row in session.scalars(query)]


def route_of(session: Session, parameters: Mapping[str, Any]) -> RouteInfo:
    """The route that a campaign with these parameters takes; there is always one."""
    found = (each for each in routes(session) if each.is_active and holds(each.condition, parameters))
    return next(found, None) or _last_resort(session)


def parameters_of(session: Session, row: Campaign) -> dict[str, Any]:
    """What conditions of routes ask of a campaign. Amounts are in soʻm."""
    session.flush()
    line = CampaignBudgetLine
    need = session.scalar(select(func.sum(line.need)).where(line.campaign_id == row.campaign_id)) or Decimal(0)
    return {
        "kind": row.kind, "category": row.category, "customer_type": row.customer_type, "channels": list(row.channels),
        "budget": float(need), "audience_size": row.audience_size, "priority": row.priority,
    }  # fmt: skip


def install_routes(session: Session, actor: Actor, now: dt.datetime) -> int:
    """Add the delivered routes to a database that has none; how many."""
    if session.scalar(select(func.count()).select_from(ApprovalRoute)):
        return 0
    for number, (key, name, tests, steps) in enumerate(_DELIVERED, 1):
        save_route(
            session, name, {"all": tests}, steps, actor, now, "delivered route", key=key, position=number * 10
        )  # fmt: skip
    return len(_DELIVERED)


def _last_resort(session: Session) -> RouteInfo:
    roles = sorted(roles_that_approve(session))
    steps = ({"name": "", "role": "", "employee": "", "any_of": roles, "parts": list(APPROVED_PARTS), "days": 3},)
    return RouteInfo(LAST_RESORT, "", 10**6, True, {"all": []}, steps, 0)


_MARKETING = {"name": "Руководитель отдела маркетинга", "role": "head_of_marketing", "days": 2}
_DIRECTOR = {"name": "Коммерческий директор", "role": "commercial_director", "parts": ["concept", "budget"], "days": 3}
_B2B = {"name": "Руководитель департамента B2B", "role": "head_of_b2b", "parts": ["concept", "audience"], "days": 2}
_DELIVERED: tuple[tuple[str, str, list[dict[str, Any]], list[dict[str, Any]]], ...] = (
    ("mass", "Охватные кампании", [{"parameter": "kind", "is": "any_of", "value": ["mass"]}],
     [{**_MARKETING, "parts": ["concept", "media_plan", "budget"]}, _DIRECTOR]),
    ("large", "Бюджет от 50 млн сумов", [{"parameter": "budget", "is": "at_least", "value": 50_000_000}],
     [_MARKETING, _DIRECTOR]),
    ("organisations", "Кампании для организаций",
     [{"parameter": "customer_type", "is": "any_of", "value": ["organisation"]}], [_MARKETING, _B2B]),
    ("usual", "Прочие кампании", [], [_MARKETING]),
)  # fmt: skip


def _info(row: ApprovalRoute) -> RouteInfo:
    return RouteInfo(
        row.key, row.name, row.position, row.is_active, row.condition, tuple(row.steps), row.revision, row.updated_at,
        printable(row.updated_by, 64),
    )  # fmt: skip
