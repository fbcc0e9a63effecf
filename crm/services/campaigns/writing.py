"""Writing campaigns: a new one, changes of what it is, whom it reaches and how, a copy, another owner."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import CAMPAIGN_KEYS, one_at_a_time
from crm.errors import CrmError
from crm.models import Campaign, CampaignKpi, MediaPlanLine
from crm.services.accounts import required, user_by_id, user_by_login
from crm.services.actor import Actor, printable
from crm.services.campaigns.content import add_version, document_of, write_content
from crm.services.campaigns.dropping import drop_approval
from crm.services.campaigns.routes import parameters_of, route_of
from crm.services.campaigns.stored import LINK, info, locked, moved, row_of, version_row
from crm.services.campaigns.transitions import AGREED
from crm.services.campaigns.values import CUSTOMER_TYPES, CampaignInfo, Category, Kind, Stage
from crm.services.notices import notify
from crm.services.segments.keys import checked_key, new_key
from crm.services.versioned import lines, named, note, require_storable, set_given, touch

_ENTER = ("once", "each_run")
# What a change of is no change of content: it may be saved at any stage.
FREE_FIELDS = ("name", "description", "priority", "responsible_login", "audience_size")
CONTENT_FIELDS = (
    "kind", "goal", "customer_type", "category", "audience", "flow", "starts_on", "ends_on",
)  # fmt: skip


def create_campaign(
    session: Session, name: str, kind: str, actor: Actor, now: dt.datetime, *, key: str = "",
    owner_id: int | None = None, **fields: Any,
) -> CampaignInfo:  # fmt: skip
    """A new campaign of the actor's (or of `owner_id`), as a concept. `fields` are those of `save_campaign`. Its key is
    made of the name unless given. Raises `CrmError`."""
    one_at_a_time(session, CAMPAIGN_KEYS)
    title, taken = named(name), set(session.scalars(select(Campaign.key)))
    if key and checked_key(key) in taken:
        raise CrmError("campaign_key_taken", key=key)
    row = Campaign(
        key=key or new_key(title, taken, "campaign"), name=title, description="", kind=_kind(kind), goal="",
        customer_type="", category=Category.MARKETING, priority=50, audience={}, flow=None, channels=[],
        responsible_login="", owner_id=actor.user_id if owner_id is None else owner_id,
        author_login=printable(actor.login, 64), stage=Stage.CONCEPT, stage_at=now, version=0, pins={}, revision=1,
        created_at=now, updated_at=now, updated_by=printable(actor.login, 64),
    )  # fmt: skip
    for field, value in _checked(session, row, fields).items():
        setattr(row, field, value)
    session.add(row)
    session.flush()
    add_version(session, row, document_of(session, row), actor, now)
    write_content(session, row, actor, now)
    moved(session, row, "created", actor, now)
    note(session, row, actor, now, "campaign_created", kind=row.kind)
    return info(session, row)


def save_campaign(
    session: Session, campaign: int | str, actor: Actor, now: dt.datetime, *, base: int, reason: str = "",
    **fields: Any,
) -> CampaignInfo:  # fmt: skip
    """Change the fields that are given (`FREE_FIELDS`, `CONTENT_FIELDS`; None of days and flow empties them), based on
    the revision that the writer had before him. Of content that was agreed with the approval goes. Raises `CrmError`
    when somebody saved in the meantime, and at stages where the content stays as it is."""
    row = locked(session, campaign, base)
    before = (row.starts_on, row.ends_on, row.flow, row.audience_size)
    wanted = _checked(session, row, fields)
    changed = set_given(row, wanted)
    for field, value in zip(("starts_on", "ends_on", "flow", "audience_size"), before, strict=True):
        if field in wanted and wanted[field] is None and value is not None:
            setattr(row, field, None)
            changed.append(field)
    if not changed:
        return info(session, row, now)
    _require_dates(row)
    details = write_content(session, row, actor, now, reason) or _route_changed(session, row, actor, now, reason)
    touch(row, actor, now)
    note(session, row, actor, now, "campaign_saved", reason, fields=sorted(changed), **details)
    return info(session, row, now)


def refresh_pins(
    session: Session, campaign: int | str, actor: Actor, now: dt.datetime, *, base: int, reason: str = ""
) -> CampaignInfo:  # fmt: skip
    """Take the versions of templates and segments that are published now. In the concept and the design that happens by
    itself; later it is a change of content, which asks for approval again."""
    from crm.services.campaigns.content import pins_of

    row = locked(session, campaign, base)
    row.pins = pins_of(session, row)
    if details := write_content(session, row, actor, now, reason):
        touch(row, actor, now)
        note(session, row, actor, now, "campaign_pins", reason, **details)
    return info(session, row, now)


def copy_campaign(
    session: Session, campaign: int | str, name: str, actor: Actor, now: dt.datetime, *, key: str = "",
    starts_on: dt.date | None = None,
) -> CampaignInfo:  # fmt: skip
    """A new concept of the actor's with the content of another campaign; days are moved so that it begins on
    `starts_on` (None: it has no days yet, and no media plan, which is about days). The budget is planned anew."""
    source = row_of(session, campaign)
    shift = starts_on - source.starts_on if starts_on and source.starts_on else None
    made = create_campaign(
        session, name, source.kind, actor, now, key=key, description=source.description, goal=source.goal,
        customer_type=source.customer_type, category=source.category, priority=source.priority,
        audience=dict(source.audience), flow=source.flow, starts_on=starts_on,
        ends_on=source.ends_on + shift if shift is not None and source.ends_on else None,
        responsible_login=actor.login if actor.user_id is not None else "",
    )  # fmt: skip
    row = locked(session, made.campaign_id)
    row.copied_from = source.campaign_id
    for each in session.scalars(select(CampaignKpi).where(CampaignKpi.campaign_id == source.campaign_id)):
        session.add(
            CampaignKpi(
                campaign_id=row.campaign_id, code=each.code, position=each.position, name=each.name, unit=each.unit,
                direction=each.direction, target=each.target,
            )
        )  # fmt: skip
    if shift is not None:
        _copy_media_plan(session, source, row, shift)
    write_content(session, row, actor, now)
    note(session, row, actor, now, "campaign_copied", source=source.key)
    return info(session, row)


def hand_over(
    session: Session, campaign: int | str, owner_id: int, actor: Actor, now: dt.datetime, reason: str
) -> CampaignInfo:  # fmt: skip
    """Give a campaign to another owner, who is told. Who wrote it stays its author."""
    row, owner = locked(session, campaign), user_by_id(session, owner_id)
    before, row.owner_id = row.owner_id, owner.user_id
    touch(row, actor, now)
    if owner.user_id != actor.user_id:
        notify(session, owner.user_id, "campaign_yours", {"campaign": row.name}, LINK.format(key=row.key), now)
    note(session, row, actor, now, "campaign_owner", required(reason), before=before, owner=owner.user_id)
    return info(session, row, now)


def _route_changed(
    session: Session, row: Campaign, actor: Actor, now: dt.datetime, reason: str
) -> dict[str, Any]:  # fmt: skip
    """Sizes and priorities are no content, but routes go by them: where another route would have to agree, it is asked.
    Gives what to note (empty: the route stays)."""
    if row.stage not in AGREED:
        return {}
    version = version_row(session, row)
    route = route_of(session, parameters_of(session, row))
    if route.key == version.route_key:
        return {}
    before = version.route_key
    drop_approval(session, row, version, actor, now, reason)
    add_version(session, row, document_of(session, row), actor, now, reason, version.editors)
    return {"version": row.version, "route": route.key, "route_before": before}


def _copy_media_plan(session: Session, source: Campaign, row: Campaign, shift: dt.timedelta) -> None:
    fields = ("code", "position", "channel", "format", "region_code", "reach", "price_model", "units", "price", "cost")
    for each in session.scalars(select(MediaPlanLine).where(MediaPlanLine.campaign_id == source.campaign_id)):
        session.add(
            MediaPlanLine(
                campaign_id=row.campaign_id, starts_on=each.starts_on + shift, ends_on=each.ends_on + shift,
                **{field: getattr(each, field) for field in fields},
            )
        )  # fmt: skip


def _checked(session: Session, row: Campaign, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are kept. Raises `CrmError`; TypeError for one that there is not."""
    if unknown := set(fields) - {*FREE_FIELDS, *CONTENT_FIELDS}:
        raise TypeError(f"no such fields of a campaign: {sorted(unknown)}")
    found = dict(fields)
    for field, check in (
        ("name", named), ("description", lines), ("goal", lines), ("kind", _kind), ("category", _category),
        ("customer_type", _customer_type), ("priority", _priority), ("audience", _audience), ("flow", _flow),
    ):  # fmt: skip
        if found.get(field) is not None:
            found[field] = check(found[field])
    if login := found.get("responsible_login"):
        found["responsible_login"] = user_by_login(session, login).login
    starts_on, ends_on = found.get("starts_on", row.starts_on), found.get("ends_on", row.ends_on)
    if starts_on and ends_on and ends_on < starts_on:
        raise CrmError("campaign_dates")
    return found


