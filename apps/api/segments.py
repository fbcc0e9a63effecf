"""Segments by HTTP: lists, drafts, versions, review, publication, sharing, schedules, tests, runs, receipts.

What one can ask of a definition is `segment_questions`. A caller needs the token scope `segments` and his role's right.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from apps.api import segment_forms as forms
from apps.api.access import Client, Known
from apps.api.problems import Problem, _
from apps.data.segment_catalogue import author
from crm.services import segments
from crm.services.accounts import user_by_login
from crm.services.actor import Actor
from crm.services.segments import Author, Filter, SegmentInfo, Status, Verdict
from segments.definition import parse
from segments.errors import DefinitionError
from vitrina.access.looks import Purpose

router = APIRouter(tags=["segments"])
Form = dict[str, Any]
Word = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Change:
    """A transaction in which a caller changes something."""

    session: Session
    actor: Actor
    now: dt.datetime


def looking(client: Client) -> None:
    """Raises `Problem` unless the caller may look at segments."""
    client.needs("segments")
    client.needs_right("segments", "view")


@contextmanager
def changing(client: Client, key: str | None = None) -> Iterator[Change]:
    """A change by the caller, of the segment `key` when there is one. Raises `Problem`, `CrmError`."""
    looking(client)
    if client.rights.acting_for is not None:
        raise Problem(403, "viewing_only", _("You are looking through another person's eyes: nothing can be changed."))
    client.needs_right("segments", "edit")
    with client.services.database.begin() as session:
        if key is not None:
            segments.require_edit(session, client.rights, key)
        yield Change(session, client.actor, client.services.now())


def writer(client: Client) -> Author:
    """The caller as one who writes definitions; made before a change begins, since the gate writes refusals down itself
    and SQLite has one writer at a time."""
    looking(client)
    return author(client.reader(Purpose.API))


@router.get("/segments")
def listed(
    client: Known, folder: Word | None = None, tag: Word = "", owner: Word = "", text: Word = "",
    status: Status | None = None, archived: bool = False,
) -> list[Form]:  # fmt: skip
    """Segments that you see, by name. `folder` includes those below it; `text` is searched in names and more."""
    looking(client)
    with client.services.database.read() as session:
        owner_id = user_by_login(session, owner).user_id if owner else None
        wanted = Filter(folder, tag, owner_id, text, status, archived)
        return [_form(client, each) for each in segments.segments(session, client.rights, wanted)]


@router.post("/segments", status_code=201)
def create(client: Known, body: forms.NewSegment) -> Form:
    """A new segment of yours, private, as a draft."""
    who = writer(client)
    with changing(client) as change:
        made = segments.create_draft(
            change.session, body.name, body.definition, change.actor, change.now, author=who,
            folder=body.folder, tags=body.tags, description=body.description, key=body.key,
        )  # fmt: skip
        return _form(client, made)


@router.get("/segment-folders")
def folders(client: Known) -> Form:
    """Folders and tags in use, with the number of segments that you see in each."""
    looking(client)
    with client.services.database.read() as session:
        found, tags = segments.folders(session, client.rights), segments.tags(session, client.rights)
    return {"folders": found, "tags": tags}


@router.get("/segments/{key}")
def one(client: Known, key: str) -> Form:
    """A segment with its newest definition; `revision` is what a change is based on."""
    looking(client)
    with client.services.database.read() as session:
        found = segments.segment(session, client.rights, key)
        newest = segments.version(session, key)
        editable = segments.may_edit(session, client.rights, key)
    return {**_form(client, found), "definition": forms.plain(newest.document), "may_edit": editable}


@router.patch("/segments/{key}")
def update(client: Known, key: str, body: forms.Changes) -> Form:
    """Change a segment's draft, name, folder, tags. 409 when somebody saved since your `base`."""
    who = writer(client) if body.definition is not None else None
    with changing(client, key) as change:
        saved = segments.save_draft(
            change.session, key, change.actor, change.now, base=body.base, author=who, document=body.definition,
            name=body.name,
            description=body.description, folder=body.folder, tags=body.tags, reason=body.reason,
        )  # fmt: skip
        return _form(client, saved)


