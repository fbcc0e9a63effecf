"""Agreeing with a campaign, step by step: what was agreed with is fixed by its hash."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Campaign, CampaignApproval, CampaignVersion, User
from crm.services.accounts import required
from crm.services.actor import Actor, printable, system
from crm.services.campaigns.access import require_approve
from crm.services.campaigns.approvers import holders, require_may_decide, require_somebody, writers
from crm.services.campaigns.clock import local_day
from crm.services.campaigns.content import document_of, fingerprint
from crm.services.campaigns.dropping import end_steps
from crm.services.campaigns.ledger import release_free
from crm.services.campaigns.routes import RouteInfo
from crm.services.campaigns.stored import LINK, info, locked, moved, row_of, step_info, team, version_row
from crm.services.campaigns.transitions import require
from crm.services.campaigns.values import CampaignInfo, Stage, StepInfo, StepState, VersionState
from crm.services.notices import notify
from crm.services.versioned import note, touch
from vitrina.access.rights import Rights


def begin(session: Session, row: Campaign, route: RouteInfo, actor: Actor, now: dt.datetime) -> None:
    """Part of submitting: lay out the steps of the newest version and open the first."""
    version = version_row(session, row)
    last = select(func.max(CampaignApproval.round)).where(
        CampaignApproval.campaign_id == row.campaign_id, CampaignApproval.version == row.version
    )
    round_ = (session.scalar(last) or 0) + 1
    steps = [
        CampaignApproval(
            campaign_id=row.campaign_id, version=row.version, round=round_, step=number, name=each["name"],
            role_code=each["role"], employee_id=each["employee"] or None, parts=list(each["parts"]), days=each["days"],
            state=StepState.WAITING, fingerprint=version.fingerprint,
        )
        for number, each in enumerate(route.steps, 1)
    ]  # fmt: skip
    require_somebody(session, row, version, steps, local_day(now))
    session.add_all(steps)
    session.flush()
    _open(session, row, version, steps[0], actor, now)


def approve(
    session: Session, campaign: int | str, actor: Actor, now: dt.datetime, *, seen: str, comment: str = "",
    rights: Rights | None = None,
) -> CampaignInfo:  # fmt: skip
    """Agree with the open step of a campaign. `seen` is the hash of the content that the approver had before him.

    After the last step the campaign is ready to start. Raises `CrmError` for who wrote a part of it, decided on a step
    already, or is not named by the route (stand-ins are), and when the content is another than he saw.
    """
    row, version, step = _opened(session, campaign, rights)
    if seen != version.fingerprint or fingerprint(document_of(session, row)) != version.fingerprint:
        raise CrmError("approval_moved")
    _decide(session, row, version, step, StepState.APPROVED, actor, now, comment)
    following = session.scalar(
        select(CampaignApproval)
        .where(CampaignApproval.campaign_id == row.campaign_id, CampaignApproval.version == row.version,
               CampaignApproval.round == step.round, CampaignApproval.step == step.step + 1)
    )  # fmt: skip
    if following is not None:
        moved(session, row, "step_approved", actor, now, comment, step=step.name)
        _open(session, row, version, following, actor, now)
    else:
        version.state, version.published_at, version.published_by = VersionState.APPROVED, now, actor.login
        row.approved = version.number
        moved(session, row, "approved", actor, now, comment, step=step.name)
        _tell_team(session, row, "campaign_approved", {}, actor, now)
    touch(row, actor, now)
    note(session, row, actor, now, "campaign_step_approved", comment, version=row.version, step=step.step,
         fingerprint=step.fingerprint)  # fmt: skip
    return info(session, row, now)


def return_campaign(
    session: Session, campaign: int | str, actor: Actor, now: dt.datetime, comment: str, *,
    to: Stage = Stage.DESIGN, rights: Rights | None = None,
) -> CampaignInfo:  # fmt: skip
    """Send a campaign back to the design or the concept, saying why. What was set aside for it is free again."""
    row, version, step = _opened(session, campaign, rights)
    name = "return_to_concept" if to is Stage.CONCEPT else "return_to_design"
    require(name, Stage(row.stage))
    _decide(session, row, version, step, StepState.RETURNED, actor, now, required(comment))
    _end(session, row, version, actor, now, comment)
    moved(session, row, name, actor, now, comment, step=step.name)
    _tell_team(session, row, "campaign_returned", {"comment": printable(comment, 300)}, actor, now, "high")
    touch(row, actor, now)
    note(session, row, actor, now, "campaign_returned", comment, version=row.version, step=step.step, to=to.value)
    return info(session, row, now)


def withdraw(session: Session, campaign: int | str, actor: Actor, now: dt.datetime, reason: str) -> CampaignInfo:
    """Take a campaign back from approval to change it."""
    row = locked(session, campaign)
    require("withdraw", Stage(row.stage))
    _end(session, row, version_row(session, row), actor, now, required(reason))
    moved(session, row, "withdraw", actor, now, reason)
    touch(row, actor, now)
    note(session, row, actor, now, "campaign_withdrawn", reason, version=row.version)
    return info(session, row, now)


def steps(session: Session, campaign: int | str, version: int | None = None) -> list[StepInfo]:
    """The steps of a version's approval (the newest version unless it is named), the last round first."""
    row = row_of(session, campaign)
    query = select(CampaignApproval).where(
        CampaignApproval.campaign_id == row.campaign_id, CampaignApproval.version == (version or row.version)
    )
    query = query.order_by(CampaignApproval.round.desc(), CampaignApproval.step)
    return [step_info(each) for each in session.scalars(query)]


