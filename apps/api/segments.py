"""Segments by HTTP: lists, drafts, versions, review, tests, publication, archive.

Sharing, schedules and runs are `segment_upkeep`; what one can ask of a definition is `segment_questions`. A caller has
the token scope `segments` and the right of his role.
"""

from typing import Annotated

from fastapi import APIRouter, Query

from apps.api import segment_forms as forms
from apps.api.access import Client, Known
from apps.api.segment_access import Form, changing, form_of, looking, writer
from apps.data.segment_catalogue import author
from crm.services import segments
from crm.services.accounts import user_by_login
from crm.services.segments import Filter, Status, Verdict
from segments.definition import parse
from segments.errors import DefinitionError
from vitrina.access.looks import Purpose

router = APIRouter(tags=["segments"])
Word = Annotated[str, Query(max_length=200)]


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
        return [form_of(client, each) for each in segments.segments(session, client.rights, wanted)]


@router.post("/segments", status_code=201)
def create(client: Known, body: forms.NewSegment) -> Form:
    """A new segment of yours, private, as a draft."""
    who = writer(client)
    with changing(client) as change:
        made = segments.create_draft(
            change.session, body.name, body.definition, change.actor, change.now, author=who,
            folder=body.folder, tags=body.tags, description=body.description, key=body.key,
        )  # fmt: skip
        return form_of(client, made)


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
    return {**form_of(client, found), "definition": forms.plain(newest.document), "may_edit": editable}


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
        return form_of(client, saved)


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
        return form_of(client, restored)


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
        return form_of(client, published)


@router.post("/segments/{key}/archive")
def archive(client: Known, key: str, body: forms.Why) -> Form:
    """Put a segment away. 409 while another stands on it or it runs on a schedule."""
    with changing(client, key) as change:
        return form_of(client, segments.archive(change.session, key, change.actor, change.now, body.reason))


@router.post("/segments/{key}/bring-back")
def bring_back(client: Known, key: str, body: forms.Why) -> Form:
    """Take a segment out of the archive."""
    with changing(client, key) as change:
        return form_of(client, segments.bring_back(change.session, key, change.actor, change.now, body.reason))


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
