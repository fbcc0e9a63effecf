"""What is approved of a campaign, as one document with one hash; a change of it asks for approval again."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import (
    Campaign,
    CampaignBudgetLine,
    CampaignKpi,
    CampaignVersion,
    LandingPage,
    MediaPlanLine,
    MessageTemplate,
    MessageTemplateVersion,
    Segment,
    SegmentVersion,
)
from crm.services.actor import Actor, printable
from crm.services.campaigns.dropping import drop_approval
from crm.services.campaigns.flow_reading import named_segments, used
from crm.services.campaigns.hashing import document_hash
from crm.services.campaigns.stored import version_row
from crm.services.campaigns.transitions import AGREED, OVER, WRITING
from crm.services.campaigns.values import VersionState
from crm.services.versioned import require_storable, rewrite


def document_of(session: Session, row: Campaign) -> dict[str, Any]:
    """All of a campaign that is agreed with, as it stands now in the tables."""
    document = {
        "version": 1,
        "concept": {
            "kind": row.kind, "goal": row.goal, "customer_type": row.customer_type, "category": row.category,
            "kpis": _kpis(session, row),
        },
        "audience": row.audience,
        "dates": {"starts_on": _day(row.starts_on), "ends_on": _day(row.ends_on)},
        "flow": row.flow,
        "pins": row.pins,
        "media_plan": _media_plan(session, row),
        "budget": _budget(session, row),
    }  # fmt: skip
    pages = _pages(session, row)
    return {**document, "pages": pages} if pages else document


def fingerprint(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document. Where a flow's nodes stand on the canvas, and in which order they are written, does not
    count."""
    return document_hash({**document, "flow": _flow(document.get("flow"))})


def write_content(session: Session, row: Campaign, actor: Actor, now: dt.datetime, reason: str = "") -> dict[str, Any]:
    """After a change: bring the newest version to what the campaign is now. When the content was agreed with, the
    approval is dropped and a new version begun. Gives what to note (empty: the content is as before). Raises
    `CrmError` at stages where the content stays as it is."""
    session.flush()
    if row.stage in WRITING:
        row.pins = pins_of(session, row)
    row.channels = channels_of(session, row)
    present = version_row(session, row)
    document = document_of(session, row)
    hash_ = fingerprint(document)
    if hash_ == present.fingerprint:
        # A flow whose nodes were only moved is kept as it looks now.
        present.document = document
        return {}
    require_storable(document)
    _require_open(row)
    before = present.fingerprint
    if row.stage in AGREED:
        drop_approval(session, row, present, actor, now, reason)
    if present.state in (VersionState.DRAFT, VersionState.RETURNED) and row.version == present.number:
        rewrite(present, document, hash_, actor, now, reason)
        present.state = VersionState.DRAFT
    else:
        add_version(session, row, document, actor, now, reason, present.editors)
    return {"version": row.version, "from": before, "to": hash_}


