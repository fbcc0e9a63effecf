"""The register of uploaded lists: whose they are, who sees them, what was recognised. The members are with the data."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import SEGMENT_GRAPH, SEGMENT_KEYS, one_at_a_time
from crm.errors import CrmError
from crm.models import CustomerList, Segment, User
from crm.services.accounts import required
from crm.services.actor import Actor, printable
from crm.services.segments.access import reach
from crm.services.segments.keys import new_key
from crm.services.segments.life import checked_sharing, list_used_by
from crm.services.segments.values import Sharing
from crm.services.versioned import named, note
from vitrina.access.rights import Rights


@dataclass(frozen=True)
class ListFacts:
    """What an upload came to: the file, its rows, the customers found; rows by the kind of identifier that found them
    (`matched`) and, of those that found none, by reason (`unmatched`)."""

    file_name: str
    sha256: str
    rows: int
    members: int
    matched: Mapping[str, int] = field(default_factory=dict, hash=False)
    unmatched: Mapping[str, int] = field(default_factory=dict, hash=False)
    snapshot_version: int | None = None


@dataclass(frozen=True)
class ListInfo:
    """A list as the register has it."""

    key: str
    name: str
    owner_id: int | None
    owner_login: str
    sharing: Sharing
    shared_roles: tuple[str, ...]
    facts: ListFacts
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    is_archived: bool


def list_key(session: Session, name: str) -> str:
    """The key that a new list of this name would get."""
    taken = {*session.scalars(select(CustomerList.key)), *session.scalars(select(Segment.key))}
    return new_key(named(name), taken, "list")


def register_list(
    session: Session, name: str, facts: ListFacts, actor: Actor, now: dt.datetime, *, key: str = ""
) -> ListInfo:
    """A new list of the actor's, private; one that nobody owns is for all. With the `key` of a list that is there, its
    content is replaced."""
    one_at_a_time(session, SEGMENT_KEYS)
    row = session.get(CustomerList, key, with_for_update=True, populate_existing=True) if key else None
    what = "list_replaced"
    if row is None:
        what = "list_uploaded"
        row = CustomerList(
            key=key or list_key(session, name), owner_id=actor.user_id,
            sharing=Sharing.ALL if actor.user_id is None else Sharing.PRIVATE, shared_roles=[],
            created_at=now, created_by=printable(actor.login, 64),
        )  # fmt: skip
        session.add(row)
    row.name, row.updated_at, row.archived_at = named(name), now, None
    row.file_name, row.sha256 = printable(facts.file_name, 200), printable(facts.sha256, 64)
    row.rows, row.members, row.snapshot_version = facts.rows, facts.members, facts.snapshot_version
    row.matched, row.unmatched = dict(facts.matched), dict(facts.unmatched)
    details = {"rows": facts.rows, "members": facts.members, "sha256": facts.sha256}
    note(session, row, actor, now, what, "", **details)
    return list_info(session, row.key)


def lists(session: Session, rights: Rights | None, *, archived: bool = False) -> list[ListInfo]:
    """Lists that a person sees, by name."""
    reached, logins = reach(session, rights), _logins(session)
    rows = session.scalars(select(CustomerList).order_by(CustomerList.name, CustomerList.key))
    return [
        _info(row, logins) for row in rows if reached.sees(row) and (row.archived_at is not None) == archived
    ]  # fmt: skip


def list_info(session: Session, key: str) -> ListInfo:
    """One list. Raises `CrmError`."""
    row = session.get(CustomerList, key)
    if row is None:
        raise CrmError("list_unknown", list=key)
    return _info(row, _logins(session))


def share_list(
    session: Session, key: str, sharing: str, roles: Iterable[str], actor: Actor, now: dt.datetime, reason: str = ""
) -> ListInfo:
    """Show a list to nobody else, to people of roles, or to all. Raises `CrmError`."""
    row, (kind, codes) = _locked(session, key), checked_sharing(session, sharing, roles)
    if (row.sharing, row.shared_roles) != (kind, codes):
        row.sharing, row.shared_roles = kind, codes
        note(session, row, actor, now, "list_sharing", reason, sharing=kind, roles=codes)
    return list_info(session, key)


def archive_list(session: Session, key: str, actor: Actor, now: dt.datetime, reason: str) -> ListInfo:
    """Put a list away. Raises `CrmError` while a segment names it."""
    one_at_a_time(session, SEGMENT_GRAPH)
    row = _locked(session, key)
    if users := list_used_by(session, key):
        raise CrmError("list_used", segments=", ".join(users))
    row.archived_at = now
    note(session, row, actor, now, "list_archived", required(reason))
    return list_info(session, key)


def _locked(session: Session, key: str) -> CustomerList:
    row = session.get(CustomerList, key, with_for_update=True, populate_existing=True)
    if row is None or row.archived_at is not None:
        raise CrmError("list_unknown", list=key)
    return row


def _logins(session: Session) -> dict[int | None, str]:
    return {user_id: login for user_id, login in session.execute(select(User.user_id, User.login))}


def _info(row: CustomerList, logins: Mapping[int | None, str]) -> ListInfo:
    facts = ListFacts(
        row.file_name, row.sha256, row.rows, row.members, row.matched, row.unmatched, row.snapshot_version
    )
    return ListInfo(
        row.key, row.name, row.owner_id, logins.get(row.owner_id, ""), Sharing(row.sharing), tuple(row.shared_roles),
        facts, row.created_at, row.created_by, row.updated_at, row.archived_at is not None,
    )  # fmt: skip
