"""What surrounds a definition by HTTP: sharing, schedule, alarm, runs; receipts of files, uploaded lists, notices."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from apps.api import segment_forms as forms
from apps.api.access import Known
from apps.api.problems import Problem, _, speaker_of
from apps.api.segment_access import Form, changing, form_of, looking
from apps.data.segment_runs import run_now
from crm.services import notices, segments

router = APIRouter(tags=["segments"])


class Read(forms.Body):
    """Numbers of notices; none: all."""

    notices: Annotated[list[int], Field(max_length=1000)] | None = None


@router.put("/segments/{key}/sharing")
def share(client: Known, key: str, body: forms.SharingBody) -> Form:
    """Show a segment to nobody else, to people of roles, or to all."""
    with changing(client, key) as change:
        shared = segments.share(
            change.session, key, body.sharing, body.roles, change.actor, change.now, body.reason
        )  # fmt: skip
        return form_of(client, shared)


@router.put("/segments/{key}/schedule")
def schedule(client: Known, key: str, body: forms.ScheduleBody) -> Form:
    """When the segment runs."""
    with changing(client, key) as change:
        return form_of(
            client, segments.set_schedule(change.session, key, body.value(), change.actor, change.now, body.reason)
        )


@router.put("/segments/{key}/alarm")
def alarm(client: Known, key: str, body: forms.AlarmBody) -> Form:
    """The segment's own limits of the size alarm."""
    with changing(client, key) as change:
        return form_of(
            client, segments.set_alarm(change.session, key, body.value(), change.actor, change.now, body.reason)
        )


@router.post("/segments/{key}/release")
def release(client: Known, key: str, body: forms.Why) -> Form:
    """Let a segment that was held back for its size be used again, saying why."""
    with changing(client, key) as change:
        return form_of(client, segments.release(change.session, key, change.actor, change.now, body.reason))


@router.get("/segments/{key}/runs")
def runs(client: Known, key: str, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[Form]:
    """How the segment ran, newest first; figures for who sees all customers."""
    looking(client)
    with client.services.database.read() as session:
        segments.require_view(session, client.rights, key)
        return [forms.run_form(each, client.rights) for each in segments.runs(session, key, limit)]


@router.post("/segments/{key}/runs", status_code=201)
def run(client: Known, key: str) -> Form:
    """Compute the published segment now, on what is published; the answer is how it went."""
    with changing(client, key) as change:
        info = segments.segment(change.session, client.rights, key)
    if info.published is None:
        raise Problem(409, "not_published", _("Publish the segment first: only what is published is computed."))
    run_now(client.services, key)
    with client.services.database.read() as session:
        return forms.run_form(segments.runs(session, key, 1)[0], client.rights)


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


@router.get("/notices")
def told(client: Known, request: Request, unread: bool = False) -> list[Form]:
    """What the product has to tell you, newest first, in the language that you ask for."""
    looking(client)
    say = speaker_of(request)
    with client.services.database.read() as session:
        found = notices.notices(session, client.rights.user_id, unread=unread)
    return [{**forms.plain(each), "text": say.text(each.text, **each.values)} for each in found]


@router.post("/notices/read")
def read(client: Known, body: Read) -> Form:
    """Mark notices as read: those of these numbers, or all."""
    looking(client)
    if client.rights.acting_for is not None:
        raise Problem(403, "viewing_only", _("You are looking through another person's eyes: nothing can be changed."))
    with client.services.database.begin() as session:
        now = client.services.now()
        return {"read": notices.read_notices(session, client.rights.user_id, now, body.notices)}
