"""A campaign as a document that lives outside of the database: for Git, for another installation, for programs.

What it holds is what people write: fields, targets, needs, placements. Stage, approvals and money that was spent stay
where they are; what comes in goes the way of every change, and asks for approval again.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.campaign_messages import PROBLEMS
from crm.errors import CrmError
from crm.models import Campaign
from crm.services.actor import Actor
from crm.services.campaigns import budgets, kpis, media, writing
from crm.services.campaigns.agency_files import PlanLine
from crm.services.campaigns.budgets import BudgetNeed
from crm.services.campaigns.hashing import document_hash
from crm.services.campaigns.stored import info, row_of
from crm.services.campaigns.values import CampaignInfo, Kpi
from segments.errors import DefinitionError, Problem

VERSION = 1
_FIELDS = ("name", "kind", "description", "goal", "customer_type", "category", "priority", "audience", "flow",
           "responsible_login")  # fmt: skip
_DAYS = ("starts_on", "ends_on")
_LISTS = ("kpis", "budget", "media_plan")
_AS = {"name": str, "kind": str, "description": str, "goal": str, "customer_type": str, "category": str,
       "priority": int, "audience": dict, "flow": dict | None, "responsible_login": str}  # fmt: skip


def exported(session: Session, campaign: int | str) -> dict[str, Any]:
    """The document of a campaign."""
    row = row_of(session, campaign)
    return {
        "version": VERSION, "key": row.key,
        **{field: getattr(row, field) for field in _FIELDS},
        **{field: day.isoformat() if (day := getattr(row, field)) else None for field in _DAYS},
        "kpis": [
            {"code": each.code, "name": each.name, "unit": each.unit, "target": each.target,
             "direction": each.direction}
            for each in kpis.kpis(session, row.campaign_id)
        ],
        "budget": [
            {"channel": each.channel, "month": each.month.isoformat(), "need": _plain(each.need),
             "contacts": each.contacts, "price": _plain(each.price)}
            for each in budgets.budget(session, row.campaign_id) if each.need
        ],
        "media_plan": [_placement(each) for each in media.media_plan(session, row.campaign_id)],
    }  # fmt: skip


def content_hash(document: Mapping[str, Any]) -> str:
    """Equal for documents that say the same."""
    return document_hash({name: document.get(name) for name in (*_FIELDS, *_DAYS, *_LISTS)})


def imported(
    session: Session, document: Mapping[str, Any], actor: Actor, now: dt.datetime, *, pulled: str = "",
    reason: str = "",
) -> CampaignInfo:  # fmt: skip
    """Make a campaign what its document says: a new one, or changes of the one with this key.

    `pulled` is the hash that the document had when it was exported: when the campaign was changed since, nothing is
    overwritten. Raises `CrmError`, and `DefinitionError` with every place that cannot be read.
    """
    given = _checked(document)
    row = session.scalar(select(Campaign).where(Campaign.key == given["key"]))
    fields = {name: given[name] for name in (*_FIELDS, *_DAYS)}
    if row is None:
        kind, name = fields.pop("kind"), fields.pop("name")
        made = writing.create_campaign(session, name, kind, actor, now, key=given["key"], **fields)
        row = row_of(session, made.campaign_id)
    elif pulled and content_hash(exported(session, row.campaign_id)) not in (pulled, content_hash(document)):
        raise CrmError("campaign_changed", login=row.updated_by)
    else:
        writing.save_campaign(session, row.campaign_id, actor, now, base=row.revision, reason=reason, **fields)
    before = exported(session, row.campaign_id)
    if before["kpis"] != document.get("kpis", []):
        kpis.set_kpis(session, row.campaign_id, given["kpis"], actor, now, base=row.revision, reason=reason)
    if before["media_plan"] != document.get("media_plan", []):
        media.set_media_plan(
            session, row.campaign_id, given["media_plan"], actor, now, base=row.revision, reason=reason
        )  # fmt: skip
    if before["budget"] != document.get("budget", []):
        budgets.set_budget(session, row.campaign_id, given["budget"], actor, now, base=row.revision, reason=reason)
    return info(session, row, now)


def _checked(document: Mapping[str, Any]) -> dict[str, Any]:
    problems = list(_problems(document))
    if problems:
        raise DefinitionError(problems)
    found = {"key": document["key"], **{name: document.get(name, _AS_EMPTY.get(name)) for name in _FIELDS}}
    for name in _DAYS:
        found[name] = _read(problems, (name,), lambda name=name: _day(document.get(name)))
    found["kpis"] = [
        _read(problems, ("kpis", place), lambda each=each: Kpi(**each))
        for place, each in enumerate(document.get("kpis", []))
    ]
    found["budget"] = [
        _read(problems, ("budget", place), lambda each=each: _need(each))
        for place, each in enumerate(document.get("budget", []))
    ]
    found["media_plan"] = [
        _read(problems, ("media_plan", place), lambda each=each: _line(each))
        for place, each in enumerate(document.get("media_plan", []))
    ]
    if problems:
        raise DefinitionError(problems)
    return found


def _problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    if not isinstance(document, Mapping) or document.get("version") != VERSION:
        yield Problem(("version",), PROBLEMS["shape"])
        return
    for name in sorted(set(document) - {"version", "key", "pulled", *_FIELDS, *_DAYS, *_LISTS}):
        yield Problem((str(name),), PROBLEMS["unknown_field"], {"value": str(name)[:40]})
    for name in ("key", "name", "kind"):
        if not isinstance(document.get(name), str) or not document[name]:
            yield Problem((name,), PROBLEMS["shape"])
    for name, kind in _AS.items():
        if name in document and (not isinstance(document[name], kind) or isinstance(document[name], bool)):
            yield Problem((name,), PROBLEMS["shape"])
    for name in _LISTS:
        each = document.get(name, [])
        if not isinstance(each, list) or not all(isinstance(one, Mapping) for one in each):
            yield Problem((name,), PROBLEMS["shape"])


_AS_EMPTY: dict[str, Any] = {
    "description": "", "goal": "", "customer_type": "", "category": "marketing", "priority": 50, "audience": {},
    "flow": None, "responsible_login": "",
}  # fmt: skip


def _read(problems: list[Problem], path: tuple[str | int, ...], read: Any) -> Any:
    try:
        return read()
    except (TypeError, ValueError, KeyError, InvalidOperation):
        problems.append(Problem(path, PROBLEMS["shape"]))
        return None


def _need(each: Mapping[str, Any]) -> BudgetNeed:
    month = dt.date.fromisoformat(each["month"])
    return BudgetNeed(each["channel"], month, Decimal(str(each["need"])), each.get("contacts"), _amount(each, "price"))


def _line(each: Mapping[str, Any]) -> PlanLine:
    known = {name: value for name, value in each.items() if value is not None}
    known |= {name: dt.date.fromisoformat(each[name]) for name in _DAYS}
    known |= {name: amount for name in ("cost", "price") if (amount := _amount(each, name)) is not None}
    return PlanLine(**known)


def _placement(each: PlanLine) -> dict[str, Any]:
    return {
        "code": each.code, "channel": each.channel, "format": each.format, "region_code": each.region_code,
        "starts_on": each.starts_on.isoformat(), "ends_on": each.ends_on.isoformat(), "reach": each.reach,
        "price_model": each.price_model, "units": each.units, "price": _plain(each.price), "cost": _plain(each.cost),
    }  # fmt: skip


def _day(value: Any) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def _amount(each: Mapping[str, Any], name: str) -> Decimal | None:
    return None if each.get(name) is None else Decimal(str(each[name]))


def _plain(amount: Decimal | None) -> str | None:
    """Exact, and without zeros that say nothing."""
    return None if amount is None else f"{amount:f}".rstrip("0").rstrip(".") if "." in f"{amount:f}" else f"{amount:f}"
