"""Who sees a segment or a list, and who may change it: its sharing, and the right with its scope around the owner.

Own ones (also those of whom one stands in for) are always seen; of others', those shared with one's roles or with all,
when the right reaches the place of the owner.
"""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import CustomerList, Segment
from crm.services.reach import owners_of, users_in_reach
from crm.services.segments.values import Sharing
from vitrina.access.rights import Rights, Scope

OBJECT = "segments"


class Shared(Protocol):
    """What has an owner and is shared: a row of a segment or of a list."""

    owner_id: int | None
    sharing: str
    shared_roles: list[str]


@dataclass(frozen=True)
class Reach:
    """One person's reach among segments; asked once, then held against many rows."""

    own: frozenset[int]
    roles: frozenset[str]
    viewed: frozenset[int] | None
    edited: frozenset[int] | None

    def sees(self, row: Shared) -> bool:
        """Whether he sees this one."""
        if row.owner_id in self.own:
            return self.viewed != frozenset()
        shown = row.sharing == Sharing.ALL or (
            row.sharing == Sharing.ROLES and bool(self.roles & frozenset(row.shared_roles))
        )
        return shown and (self.viewed is None or row.owner_id in self.viewed)

    def edits(self, row: Shared) -> bool:
        """Whether he may change this one: what he cannot see he cannot change either."""
        return self.sees(row) and (self.edited is None or row.owner_id in self.edited)


def reach(session: Session, rights: Rights | None) -> Reach:
    """The reach of a person; None is the machine's own administrator, who reaches everything."""
    if rights is None:
        return _Everything(frozenset(), frozenset(), None, None)
    own = owners_of(session, rights.employees_in(Scope.OWN)) | {rights.user_id}
    viewed = users_in_reach(session, rights, OBJECT, "view")
    return Reach(own, rights.roles, viewed, users_in_reach(session, rights, OBJECT, "edit"))


def require_view(session: Session, rights: Rights | None, key: str) -> None:
    """Raises `CrmError` for a segment that is not there or not shown to him, which are told alike."""
    _seen(session, rights, key)


def require_edit(session: Session, rights: Rights | None, key: str) -> None:
    """Raises `CrmError` for a segment that he does not see or may not change."""
    row, reached = _seen(session, rights, key)
    if not reached.edits(row):
        raise CrmError("segment_out_of_reach")


def require_list_edit(session: Session, rights: Rights | None, key: str) -> None:
    """Raises `CrmError` for a list that he does not see or may not change."""
    row, reached = session.get(CustomerList, key), reach(session, rights)
    if row is None or not reached.sees(row):
        raise CrmError("list_unknown", list=key)
    if not reached.edits(row):
        raise CrmError("segment_out_of_reach")


def may_edit(session: Session, rights: Rights | None, key: str) -> bool:
    """Whether he may change this segment."""
    row = session.get(Segment, key)
    return row is not None and reach(session, rights).edits(row)


def _seen(session: Session, rights: Rights | None, key: str) -> tuple[Segment, Reach]:
    row, reached = session.get(Segment, key), reach(session, rights)
    if row is None or not reached.sees(row):
        raise CrmError("segment_unknown", segment=key)
    return row, reached


class _Everything(Reach):
    def sees(self, row: Shared) -> bool:
        return True

    def edits(self, row: Shared) -> bool:
        return True
