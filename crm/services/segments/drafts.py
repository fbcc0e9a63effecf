"""Writing segments: a new one, changes of its open version, an old version brought back. Nothing published changes."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import SEGMENT_KEYS, one_at_a_time
from crm.errors import CrmError
from crm.models import CustomerList, Segment, SegmentVersion
from crm.services.actor import Actor, printable
from crm.services.segments.checking import Author, checked
from crm.services.segments.keys import checked_key, new_key
from crm.services.segments.stored import info, locked, newest, open_version
from crm.services.segments.values import Schedule, SegmentInfo, Sharing, Status, VersionState
from crm.services.versioned import lines, named, note, rewrite, set_given, touch
from segments.definition import Definition, dump, fingerprint, parse, used_segments


def create_draft(
    session: Session, name: str, document: Mapping[str, Any] | str, actor: Actor, now: dt.datetime, *, author: Author,
    folder: str = "", tags: Iterable[str] = (), description: str = "", key: str = "", owner_id: int | None = None,
) -> SegmentInfo:  # fmt: skip
    """A new segment of the actor's (or of `owner_id`), as version 1 in draft. Its key is made of the name unless given.

    It is private; one that a command made for nobody is shared with all, since nobody would see it otherwise.

    Raises `CrmError`, and `DefinitionError` for a document that cannot be used.
    """
    one_at_a_time(session, SEGMENT_KEYS)
    own_key, title = _free_key(session, key, named(name)), named(name)
    owner = actor.user_id if owner_id is None else owner_id
    definition, schedule = checked(session, own_key, document, author), Schedule()
    row = Segment(
        key=own_key, name=title, description=lines(description), folder=foldered(folder), tags=tagged(tags),
        owner_id=owner, sharing=Sharing.ALL if owner is None else Sharing.PRIVATE, shared_roles=[],
        status=Status.DRAFT, published=None,
        revision=1, held=False, held_values={}, schedule_mode=schedule.mode, schedule_days=[],
        schedule_time=schedule.time, schedule_timezone=schedule.timezone, scheduled_at=now, created_at=now,
        updated_at=now, updated_by=printable(actor.login, 64),
    )  # fmt: skip
    session.add(row)
    session.flush()
    version = _add_version(session, row, definition, actor, now)
    note(session, row, actor, now, "segment_created", version=version.number, fingerprint=version.fingerprint)
    return info(session, own_key)


def save_draft(
    session: Session, key: str, actor: Actor, now: dt.datetime, *, base: int, author: Author | None = None,
    document: Mapping[str, Any] | str | None = None, name: str | None = None, description: str | None = None,
    folder: str | None = None, tags: Iterable[str] | None = None, reason: str = "",
) -> SegmentInfo:  # fmt: skip
    """Change what is given, based on the revision that the writer had before him.

    A changed document goes into the open version, and takes back a review of it; after a publication it begins the next
    one. Raises `CrmError` when somebody saved in the meantime: then nothing is changed.
    """
    row = _based_on(session, key, base)
    changed = _texts_changed(row, name, description, folder, tags)
    details: dict[str, Any] = {}
    if document is not None:
        if author is None:
            raise ValueError("a document is saved on behalf of an author")
        present = newest(session, key)
        definition = checked(session, key, document, author, used_segments(parse(present.document)))
        if dump(definition) != present.document:
            details = _written(session, row, present, definition, actor, now, reason)
            changed.append("document")
    if not changed:
        return info(session, key)
    touch(row, actor, now)
    note(session, row, actor, now, "segment_saved", reason, fields=changed, **details)
    return info(session, key)


def restore(
    session: Session, key: str, number: int, actor: Actor, now: dt.datetime, *, base: int, author: Author,
    reason: str = "",
) -> SegmentInfo:  # fmt: skip
    """Bring an old version back as the next draft; an open one before it is kept as it is, below it."""
    row = _based_on(session, key, base)
    older = session.get(SegmentVersion, (key, number))
    if older is None:
        raise CrmError("segment_version_unknown", version=number)
    definition = checked(session, key, older.document, author, used_segments(parse(older.document)))
    version = _add_version(session, row, definition, actor, now, reason, older.number)
    touch(row, actor, now)
    note(session, row, actor, now, "version_restored", reason, restored=number, version=version.number)
    return info(session, key)


def foldered(folder: str) -> str:
    """A folder's path in one spelling: names between single slashes."""
    return printable("/".join(part.strip() for part in folder.split("/") if part.strip()), 200)


def tagged(tags: Iterable[str]) -> list[str]:
    """Tags without blanks around them, each once."""
    return sorted({shown for tag in tags if (shown := printable(tag.strip(), 60))})


def _free_key(session: Session, wanted: str, name: str) -> str:
    taken = set(session.scalars(select(Segment.key)))
    if not wanted:
        # Lists and segments are told apart by their pages, yet one word should mean one thing.
        return new_key(name, taken | set(session.scalars(select(CustomerList.key))), "segment")
    if checked_key(wanted) in taken:
        raise CrmError("segment_key_taken", key=wanted)
    return wanted


def _based_on(session: Session, key: str, base: int) -> Segment:
    row = locked(session, key)
    if row.revision != base:
        raise CrmError("segment_changed", login=row.updated_by)
    return row


def _texts_changed(
    row: Segment, name: str | None, description: str | None, folder: str | None, tags: Iterable[str] | None
) -> list[str]:
    wanted = {
        "name": None if name is None else named(name),
        "description": None if description is None else lines(description),
        "folder": None if folder is None else foldered(folder),
        "tags": None if tags is None else tagged(tags),
    }
    return set_given(row, wanted)


def _written(
    session: Session, row: Segment, present: SegmentVersion, definition: Definition, actor: Actor, now: dt.datetime,
    reason: str,
) -> dict[str, Any]:  # fmt: skip
    before, version = present.fingerprint, open_version(session, row.key)
    if version is None:
        version = _add_version(session, row, definition, actor, now, reason)
    else:
        rewrite(version, dump(definition), fingerprint(definition), actor, now, reason)
        version.state, version.verdict = VersionState.DRAFT, None
    return {"version": version.number, "from": before, "to": version.fingerprint}


def _add_version(
    session: Session, row: Segment, definition: Definition, actor: Actor, now: dt.datetime, reason: str = "",
    restored_from: int | None = None,
) -> SegmentVersion:  # fmt: skip
    query = select(SegmentVersion.number).where(SegmentVersion.segment_key == row.key)
    login = printable(actor.login, 64)
    version = SegmentVersion(
        segment_key=row.key, number=max(session.scalars(query), default=0) + 1, document=dump(definition),
        fingerprint=fingerprint(definition), state=VersionState.DRAFT, author_id=actor.user_id, author_login=login,
        editors=[login], reason=printable(reason, 2000), at=now, restored_from=restored_from,
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version
