"""What people say about a campaign: comments while it is made, conclusions when it is over."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.campaign_messages import VERDICTS
from crm.errors import CrmError
from crm.models import CampaignComment, CampaignConclusion
from crm.services.actor import Actor, printable
from crm.services.campaigns.stored import LINK, locked, row_of, team
from crm.services.campaigns.transitions import OVER
from crm.services.campaigns.values import CommentInfo, ConclusionInfo, Part
from crm.services.notices import notify
from crm.services.versioned import lines, note, require_storable


def add_comment(
    session: Session, campaign: int | str, text: str, actor: Actor, now: dt.datetime, *, part: str = Part.CONCEPT,
    node_id: str = "",
) -> CommentInfo:  # fmt: skip
    """Say something about a part of a campaign, or about a step of its flow; whose campaign it is are told."""
    row = locked(session, campaign)
    if part not in set(Part):
        raise CrmError("campaign_part", part=str(part)[:40])
    said = lines(text)
    if not said:
        raise CrmError("campaign_text_missing")
    comment = CampaignComment(
        campaign_id=row.campaign_id, version=row.version, part=Part(part).value, node_id=printable(node_id, 40),
        text=said, author_id=actor.user_id, author_login=printable(actor.login, 64), at=now,
    )  # fmt: skip
    session.add(comment)
    values = {"login": actor.login, "campaign": row.name}
    for user_id in team(session, row, actor.user_id):
        notify(session, user_id, "campaign_comment", values, LINK.format(key=row.key), now, "low")
    note(session, row, actor, now, "campaign_comment", part=comment.part, node=comment.node_id)
    return _comment(comment)


def comments(session: Session, campaign: int | str) -> list[CommentInfo]:
    """All comments, oldest first."""
    row = row_of(session, campaign)
    query = select(CampaignComment).where(CampaignComment.campaign_id == row.campaign_id)
    return [_comment(each) for each in session.scalars(query.order_by(CampaignComment.comment_id))]


def conclude(
    session: Session, campaign: int | str, verdict: str, text: str, actor: Actor, now: dt.datetime, *,
    proposals: str = "", figures: Mapping[str, Any] | None = None,
) -> ConclusionInfo:  # fmt: skip
    """Write down what a campaign that is over (or stopped) taught; earlier conclusions stay. `figures` are those that
    the writer had before him."""
    row = locked(session, campaign)
    if row.stage not in OVER:
        raise CrmError("campaign_stage")
    said = lines(text)
    if not said or verdict not in VERDICTS:
        raise CrmError("campaign_text_missing")
    require_storable(figures or {})
    conclusion = CampaignConclusion(
        campaign_id=row.campaign_id, verdict=verdict, text=said, proposals=lines(proposals),
        figures=dict(figures or {}), author_id=actor.user_id, author_login=printable(actor.login, 64), at=now,
    )  # fmt: skip
    session.add(conclusion)
    note(session, row, actor, now, "campaign_concluded", verdict=verdict)
    return _conclusion(conclusion)


def conclusions(session: Session, campaign: int | str) -> list[ConclusionInfo]:
    """All conclusions, newest first."""
    row = row_of(session, campaign)
    query = select(CampaignConclusion).where(CampaignConclusion.campaign_id == row.campaign_id)
    return [_conclusion(each) for each in session.scalars(query.order_by(CampaignConclusion.conclusion_id.desc()))]


def _comment(row: CampaignComment) -> CommentInfo:
    return CommentInfo(row.comment_id, row.version, row.part, row.node_id, row.text, row.author_login, row.at)


def _conclusion(row: CampaignConclusion) -> ConclusionInfo:
    return ConclusionInfo(
        row.conclusion_id, row.verdict, row.text, row.proposals, row.figures, row.author_login, row.at
    )  # fmt: skip
