"""Who sees, changes and administers campaigns: his rights on them, applied to their owners."""

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Campaign, UserRole
from crm.services.campaigns.stored import row_of
from crm.services.matrix import matrix
from crm.services.reach import users_in_reach
from vitrina.access.rights import Rights

OBJECT = "campaigns"


def require_view(session: Session, rights: Rights | None, campaign: int | str) -> Campaign:
    """The row of a campaign. Raises `CrmError` for one that is not there, or that he may not see: told alike. Rights
    None are those of the machine's own administrator."""
    row = row_of(session, campaign)
    if rights is not None and not _reaches(session, rights, "view", row):
        raise CrmError("campaign_unknown", campaign=str(campaign)[:80])
    return row


def require_edit(session: Session, rights: Rights | None, campaign: int | str) -> None:
    """Raises `CrmError` for a campaign that he may not change, or lead on to another stage."""
    row = require_view(session, rights, campaign)
    if rights is not None and not _reaches(session, rights, "edit", row):
        raise CrmError("campaign_out_of_reach")


def require_approve(session: Session, rights: Rights | None, campaign: int | str) -> None:
    """Raises `CrmError` for who may not see this campaign, or approve any. Whose turn it is the route says, however far
    his right reaches: a head of sales is asked about campaigns that marketing owns."""
    require_view(session, rights, campaign)
    require_administer(rights)


def require_administer(rights: Rights | None) -> None:
    """Raises `CrmError` for who may not change routes, policies, budgets and prices."""
    if rights is not None and (rights.acting_for is not None or not rights.allows(OBJECT, "administer")):
        raise CrmError("campaign_administer")


def require_templates(rights: Rights | None) -> None:
    """Raises `CrmError` for who may not write templates."""
    if rights is not None and (rights.acting_for is not None or not rights.allows(OBJECT, "edit")):
        raise CrmError("campaign_out_of_reach")


def may_edit(session: Session, rights: Rights | None, campaign: int | str) -> bool:
    """Whether he may change this campaign."""
    return rights is None or _reaches(session, rights, "edit", row_of(session, campaign))


def may_approve(session: Session, rights: Rights | None, campaign: int | str) -> bool:
    """Whether his role lets him approve this campaign at all; whether it is his turn, `approvals` says."""
    try:
        require_approve(session, rights, campaign)
    except CrmError:
        return False
    return True


def viewed(session: Session, rights: Rights | None) -> ColumnElement[bool]:
    """The campaigns that a person sees, as a condition: all, when his right is wide; else those of people in it and
    those that no person owns."""
    if rights is None:
        return true()
    users = users_in_reach(session, rights, OBJECT, "view")
    if users is None:
        return true()
    if not users:
        return false()
    return or_(Campaign.owner_id.is_(None), Campaign.owner_id.in_(list(users)))


def administrators(session: Session) -> list[int]:
    """User ids of all whose roles let them administer campaigns."""
    roles = roles_that_approve(session)
    return sorted(set(session.scalars(select(UserRole.user_id).where(UserRole.role_code.in_(roles)))))


def roles_that_approve(session: Session) -> frozenset[str]:
    """Codes of the roles with the right to administer campaigns."""
    return frozenset(code for code, role in matrix(session).roles.items() if (OBJECT, "administer") in role.grants)


def _reaches(session: Session, rights: Rights, action: str, row: Campaign) -> bool:
    if not rights.allows(OBJECT, action) or (action != "view" and rights.acting_for is not None):
        return False
    users = users_in_reach(session, rights, OBJECT, action)
    if users is None or row.owner_id in users:
        return True
    return action == "view" and row.owner_id is None
