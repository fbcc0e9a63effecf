"""The register of campaigns: search, pages, calendar, versions, what happened."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from crm.models import Campaign, CampaignApproval, CampaignEvent, CampaignVersion, User
from crm.services.campaigns.access import require_view, viewed
from crm.services.campaigns.stored import event_info, info, infos, row_of, version_info, version_row
from crm.services.campaigns.values import CampaignInfo, EventInfo, Filter, Page, Stage, StepState, VersionInfo
from vitrina.access.rights import Rights

ORDERS = {
    "name": (Campaign.name, Campaign.key),
    "starts_on": (Campaign.starts_on.desc(), Campaign.key),
    "priority": (Campaign.priority.desc(), Campaign.key),
    "stage": (Campaign.stage, Campaign.key),
    "updated_at": (Campaign.updated_at.desc(), Campaign.key),
}


def campaigns(
    session: Session, rights: Rights | None, wanted: Filter | None = None, *, now: dt.datetime,
    order: str = "updated_at", limit: int = 50, offset: int = 0,
) -> Page:  # fmt: skip
    """A page of the campaigns that a person sees and asks for, and how many there are. `order` is one of `ORDERS`."""
    conditions = [viewed(session, rights), *_conditions(wanted or Filter(), now)]
    total = session.scalar(select(func.count()).select_from(Campaign).where(*conditions)) or 0
    query = select(Campaign).where(*conditions).order_by(*ORDERS.get(order, ORDERS["updated_at"]))
    return Page(tuple(infos(session, session.scalars(query.limit(limit).offset(offset)), now)), total)


def stage_counts(
    session: Session, rights: Rights | None, wanted: Filter | None = None, *, now: dt.datetime
) -> dict[Stage, int]:  # fmt: skip
    """How many campaigns of a search are at which stage; every stage is named."""
    conditions = [viewed(session, rights), *_conditions(wanted or Filter(), now)]
    found = select(Campaign.stage, func.count()).where(*conditions).group_by(Campaign.stage)
    counted = dict(session.execute(found).tuples().all())
    return {stage: counted.get(stage.value, 0) for stage in Stage}


def calendar(
    session: Session, rights: Rights | None, first: dt.date, last: dt.date, wanted: Filter | None = None, *,
    now: dt.datetime,
) -> list[CampaignInfo]:  # fmt: skip
    """Campaigns that go on between two days, by their first day; those without days are in no calendar."""
    conditions = [viewed(session, rights), *_conditions(wanted or Filter(), now), _between(first, last)]
    query = select(Campaign).where(*conditions).order_by(Campaign.starts_on, Campaign.priority.desc(), Campaign.key)
    return infos(session, session.scalars(query), now)


def campaign(
    session: Session, rights: Rights | None, key: int | str, now: dt.datetime | None = None
) -> CampaignInfo:  # fmt: skip
    """One campaign that a person sees. Raises `CrmError`."""
    return info(session, require_view(session, rights, key), now)


def exists(session: Session, key: str) -> bool:
    """Whether there is a campaign with this key, whoever may see it."""
    return session.scalar(select(Campaign.campaign_id).where(Campaign.key == key)) is not None


def versions(session: Session, campaign: int | str) -> list[VersionInfo]:
    """Every version of a campaign's content, newest first."""
    row = row_of(session, campaign)
    query = select(CampaignVersion).where(CampaignVersion.campaign_id == row.campaign_id)
    return [version_info(each) for each in session.scalars(query.order_by(CampaignVersion.number.desc()))]


def version(session: Session, campaign: int | str, number: int | None = None) -> VersionInfo:
    """One version, the newest unless it is named. Raises `CrmError`."""
    return version_info(version_row(session, row_of(session, campaign), number))


def events(session: Session, campaign: int | str, limit: int = 200) -> list[EventInfo]:
    """What happened to a campaign, newest first."""
    row = row_of(session, campaign)
    query = select(CampaignEvent).where(CampaignEvent.campaign_id == row.campaign_id)
    return [event_info(each) for each in session.scalars(query.order_by(CampaignEvent.event_id.desc()).limit(limit))]


def _conditions(wanted: Filter, now: dt.datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if text := wanted.text.strip():
        found.append(or_(
            Campaign.name.icontains(text, autoescape=True), Campaign.goal.icontains(text, autoescape=True),
            Campaign.key.contains(text.lower(), autoescape=True),
        ))  # fmt: skip
    for column, values in (
        (Campaign.stage, wanted.stages), (Campaign.kind, wanted.kinds), (Campaign.category, wanted.categories)
    ):  # fmt: skip
        if values:
            found.append(column.in_(values))
    if wanted.customer_type:
        found.append(Campaign.customer_type == wanted.customer_type)
    if wanted.channels:
        found.append(_channels(wanted.channels))
    if wanted.since or wanted.until:
        found.append(_between(wanted.since or dt.date.min, wanted.until or dt.date.max))
    if wanted.responsible_login:
        found.append(Campaign.responsible_login == wanted.responsible_login)
    if wanted.mine is not None:
        login = select(User.login).where(User.user_id == wanted.mine).scalar_subquery()
        found.append(or_(Campaign.owner_id == wanted.mine, Campaign.responsible_login == login))
    if wanted.overdue:
        step = CampaignApproval
        found.append(select(step.approval_id).where(
            step.campaign_id == Campaign.campaign_id, step.state == StepState.OPEN, step.due_at < now
        ).exists())  # fmt: skip
    return found


def _channels(channels: Sequence[str]) -> ColumnElement[bool]:
    """Channels are a short list of known words, quoted in its JSON text on both engines."""
    return or_(*[cast(Campaign.channels, Text).contains(f'"{each}"', autoescape=True) for each in channels])


def _between(first: dt.date, last: dt.date) -> ColumnElement[bool]:
    return and_(
        Campaign.starts_on.is_not(None), Campaign.starts_on <= last,
        or_(Campaign.ends_on.is_(None), Campaign.ends_on >= first),
    )  # fmt: skip
