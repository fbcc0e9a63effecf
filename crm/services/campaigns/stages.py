"""A campaign on its way from stage to stage, and the proof that what runs is what was approved."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Campaign, CampaignApproval, CampaignConclusion
from crm.services.accounts import required
from crm.services.actor import Actor, printable
from crm.services.campaigns import approvals
from crm.services.campaigns.clock import local_day
from crm.services.campaigns.completeness import concept_missing, missing
from crm.services.campaigns.content import (
    add_version,
    document_of,
    fingerprint,
    segment_pins,
    write_content,
)
from crm.services.campaigns.dropping import drop_approval, end_steps
from crm.services.campaigns.ledger import release_free
from crm.services.campaigns.limits import reserve
from crm.services.campaigns.routes import parameters_of, route_of
from crm.services.campaigns.stored import LINK, info, locked, moved, row_of, team, version_row
from crm.services.campaigns.transitions import OVER, Transition, following, require
from crm.services.campaigns.values import CampaignInfo, Runnable, Stage, StepState, VersionState
from crm.services.notices import notify
from crm.services.versioned import note, touch
from segments.errors import DefinitionError

__all__ = ["Transition", "following", "missing", "require_runnable", "submit", "transit"]


def submit(
    session: Session, campaign: int | str, actor: Actor, now: dt.datetime, *, base: int | None = None,
    comment: str = "",
) -> CampaignInfo:  # fmt: skip
    """Ask for approval: the content is fixed by its hash, the money set aside, the route of its parameters begun.

    Raises `DefinitionError` with all that is missing or wrong, `CrmError` for a budget that does not hold it and when
    nobody could approve it.
    """
    row = locked(session, campaign, base)
    require("submit", Stage(row.stage))
    write_content(session, row, actor, now)
    if problems := list(missing(session, row)):
        raise DefinitionError(problems)
    version = version_row(session, row)
    if version.state in (VersionState.APPROVED, VersionState.DROPPED):
        # The content came back to what was agreed with once: it is asked for anew all the same.
        version = add_version(session, row, document_of(session, row), actor, now, comment, version.editors)
    parameters = parameters_of(session, row)
    route = route_of(session, parameters)
    version.state, version.submitted_by, version.submitted_at = VersionState.SUBMITTED, printable(actor.login, 64), now
    version.route_key, version.route_revision, version.parameters = route.key, route.revision, parameters
    moved(session, row, "submit", actor, now, comment, route=route.key)
    reserve(session, row, actor, now, f"version {version.number}")
    approvals.begin(session, row, route, actor, now)
    touch(row, actor, now)
    note(session, row, actor, now, "campaign_submitted", comment, version=version.number, route=route.key,
         fingerprint=version.fingerprint)  # fmt: skip
    return info(session, row, now)


def transit(
    session: Session, campaign: int | str, name: str, actor: Actor, now: dt.datetime, *, reason: str = "",
    base: int | None = None,
) -> CampaignInfo:  # fmt: skip
    """Lead a campaign on by `design`, `rethink`, `redesign`, `start`, `pause`, `resume`, `complete`, `analyse` or
    `stop`; asking for approval and deciding have functions of their own. Raises `CrmError`."""
    row = locked(session, campaign, base)
    transition = require(name, Stage(row.stage))
    if name not in ("design", "rethink", "redesign", "start", "pause", "resume", "complete", "analyse", "stop"):
        raise CrmError("campaign_stage")
    if transition.needs_reason:
        required(reason)
    if name in ("start", "resume"):
        _require_proved(session, row)
        if row.ends_on is not None and local_day(now) > row.ends_on:
            raise CrmError("campaign_ended", day=row.ends_on)
    if name == "analyse" and not _has_conclusion(session, row):
        raise CrmError("campaign_no_conclusion")
    if name == "design" and (problems := list(concept_missing(session, row))):
        raise DefinitionError(problems)
    if name == "redesign":
        drop_approval(session, row, version_row(session, row), actor, now, reason)
    else:
        moved(session, row, name, actor, now, reason)
    if transition.after in OVER:
        end_steps(session, row)
        release_free(session, row, actor, now, name)
    touch(row, actor, now)
    _tell(session, row, actor, now)
    note(session, row, actor, now, f"campaign_{name}", reason, version=row.version)
    return info(session, row, now)


def require_runnable(session: Session, campaign: int | str) -> Runnable:
    """The content that may be carried out now. Raises `CrmError` unless the campaign is ready or running, its content
    is by its hash what all steps of its route agreed with, and the segments that it stands on are as they were."""
    row = row_of(session, campaign)
    if row.stage not in (Stage.READY, Stage.RUNNING):
        raise CrmError("campaign_stage")
    hash_ = _require_proved(session, row)
    version = version_row(session, row)
    return Runnable(
        row.campaign_id, row.key, version.number, hash_, Stage(row.stage), version.document, row.priority
    )  # fmt: skip


def _require_proved(session: Session, row: Campaign) -> str:
    """The hash of the content, if it is what was approved, recomputed from the tables themselves."""
    version, hash_ = version_row(session, row), fingerprint(document_of(session, row))
    rounds = select(CampaignApproval).where(
        CampaignApproval.campaign_id == row.campaign_id, CampaignApproval.version == row.version
    )
    steps = list(session.scalars(rounds.order_by(CampaignApproval.round)))
    last = [each for each in steps if each.round == steps[-1].round]
    agreed = bool(last) and all(each.state == StepState.APPROVED and each.fingerprint == hash_ for each in last)
    if not (agreed and version.state == VersionState.APPROVED and row.approved == row.version):
        raise CrmError("campaign_not_approved")
    if version.fingerprint != hash_ or fingerprint(version.document) != hash_:
        raise CrmError("campaign_not_approved")
    _require_same_segments(session, row)
    return hash_


def _require_same_segments(session: Session, row: Campaign) -> None:
    before, now = row.pins.get("segments", {}), segment_pins(session, row.audience, row.flow)
    changed = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    if changed:
        raise CrmError("campaign_segment_changed", segments=", ".join(changed))


def _has_conclusion(session: Session, row: Campaign) -> bool:
    query = select(CampaignConclusion.conclusion_id).where(CampaignConclusion.campaign_id == row.campaign_id)
    return session.scalar(query.limit(1)) is not None


def _tell(session: Session, row: Campaign, actor: Actor, now: dt.datetime) -> None:
    if row.stage in (Stage.CONCEPT, Stage.DESIGN):
        return
    values = {"login": actor.login, "campaign": row.name}
    for user_id in team(session, row, actor.user_id):
        notify(session, user_id, f"campaign_{row.stage}", values, LINK.format(key=row.key), now)
