"""Rows of campaigns read and turned into values. Who may see them is `access`."""

import datetime as dt
from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Campaign, CampaignApproval, CampaignEvent, CampaignVersion, User
from crm.services.actor import Actor, printable
from crm.services.campaigns.transitions import BY_NAME
from crm.services.campaigns.values import (
    CampaignInfo,
    Category,
    EventInfo,
    Kind,
    Stage,
    StepInfo,
    StepState,
    VersionInfo,
    VersionState,
)

LINK = "/campaign?key={key}"


def row_of(session: Session, campaign: int | str) -> Campaign:
    """The row of a campaign by its number or key. Raises `CrmError`."""
    about = Campaign.campaign_id if isinstance(campaign, int) else Campaign.key
    row = session.scalar(select(Campaign).where(about == campaign))
    if row is None:
        raise CrmError("campaign_unknown", campaign=str(campaign)[:80])
    return row


def locked(session: Session, campaign: int | str, base: int | None = None) -> Campaign:
    """The row, locked against other writers. Raises `CrmError` for none, and when its revision is not `base`."""
    about = Campaign.campaign_id if isinstance(campaign, int) else Campaign.key
    # Read anew: who asked for the rights before may have read it before somebody else's change.
    # No stronger than needed: who writes entries of its ledger refers to the row, and must not wait for its editor.
    query = select(Campaign).where(about == campaign).with_for_update(key_share=True)
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise CrmError("campaign_unknown", campaign=str(campaign)[:80])
    if base is not None and row.revision != base:
        raise CrmError("campaign_changed", login=row.updated_by)
    return row


def version_row(session: Session, row: Campaign, number: int | None = None) -> CampaignVersion:
    """A version of the content, the newest unless it is named. Raises `CrmError`."""
    number = row.version if number is None else number
    found = session.get(CampaignVersion, (row.campaign_id, number), populate_existing=True)
    if found is None:
        raise CrmError("campaign_version_unknown", version=number)
    return found


def moved(
    session: Session, row: Campaign, name: str, actor: Actor, now: dt.datetime, reason: str = "", **details: object
) -> None:  # fmt: skip
    """Bring a campaign to the stage that a transition leads to (none: it stays), and write that into its log."""
    before = row.stage
    if (transition := BY_NAME.get(name)) is not None:
        row.stage, row.stage_at = transition.after.value, now
    version = version_row(session, row)
    session.add(
        CampaignEvent(
            campaign_id=row.campaign_id, what=name, from_stage=before, to_stage=row.stage, version=version.number,
            fingerprint=version.fingerprint, reason=printable(reason, 2000), actor_id=actor.user_id,
            actor_login=printable(actor.login, 64), at=now, details=dict(details),
        )
    )  # fmt: skip
    session.flush()


def user_of(session: Session, login: str) -> User | None:
    """The account of a login, if there is one."""
    return session.scalar(select(User).where(User.login == login)) if login else None


def team(session: Session, row: Campaign, besides: int | None = None) -> list[int]:
    """User ids of whose campaign it is and who is responsible for it; `besides` is left out."""
    responsible = user_of(session, row.responsible_login)
    found = {row.owner_id, responsible.user_id if responsible else None}
    return sorted(each for each in found if each is not None and each != besides)


def infos(session: Session, rows: Iterable[Campaign], now: dt.datetime | None = None) -> list[CampaignInfo]:
    """Campaigns with their people, newest versions and open steps, by a fixed number of queries."""
    wanted = list(rows)
    if not wanted:
        return []
    ids = [row.campaign_id for row in wanted]
    both = (Campaign.campaign_id == CampaignVersion.campaign_id) & (Campaign.version == CampaignVersion.number)
    versions = {
        each.campaign_id: each
        for each in session.scalars(select(CampaignVersion).join(Campaign, both).where(Campaign.campaign_id.in_(ids)))
    }
    owners = [row.owner_id for row in wanted if row.owner_id is not None]
    logins = [row.responsible_login for row in wanted if row.responsible_login]
    people = list(session.scalars(select(User).where(User.user_id.in_(owners) | User.login.in_(logins))))
    steps = select(CampaignApproval).where(
        CampaignApproval.campaign_id.in_(ids), CampaignApproval.state == StepState.OPEN
    )
    opened = {each.campaign_id: each for each in session.scalars(steps)}
    by_id, by_login = {each.user_id: each for each in people}, {each.login: each for each in people}
    return [
        _info(row, versions[row.campaign_id], opened.get(row.campaign_id), by_id, by_login, now) for row in wanted
    ]  # fmt: skip


def info(session: Session, row: Campaign, now: dt.datetime | None = None) -> CampaignInfo:
    """One campaign as a value."""
    return infos(session, [row], now)[0]


def version_info(row: CampaignVersion) -> VersionInfo:
    """A version as a value."""
    return VersionInfo(
        row.campaign_id, row.number, row.document, row.fingerprint, VersionState(row.state), row.author_login,
        tuple(row.editors), row.reason, row.at, row.submitted_by, row.submitted_at, row.published_at, row.route_key,
        row.route_revision, row.parameters,
    )  # fmt: skip


def event_info(row: CampaignEvent) -> EventInfo:
    """An entry of the log as a value."""
    return EventInfo(
        row.event_id, row.what, Stage(row.from_stage), Stage(row.to_stage), row.version, row.fingerprint, row.reason,
        row.actor_login, row.at, row.details,
    )  # fmt: skip


def step_info(row: CampaignApproval) -> StepInfo:
    """A step of an approval as a value."""
    return StepInfo(
        row.approval_id, row.campaign_id, row.version, row.round, row.step, row.name, row.role_code, row.employee_id,
        tuple(row.parts), StepState(row.state), row.fingerprint, row.opened_at, row.due_at, row.decided_at,
        row.decided_login, row.on_behalf_of, row.comment,
    )  # fmt: skip


def _info(
    row: Campaign, version: CampaignVersion, step: CampaignApproval | None, by_id: Mapping[int, User],
    by_login: Mapping[str, User], now: dt.datetime | None,
) -> CampaignInfo:  # fmt: skip
    owner = by_id.get(row.owner_id) if row.owner_id is not None else None
    responsible = by_login.get(row.responsible_login)
    late = step is not None and now is not None and step.due_at is not None and step.due_at < now
    return CampaignInfo(
        row.campaign_id, row.key, row.name, row.description, Kind(row.kind), row.goal, row.customer_type,
        Category(row.category), row.priority, row.audience, row.audience_size, row.flow, tuple(row.channels),
        row.starts_on, row.ends_on, row.responsible_login, responsible.display_name if responsible else "",
        row.owner_id, owner.login if owner else "", owner.display_name if owner else "", row.author_login,
        Stage(row.stage), row.stage_at, row.version, VersionState(version.state), version.fingerprint, row.approved,
        row.pins, row.copied_from, row.revision, row.created_at, row.updated_at, row.updated_by,
        step.name if step else "", late,
    )  # fmt: skip
