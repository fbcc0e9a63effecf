"""Who sees which signals and tasks, and who decides: whose customers they are about, and how far his right reaches.

A signal is seen by who has to act on it and by the account manager of its customer, by whoever stands in for one of
them, and by heads above them; one that nobody has to act on by heads of the customer's region.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Signal, SignalRule, Task
from crm.services.reach import users_in_reach
from vitrina.access.rights import Rights, Scope

RULES = "signal_rules"


@dataclass(frozen=True)
class Span:
    """How far one right reaches. `employees` None is everybody."""

    employees: frozenset[str] | None = frozenset()
    regions: frozenset[str] = frozenset()
    users: frozenset[int] = frozenset()
    allowed: bool = False

    def signals(self) -> ColumnElement[bool]:
        """The signals in it, as a condition."""
        return self._about(Signal, Signal.owner_id)

    def tasks(self) -> ColumnElement[bool]:
        """The tasks in it, as a condition; whoever wrote a task keeps seeing it."""
        about = self._about(Task, Task.assignee_id)
        return or_(about, Task.author_id.in_(self.users)) if self.allowed else false()

    def holds(self, owner: str | None, manager: str | None, region: str | None, author: int | None = None) -> bool:
        """Whether one signal or task is in it."""
        if not self.allowed:
            return False
        if self.employees is None or (author is not None and author in self.users):
            return True
        if owner in self.employees or manager in self.employees:
            return True
        return owner is None and region in self.regions

    def reaches(self, employee_id: str) -> bool:
        """Whether an employee is in it."""
        return self.allowed and (self.employees is None or employee_id in self.employees)

    def _about(self, table: Any, owner: Any) -> ColumnElement[bool]:
        if not self.allowed:
            return false()
        if self.employees is None:
            return true()
        people = list(self.employees)
        pool = and_(owner.is_(None), table.region_code.in_(list(self.regions)))
        return or_(owner.in_(people), table.manager_id.in_(people), pool)


@dataclass(frozen=True)
class Reach:
    """What one person may look at and change. `own` are the employees that he is or stands in for."""

    viewed: Span
    edited: Span
    own: frozenset[str] = frozenset()
    user_id: int | None = None


EVERYTHING = Reach(Span(None, allowed=True), Span(None, allowed=True))


def reach(rights: Rights | None, subject: str = "signals") -> Reach:
    """The reach of a person among `signals` or `tasks`; None is the machine's own administrator."""
    if rights is None:
        return EVERYTHING
    # Who looks through another's eyes changes nothing, whatever that other may do.
    edited = Span() if rights.acting_for is not None else _span(rights, subject, "edit")
    return Reach(_span(rights, subject, "view"), edited, rights.employees_in(Scope.OWN), rights.user_id)


def _span(rights: Rights, subject: str, action: str) -> Span:
    scope = rights.scope(subject, action)
    if scope is None:
        return Span()
    mine = frozenset({rights.user_id})
    if scope is Scope.ALL:
        return Span(None, users=mine, allowed=True)
    return Span(rights.employees_in(scope), rights.regions_in(scope), mine, allowed=True)


def require_rule_view(session: Session, rights: Rights | None, key: str) -> SignalRule:
    """The row of a rule. Raises `CrmError` for one that is not there, or nobody may show him: told alike."""
    row = session.get(SignalRule, key)
    if row is None or (rights is not None and not _sees(session, rights, row)):
        raise CrmError("rule_unknown", rule=key[:80])
    return row


def require_rule_edit(session: Session, rights: Rights | None, key: str) -> None:
    """Raises `CrmError` for a rule that he may not change."""
    row = require_rule_view(session, rights, key)
    if rights is not None and not _reaches(session, rights, "edit", row):
        raise CrmError("rule_out_of_reach")


def require_rule_release(session: Session, rights: Rights | None, key: str) -> None:
    """Raises `CrmError` for who may not put this rule on trial or in use: that takes the right to administer rules."""
    row = require_rule_view(session, rights, key)
    if rights is not None and not _reaches(session, rights, "administer", row):
        raise CrmError("rule_release")


def may_edit_rule(session: Session, rights: Rights | None, key: str) -> bool:
    """Whether he may change this rule."""
    row = session.get(SignalRule, key)
    return row is not None and (rights is None or _reaches(session, rights, "edit", row))


def may_release_rule(session: Session, rights: Rights | None, key: str) -> bool:
    """Whether he may put this rule on trial or in use."""
    row = session.get(SignalRule, key)
    return row is not None and (rights is None or _reaches(session, rights, "administer", row))


def viewed_rules(session: Session, rights: Rights | None) -> ColumnElement[bool]:
    """The rules that a person sees, as a condition: all, when his right is wide; else those of people in it and
    those that no person owns."""
    if rights is None:
        return true()
    users = users_in_reach(session, rights, RULES, "view")
    if users is None:
        return true()
    if not rights.allows(RULES, "view"):
        return false()
    return or_(SignalRule.owner_id.is_(None), SignalRule.owner_id.in_(list(users)))


def _sees(session: Session, rights: Rights, row: SignalRule) -> bool:
    if not rights.allows(RULES, "view"):
        return False
    users = users_in_reach(session, rights, RULES, "view")
    return users is None or row.owner_id is None or row.owner_id in users


def _reaches(session: Session, rights: Rights, action: str, row: SignalRule) -> bool:
    if rights.acting_for is not None:
        return False
    users = users_in_reach(session, rights, RULES, action)
    return users is None or row.owner_id in users