def add_version(
    session: Session, row: Campaign, document: dict[str, Any], actor: Actor, now: dt.datetime, reason: str = "",
    editors: Iterable[str] = (),
) -> CampaignVersion:  # fmt: skip
    """The next version, a draft. Who wrote what it grew from stays among its editors."""
    login = printable(actor.login, 64)
    newest = session.scalars(
        select(CampaignVersion.number)
        .where(CampaignVersion.campaign_id == row.campaign_id)
        .order_by(CampaignVersion.number.desc())
        .limit(1)
    ).first()
    row.version = (newest or 0) + 1
    version = CampaignVersion(
        campaign_id=row.campaign_id, number=row.version, document=document, fingerprint=fingerprint(document),
        state=VersionState.DRAFT, author_id=actor.user_id, author_login=login, editors=sorted({*editors, login}),
        reason=printable(reason, 2000), at=now,
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version


def pins_of(session: Session, row: Campaign) -> dict[str, Any]:
    """The published versions of all templates and segments that the content stands on, segments of segments too."""
    templates = {}
    for key in sorted(used(row.flow).templates):
        template = session.get(MessageTemplate, key)
        if template is not None and template.published is not None and template.archived_at is None:
            found = session.get_one(MessageTemplateVersion, (key, template.published))
            templates[key] = {"version": found.number, "fingerprint": found.fingerprint}
    return {"templates": templates, "segments": segment_pins(session, row.audience, row.flow)}


def segment_pins(
    session: Session, audience: Mapping[str, Any], flow: Mapping[str, Any] | None
) -> dict[str, Any]:  # fmt: skip
    """The published versions of an audience's and a flow's segments, and of those that they stand on."""
    first = named_segments(audience.get("definition")) | used(flow).segments
    waiting = set(first) | ({audience["segment"]} if isinstance(audience.get("segment"), str) else set())
    pins: dict[str, Any] = {}
    while waiting:
        key = waiting.pop()
        segment = session.get(Segment, key)
        if segment is None or segment.published is None:
            continue
        version = session.get_one(SegmentVersion, (key, segment.published))
        pins[key] = {"version": version.number, "fingerprint": version.fingerprint}
        waiting |= named_segments(version.document) - pins.keys()
    return pins


def channels_of(session: Session, row: Campaign) -> list[str]:
    """Channels of the flow, the media plan and the budget."""
    media = session.scalars(select(MediaPlanLine.channel).where(MediaPlanLine.campaign_id == row.campaign_id))
    lines = session.scalars(
        select(CampaignBudgetLine.channel).where(
            CampaignBudgetLine.campaign_id == row.campaign_id, CampaignBudgetLine.need > Decimal(0)
        )
    )
    return sorted({*used(row.flow).channels, *media, *lines})


def _require_open(row: Campaign) -> None:
    if row.stage in OVER:
        raise CrmError("campaign_over")
    if row.stage not in (*WRITING, *AGREED):
        raise CrmError("campaign_locked")


def _kpis(session: Session, row: Campaign) -> list[dict[str, Any]]:
    query = select(CampaignKpi).where(CampaignKpi.campaign_id == row.campaign_id).order_by(CampaignKpi.code)
    return [
        {"code": each.code, "name": each.name, "unit": each.unit, "target": each.target, "direction": each.direction}
        for each in session.scalars(query)
    ]


def _media_plan(session: Session, row: Campaign) -> list[dict[str, Any]]:
    query = select(MediaPlanLine).where(MediaPlanLine.campaign_id == row.campaign_id).order_by(MediaPlanLine.code)
    return [
        {
            "code": each.code, "channel": each.channel, "format": each.format, "region_code": each.region_code,
            "starts_on": _day(each.starts_on), "ends_on": _day(each.ends_on), "reach": each.reach,
            "price_model": each.price_model, "units": each.units, "price": _amount(each.price),
            "cost": _amount(each.cost),
        }
        for each in session.scalars(query)
    ]  # fmt: skip


def _budget(session: Session, row: Campaign) -> list[dict[str, Any]]:
    query = select(CampaignBudgetLine).where(
        CampaignBudgetLine.campaign_id == row.campaign_id, CampaignBudgetLine.need > Decimal(0)
    )
    lines = session.scalars(query.order_by(CampaignBudgetLine.channel, CampaignBudgetLine.month))
    return [
        {"channel": each.channel, "month": _day(each.month), "need": _amount(each.need), "contacts": each.contacts}
        for each in lines
    ]


def _pages(session: Session, row: Campaign) -> dict[str, Any]:
    """Personal pages by language: where a message leads is as much agreed with as what it says."""
    return {
        each.language: {"title": each.title, "text": each.text, "button": each.button, "target": each.target}
        for each in session.scalars(select(LandingPage).where(LandingPage.campaign == row.key))
    }


def _flow(flow: Any) -> Any:
    if not isinstance(flow, Mapping):
        return flow
    nodes = [
        {name: value for name, value in node.items() if name != "position"} if isinstance(node, Mapping) else node
        for node in flow.get("nodes", [])
    ]
    ordered = {"nodes": sorted(nodes, key=_text), "edges": sorted(flow.get("edges", []), key=_text)}
    return {**flow, **ordered}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.4f}"
