"""Pausing, stopping and letting go: a campaign, a step, a part of its audience; at once, also for what is queued."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.flow import STOPPED
from crm.models import CampaignParticipant, CampaignRun
from crm.services.accounts import required
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record
from crm.services.campaign_runs.stored import run_of
from crm.services.campaign_runs.walking import is_over
from crm.services.campaigns import stages
from crm.services.campaigns.values import CampaignInfo
from crm.services.delivery import outbox, pauses
from crm.services.delivery.storing import chunks

_OPEN = ("active", "waiting")


def lead(
    session: Session, campaign: str, transition: str, actor: Actor, now: dt.datetime, reason: str = "",
    base: int | None = None,
) -> CampaignInfo:  # fmt: skip
    """The register's own transition (`stages.transit`); what is queued of a running campaign goes with it: it waits,
    goes on or is called back. Raises `CrmError`."""
    found = stages.transit(session, campaign, transition, actor, now, reason=reason, base=base)
    if transition == "pause":
        pauses.pause(session, found.key, reason or transition, actor, now)
    elif transition in ("start", "resume"):
        # Also at a start: what was paused, changed and approved again does not come back by `resume`.
        pauses.resume(session, found.key, reason or transition, actor, now)
    elif transition in ("stop", "complete"):
        _end(session, found.key, now, transition)
    return found


def pause_step(session: Session, campaign: str, node_id: str, reason: str, actor: Actor, now: dt.datetime) -> None:
    """Hand over nothing of a step; everybody waits where he is."""
    pauses.pause(session, campaign, reason, actor, now, node_id)


def resume_step(session: Session, campaign: str, node_id: str, reason: str, actor: Actor, now: dt.datetime) -> None:
    """Let a step go on."""
    pauses.resume(session, campaign, reason, actor, now, node_id)


def hold(
    session: Session, campaign: str, customers: Sequence[int], is_held: bool, reason: str, actor: Actor,
    now: dt.datetime,
) -> int:  # fmt: skip
    """Hold a part of the audience back, or let it go on; how many it concerned."""
    if is_held:
        return _change(session, campaign, customers, {"is_held": True}, "held", reason, actor, now)
    # What came of his messages meanwhile was passed over, so the next tick looks at him whatever he waits for.
    values = {"is_held": False, "wake_at": now}
    return _change(session, campaign, customers, values, "let_go", reason, actor, now)


def take_out(
    session: Session, campaign: str, customers: Sequence[int], reason: str, actor: Actor, now: dt.datetime
) -> int:
    """Take a part of the audience out of the campaign for good; what is queued for it is called back."""
    values = {"state": STOPPED, "wake_at": None}
    count = _change(session, campaign, customers, values, "taken_out", reason, actor, now)
    # After it: a tick that was queueing something for them has come to its end by then.
    outbox.cancel_campaign(session, campaign, "taken_out", now, customer_ids=list(customers))
    return count


def end_when_over(session: Session, campaign: str, day: dt.date, actor: Actor, now: dt.datetime) -> bool:
    """Complete a campaign whose last day is over; and one that takes nobody more, when everybody is through and nothing
    of it is in the house any more."""
    run = run_of(session, campaign)
    past = run.ends_on is not None and day > run.ends_on
    through = not run.takes_more and bool(run.done) and is_over(session, campaign)
    if not (past or through):
        return False
    lead(session, campaign, "complete", actor, now, "the last day is over" if past else "everybody is through")
    return True


def _end(session: Session, campaign: str, now: dt.datetime, why: str) -> None:
    outbox.cancel_campaign(session, campaign, f"campaign_{why}", now)
    same = (CampaignParticipant.campaign == campaign, CampaignParticipant.state.in_(_OPEN))
    session.execute(update(CampaignParticipant).where(*same).values(state=STOPPED, wake_at=None))
    row = session.scalar(select(CampaignRun).where(CampaignRun.campaign == campaign).with_for_update())
    if row is not None:
        row.ended_at = now


def _change(
    session: Session, campaign: str, customers: Sequence[int], values: Mapping[str, object], what: str, reason: str,
    actor: Actor, now: dt.datetime,
) -> int:  # fmt: skip
    said, count = required(reason), 0
    run_of(session, campaign)
    for ids in chunks(list(customers)):
        same = (CampaignParticipant.campaign == campaign, CampaignParticipant.customer_id.in_(ids))
        changed = update(CampaignParticipant).where(*same, CampaignParticipant.state.in_(_OPEN)).values(**values)
        count += session.execute(changed).rowcount  # type: ignore[attr-defined]
    told = {"what": f"participants_{what}", "customers": count}
    record(session, actor, Entry(AuditKind.DATA_CHANGED, "campaigns", campaign, (), said, told), now)
    return count