def _require_dates(row: Campaign) -> None:
    if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
        raise CrmError("campaign_dates")


def _kind(kind: str) -> str:
    if kind not in set(Kind):
        raise CrmError("campaign_kind", kind=str(kind)[:40])
    return Kind(kind).value


def _category(category: str) -> str:
    if category not in set(Category):
        raise CrmError("campaign_category", category=str(category)[:40])
    return Category(category).value


def _customer_type(customer_type: str) -> str:
    if customer_type not in CUSTOMER_TYPES:
        raise CrmError("campaign_customer_type", customer_type=str(customer_type)[:40])
    return customer_type


def _priority(priority: int) -> int:
    if isinstance(priority, bool) or not isinstance(priority, int) or not 1 <= priority <= 100:
        raise CrmError("campaign_priority")
    return priority


def _audience(audience: Mapping[str, Any]) -> dict[str, Any]:
    """{} (not chosen yet), or {"segment": key} or {"definition": GROUP}, with "enter"."""
    found = dict(audience)
    require_storable(found)
    if not found:
        return found
    by = {"segment", "definition"} & found.keys()
    is_segment = isinstance(found.get("segment"), str) and bool(found["segment"])
    is_definition = isinstance(found.get("definition"), Mapping)
    known = {"segment", "definition", "enter"} >= found.keys()
    if len(by) != 1 or not (is_segment or is_definition) or not known or found.get("enter", "once") not in _ENTER:
        raise CrmError("campaign_audience")
    return {**found, "enter": found.get("enter", "once")}


def _flow(flow: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(flow)
    require_storable(found)
    return found