def may_decide(session: Session, campaign: int | str, actor: Actor, today: dt.date) -> bool:
    """Whether it is this person's turn."""
    row = row_of(session, campaign)
    step = _open_step(session, row)
    if row.stage != Stage.APPROVAL or step is None:
        return False
    try:
        require_may_decide(session, row, version_row(session, row), step, actor, today)
    except CrmError:
        return False
    return True


def waiting_for(session: Session, actor: Actor, today: dt.date) -> list[StepInfo]:
    """Steps that this person may decide on now, the most urgent first."""
    query = select(CampaignApproval).where(CampaignApproval.state == StepState.OPEN).order_by(CampaignApproval.due_at)
    return [
        step_info(each) for each in session.scalars(query) if may_decide(session, each.campaign_id, actor, today)
    ]  # fmt: skip


def remind(session: Session, now: dt.datetime) -> int:
    """Tell of steps that are overdue: those who have to decide and whose campaign it is, once for each step. How many
    steps there were."""
    query = select(CampaignApproval).where(
        CampaignApproval.state == StepState.OPEN, CampaignApproval.due_at < now, CampaignApproval.reminded_at.is_(None)
    )
    late = list(session.scalars(query.with_for_update(skip_locked=True)))
    for step in late:
        row = row_of(session, step.campaign_id)
        step.reminded_at = now
        values, link = {"campaign": row.name, "step": step.name}, LINK.format(key=row.key)
        told = {*_approvers(session, row, version_row(session, row), step, local_day(now)), *team(session, row)}
        for user_id in sorted(told):
            notify(session, user_id, "campaign_approval_overdue", values, link, now, "high")
        note(session, row, system("reminder"), now, "approval_overdue", step=step.step)
    return len(late)


def _opened(
    session: Session, campaign: int | str, rights: Rights | None
) -> tuple[Campaign, CampaignVersion, CampaignApproval]:  # fmt: skip
    row = locked(session, campaign)
    require_approve(session, rights, row.campaign_id)
    step = _open_step(session, row)
    if row.stage != Stage.APPROVAL or step is None:
        raise CrmError("approval_none")
    return row, version_row(session, row), step


def _open_step(session: Session, row: Campaign) -> CampaignApproval | None:
    query = select(CampaignApproval).where(
        CampaignApproval.campaign_id == row.campaign_id, CampaignApproval.version == row.version,
        CampaignApproval.state == StepState.OPEN,
    )  # fmt: skip
    return session.scalar(query.execution_options(populate_existing=True))


def _decide(
    session: Session, row: Campaign, version: CampaignVersion, step: CampaignApproval, state: StepState, actor: Actor,
    now: dt.datetime, comment: str,
) -> None:  # fmt: skip
    step.on_behalf_of = require_may_decide(session, row, version, step, actor, local_day(now))
    step.state, step.decided_at, step.comment = state, now, printable(comment, 2000)
    step.decided_by, step.decided_login = actor.user_id, printable(actor.login, 64)
    session.flush()


def _end(
    session: Session, row: Campaign, version: CampaignVersion, actor: Actor, now: dt.datetime, reason: str
) -> None:  # fmt: skip
    end_steps(session, row)
    version.state = VersionState.RETURNED
    release_free(session, row, actor, now, reason)


def _open(
    session: Session, row: Campaign, version: CampaignVersion, step: CampaignApproval, actor: Actor, now: dt.datetime
) -> None:  # fmt: skip
    step.state, step.opened_at, step.due_at = StepState.OPEN, now, now + dt.timedelta(days=step.days)
    values = {"login": actor.login, "campaign": row.name, "step": step.name}
    for user_id in _approvers(session, row, version, step, local_day(now)):
        notify(session, user_id, "campaign_approval_asked", values, LINK.format(key=row.key), now)
    session.flush()


def _approvers(
    session: Session, row: Campaign, version: CampaignVersion, step: CampaignApproval, today: dt.date
) -> list[int]:  # fmt: skip
    """Who would be told of a step: all who may decide on it and did not write it."""
    found = holders(session, step.role_code, step.employee_id, today)
    barred = set(session.scalars(select(User.user_id).where(User.login.in_(writers(row, version)))))
    return sorted(set(found) - barred)


def _tell_team(
    session: Session, row: Campaign, kind: str, values: dict[str, str], actor: Actor, now: dt.datetime,
    priority: str = "medium",
) -> None:  # fmt: skip
    """Tell whose campaign it is and who is responsible for it."""
    for user_id in team(session, row, actor.user_id):
        told = {"campaign": row.name, "login": actor.login, **values}
        notify(session, user_id, kind, told, LINK.format(key=row.key), now, priority)