@router.get("/segments/{key}/versions")
def versions(client: Known, key: str) -> list[Form]:
    """Every version with its definition, newest first."""
    looking(client)
    with client.services.database.read() as session:
        segments.require_view(session, client.rights, key)
        return [forms.version_form(each, client.rights) for each in segments.versions(session, key)]


@router.get("/segments/{key}/versions/{number}")
def version(client: Known, key: str, number: int) -> Form:
    """One version."""
    looking(client)
    with client.services.database.read() as session:
        segments.require_view(session, client.rights, key)
        return forms.version_form(segments.version(session, key, number), client.rights)


@router.post("/segments/{key}/versions/{number}/restore")
def restore(client: Known, key: str, number: int, body: forms.Restored) -> Form:
    """An old version as the next draft."""
    who = writer(client)
    with changing(client, key) as change:
        restored = segments.restore(
            change.session, key, number, change.actor, change.now, base=body.base, author=who,
            reason=body.reason,
        )  # fmt: skip
        return _form(client, restored)


@router.post("/segments/{key}/review")
def review(client: Known, key: str, body: forms.Review) -> Form:
    """Ask for a review of the draft; its tests and its difference to the published version go with it."""
    verdict = tried(client, key)
    with changing(client, key) as change:
        reviewer = user_by_login(change.session, body.reviewer).user_id if body.reviewer else None
        asked = segments.request_review(
            change.session, key, change.actor, change.now, verdict, reviewer_id=reviewer, reason=body.reason
        )
        return forms.version_form(asked, client.rights)


@router.post("/segments/{key}/approve")
def approve(client: Known, key: str, body: forms.Comment) -> Form:
    """Agree with the version in review; not with what you wrote yourself."""
    with changing(client, key) as change:
        approved = segments.approve(change.session, key, change.actor, change.now, body.comment)
        return forms.version_form(approved, client.rights)


@router.post("/segments/{key}/return")
def give_back(client: Known, key: str, body: forms.Comment) -> Form:
    """Send the version in review back to its author, saying why."""
    with changing(client, key) as change:
        returned = segments.return_review(change.session, key, change.actor, change.now, body.comment)
        return forms.version_form(returned, client.rights)


@router.post("/segments/{key}/publish")
def publish(client: Known, key: str, body: forms.Why) -> Form:
    """Run the tests of the draft and make it the version that counts."""
    verdict, who = tried(client, key), writer(client)
    with changing(client, key) as change:
        published = segments.publish_version(
            change.session, key, change.actor, change.now, body.reason, author=who, verdict=verdict,
            options=client.services.settings.segments,
        )  # fmt: skip
        return _form(client, published)


@router.post("/segments/{key}/archive")
def archive(client: Known, key: str, body: forms.Why) -> Form:
    """Put a segment away. 409 while another stands on it or it runs on a schedule."""
    with changing(client, key) as change:
        return _form(client, segments.archive(change.session, key, change.actor, change.now, body.reason))


@router.post("/segments/{key}/bring-back")
def bring_back(client: Known, key: str, body: forms.Why) -> Form:
    """Take a segment out of the archive."""
    with changing(client, key) as change:
        return _form(client, segments.bring_back(change.session, key, change.actor, change.now, body.reason))


@router.get("/segments/{key}/fixtures")
def fixtures(client: Known, key: str) -> list[Form]:
    """Customers who have to be in the segment, or out of it."""
    looking(client)
    with client.services.database.read() as session:
        segments.require_view(session, client.rights, key)
        return [forms.plain(each) for each in segments.fixtures(session, key)]


@router.put("/segments/{key}/fixtures")
def set_fixtures(client: Known, key: str, body: forms.Fixtures) -> list[Form]:
    """Make these the tests of the segment."""
    with changing(client, key) as change:
        wanted = [each.value() for each in body.fixtures]
        kept = segments.set_fixtures(change.session, key, wanted, change.actor, change.now, body.reason)
        return [forms.plain(each) for each in kept]


