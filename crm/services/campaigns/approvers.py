"""Who may decide on a step: by role or by name, in person or as a stand-in, and never on his own work."""

import datetime as dt
from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Campaign, CampaignApproval, CampaignVersion, User, UserEmployee, UserRole
from crm.services.actor import Actor
from crm.services.campaigns.access import roles_that_approve
from crm.services.campaigns.values import StepState
from crm.services.stand_ins import stand_ins


def holders(session: Session, role_code: str, employee_id: str | None, today: dt.date) -> Mapping[int, str | None]:
    """User ids of all who may decide on such a step, each with the employee for whom he would stand in (None: for
    himself). Neither role nor employee: all whose roles let them administer campaigns."""
    own = _own(session, role_code, employee_id)
    found: dict[int, str | None] = dict.fromkeys(own)
    absent = set(session.scalars(select(UserEmployee.employee_id).where(UserEmployee.user_id.in_(own))))
    absent |= {employee_id} if employee_id is not None else set()
    standing = {each.substitute_id: each.absent_id for each in stand_ins(session, today) if each.absent_id in absent}
    query = select(UserEmployee).where(UserEmployee.employee_id.in_(standing))
    for link in session.scalars(query):
        found.setdefault(link.user_id, standing[link.employee_id])
    active = select(User.user_id).where(User.user_id.in_(found), User.is_active.is_(True))
    return {user_id: found[user_id] for user_id in sorted(session.scalars(active))}


def writers(row: Campaign, version: CampaignVersion) -> frozenset[str]:
    """Logins of all who wrote a part of what is approved, or asked for it."""
    return frozenset({*version.editors, row.author_login, version.submitted_by} - {""})


def require_may_decide(
    session: Session, row: Campaign, version: CampaignVersion, step: CampaignApproval, actor: Actor, today: dt.date
) -> str | None:
    """For whom the actor would decide on a step (None: for himself). Raises `CrmError` for one that is not his, for his
    own work, and for a second step of the same version."""
    if actor.user_id is None or actor.acting_for is not None:
        raise CrmError("approval_not_yours", step=step.name)
    login = session.scalar(select(User.login).where(User.user_id == actor.user_id))
    # By the account as well: what a program calls the actor is not who he is.
    if {login, actor.login} & writers(row, version):
        raise CrmError("approval_own")
    allowed = holders(session, step.role_code, step.employee_id, today)
    if actor.user_id not in allowed:
        raise CrmError("approval_not_yours", step=step.name)
    query = select(CampaignApproval.approval_id).where(
        CampaignApproval.campaign_id == row.campaign_id, CampaignApproval.version == step.version,
        CampaignApproval.round == step.round, CampaignApproval.state == StepState.APPROVED,
        CampaignApproval.decided_by == actor.user_id,
    )  # fmt: skip
    if session.scalar(query) is not None:
        raise CrmError("approval_twice")
    return allowed[actor.user_id]


def require_somebody(
    session: Session, row: Campaign, version: CampaignVersion, steps: Iterable[CampaignApproval], today: dt.date
) -> None:
    """Raises `CrmError` when the steps cannot all be decided, each by somebody else who wrote none of it."""
    barred = set(session.scalars(select(User.user_id).where(User.login.in_(writers(row, version)))))
    taken: dict[int, CampaignApproval] = {}
    choices: dict[int, set[int]] = {}

    def place(step: CampaignApproval, tried: set[int]) -> bool:
        """Kuhn's algorithm: give the step somebody, moving others on where need be."""
        for user_id in choices[step.step] - tried:
            tried.add(user_id)
            if user_id not in taken or place(taken[user_id], tried):
                taken[user_id] = step
                return True
        return False

    for step in steps:
        choices[step.step] = set(holders(session, step.role_code, step.employee_id, today)) - barred
        if not place(step, set()):
            raise CrmError("approval_nobody", step=step.name or step.role_code)


def _own(session: Session, role_code: str, employee_id: str | None) -> set[int]:
    if employee_id is not None:
        return set(session.scalars(select(UserEmployee.user_id).where(UserEmployee.employee_id == employee_id)))
    roles = {role_code} if role_code else roles_that_approve(session)
    return set(session.scalars(select(UserRole.user_id).where(UserRole.role_code.in_(roles))))
