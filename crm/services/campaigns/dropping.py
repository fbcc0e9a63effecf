"""What happens to an approval when the content changes after it: it is gone, and everybody concerned is told."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import Campaign, CampaignApproval, CampaignVersion
from crm.services.actor import Actor
from crm.services.campaigns.ledger import release_free
from crm.services.campaigns.stored import LINK, moved, team
from crm.services.campaigns.values import StepState, VersionState
from crm.services.notices import notify


def drop_approval(
    session: Session, row: Campaign, version: CampaignVersion, actor: Actor, now: dt.datetime, reason: str = ""
) -> None:  # fmt: skip
    """The content of a version that was agreed with is about to change: back to the design."""
    told = {step.decided_by for step in end_steps(session, row) if step.decided_by is not None}
    version.state = VersionState.DROPPED
    release_free(session, row, actor, now, "approval dropped")
    moved(session, row, "approval_dropped", actor, now, reason)
    told |= set(team(session, row))
    values = {"login": actor.login, "campaign": row.name}
    for user_id in sorted(told - {actor.user_id}):
        notify(session, user_id, "campaign_approval_dropped", values, LINK.format(key=row.key), now, "high")


def end_steps(session: Session, row: Campaign) -> list[CampaignApproval]:
    """Withdraw the steps of the newest version that nobody decided on; gives all of its last round."""
    query = select(CampaignApproval).where(
        CampaignApproval.campaign_id == row.campaign_id, CampaignApproval.version == row.version
    )
    steps = list(session.scalars(query.order_by(CampaignApproval.round, CampaignApproval.step)))
    for step in steps:
        if step.state in (StepState.WAITING, StepState.OPEN):
            step.state = StepState.WITHDRAWN
    return [step for step in steps if step.round == steps[-1].round]