@router.post("/segments/{key}/fixtures/run")
def run_fixtures(client: Known, key: str) -> Form:
    """How the tests of the newest version go over the customers that you see, and who would enter and leave."""
    looking(client)
    verdict = tried(client, key)
    with client.services.database.read() as session:
        known = segments.fixtures(session, key)
    told = [{**forms.plain(each), "is_in": each.customer_id in verdict.inside} for each in known]
    passed = all(each["is_in"] == each["expected_in"] for each in told)
    return {"passed": passed, "fixtures": told, "difference": dict(verdict.difference)}


@router.put("/segments/{key}/sharing")
def share(client: Known, key: str, body: forms.SharingBody) -> Form:
    """Show a segment to nobody else, to people of roles, or to all."""
    with changing(client, key) as change:
        shared = segments.share(
            change.session, key, body.sharing, body.roles, change.actor, change.now, body.reason
        )  # fmt: skip
        return _form(client, shared)


@router.put("/segments/{key}/schedule")
def schedule(client: Known, key: str, body: forms.ScheduleBody) -> Form:
    """When the segment runs."""
    with changing(client, key) as change:
        return _form(
            client, segments.set_schedule(change.session, key, body.value(), change.actor, change.now, body.reason)
        )


@router.put("/segments/{key}/alarm")
def alarm(client: Known, key: str, body: forms.AlarmBody) -> Form:
    """The segment's own limits of the size alarm."""
    with changing(client, key) as change:
        return _form(
            client, segments.set_alarm(change.session, key, body.value(), change.actor, change.now, body.reason)
        )


@router.post("/segments/{key}/release")
def release(client: Known, key: str, body: forms.Why) -> Form:
    """Let a segment that was held back for its size be used again, saying why."""
    with changing(client, key) as change:
        return _form(client, segments.release(change.session, key, change.actor, change.now, body.reason))


@router.get("/segments/{key}/runs")
def runs(client: Known, key: str, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[Form]:
    """How the segment ran, newest first; figures for who sees all customers."""
    looking(client)
    with client.services.database.read() as session:
        segments.require_view(session, client.rights, key)
        return [forms.run_form(each, client.rights) for each in segments.runs(session, key, limit)]


@router.get("/segment-exports")
def receipts(client: Known, segment: Annotated[str | None, Query(max_length=80)] = None) -> list[Form]:
    """Receipts of members taken out: yours, and those of segments that you may change."""
    looking(client)
    with client.services.database.read() as session:
        return [forms.plain(each) for each in segments.exports(session, client.rights, segment)]


@router.get("/segment-exports/{receipt}/verify")
def verify(client: Known, receipt: str, sha256: Annotated[str | None, Query(max_length=64)] = None) -> Form:
    """Whether a receipt still holds, against the audit log and, by its SHA-256, a file."""
    looking(client)
    with client.services.database.read() as session:
        found = segments.verify(session, client.rights, receipt, sha256)
    return {**forms.plain(found), "holds": found.holds}


@router.get("/customer-lists")
def customer_lists(client: Known) -> list[Form]:
    """Uploaded lists that you see."""
    looking(client)
    with client.services.database.read() as session:
        return [forms.plain(each) for each in segments.lists(session, client.rights)]


def tried(client: Client, key: str) -> Verdict:
    """The tests and the difference of the newest version over the customers that the caller sees. Raises `CrmError`."""
    looking(client)
    with client.services.database.read() as session:
        segments.require_view(session, client.rights, key)
        newest, before = segments.version(session, key), segments.published_version(session, key)
        known, others = segments.fixtures(session, key), segments.definitions(session)
    reader = client.reader(Purpose.API)
    definition, who = parse(newest.document), author(reader)
    if wrong := segments.hidden_in(definition, others, who):
        raise DefinitionError(wrong)
    published = parse(before.document) if before is not None else None
    with reader.cursor() as cursor:
        return segments.verdict(cursor, definition, published, known, who, others)


def _form(client: Client, info: SegmentInfo) -> Form:
    return forms.segment_form(info, client.rights)
