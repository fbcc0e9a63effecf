"""Media plans and the agency's files by HTTP."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse

from apps.api.access import Client, Known
from apps.api.campaign_forms import Form, MediaPlan, Why
from apps.api.problems import speaker_of
from apps.api.receiving import receive, uploads
from apps.api.segment_forms import plain
from apps.api.signal_access import changing, looking
from apps.data.agency_brief import write_brief
from crm.campaign_messages import ROW_PROBLEMS
from crm.services.campaigns import access, media
from crm.services.campaigns.agency_files import Refused
from vitrina.i18n import Translator
from vitrina.lists.reading import form_of, rows

router = APIRouter(tags=["campaigns"])
SUBJECT = "campaigns"
# Agencies send tables of a few thousand rows.
_LARGEST = 20 << 20
FileName = Annotated[str, Query(min_length=1, max_length=200)]


@router.get("/campaigns/{key}/media-plan")
def media_plan(client: Known, key: str) -> list[Form]:
    """The placements of a campaign, each beside what the agency reported."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        return [
            {**plain(each), "reach_pct": each.reach_pct, "cost_pct": each.cost_pct}
            for each in media.plan_fact(session, key)
        ]


@router.put("/campaigns/{key}/media-plan")
def set_media_plan(client: Known, key: str, body: MediaPlan) -> list[Form]:
    """Make these the placements of a campaign."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        found = media.set_media_plan(
            change.session, key, [each.value() for each in body.lines], change.actor, change.now, base=body.base,
            reason=body.reason,
        )  # fmt: skip
        return plain(found)  # type: ignore[no-any-return]


@router.post("/campaigns/{key}/media-plan/file")
async def load_plan(client: Known, request: Request, key: str, base: int, file_name: FileName = "plan.xlsx") -> Form:
    """The media plan from the agency's file (XLSX, CSV), sent as the body: all of it, or, when a row is refused,
    nothing but the refusals with row and field."""

    def take(path: Path) -> Form:
        with changing(client, SUBJECT) as change:
            access.require_edit(change.session, client.rights, key)
            lines, refused = media.load_media_plan(
                change.session, key, file_name, rows(form_of(path)), change.actor, change.now, base=base
            )
        return {"lines": plain(lines), "refused": _told(refused, file_name, speaker_of(request))}

    return await _received(client, request, take)


@router.get("/campaigns/{key}/brief")
def brief(client: Known, request: Request, key: str) -> FileResponse:
    """The brief for the agency as an Excel workbook, with the media plan below it to be filled in and sent back."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        told, lines = media.brief(session, key), media.media_plan(session, key)
    folder = Path(tempfile.mkdtemp(dir=uploads(client)))
    path = folder / f"{key}-brief.xlsx"
    write_brief(path, told, lines, speaker_of(request))
    return FileResponse(path, filename=path.name, background=BackgroundTask(shutil.rmtree, folder, True))


@router.get("/campaigns/{key}/agency-reports")
def reports(client: Known, key: str) -> list[Form]:
    """The agency's files: received rows are those accepted and those kept aside."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        access.require_view(session, client.rights, key)
        return plain(media.reports(session, key))  # type: ignore[no-any-return]


@router.post("/campaigns/{key}/agency-reports", status_code=201)
async def load_report(client: Known, request: Request, key: str, file_name: FileName = "report.xlsx") -> Form:
    """Take a report of the agency (XLSX, CSV), sent as the body. Rows that cannot be counted are told with row and
    field, and kept; the others count once."""

    def take(path: Path) -> Form:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        with changing(client, SUBJECT) as change:
            access.require_edit(change.session, client.rights, key)
            found = media.load_report(
                change.session, key, file_name, digest, rows(form_of(path)), change.actor, change.now
            )
            wrong = media.quarantine(change.session, found.report_id)
        return {**plain(found), "refused": _told(wrong, file_name, speaker_of(request))}

    return await _received(client, request, take)


@router.post("/campaigns/{key}/agency-reports/{report_id}/withdraw")
def withdraw(client: Known, key: str, report_id: int, body: Why) -> Form:
    """Count nothing of a report any more."""
    with changing(client, SUBJECT) as change:
        access.require_edit(change.session, client.rights, key)
        media.require_report_of(change.session, key, report_id)
        return plain(  # type: ignore[no-any-return]
            media.withdraw_report(change.session, report_id, change.actor, change.now, body.reason)
        )


@router.post("/campaigns/{key}/agency-reports/{report_id}/book")
def book(client: Known, key: str, report_id: int) -> Form:
    """Spend what a report says that placements cost from the campaign's budget."""
    with changing(client, SUBJECT, "administer") as change:
        access.require_view(change.session, client.rights, key)
        media.require_report_of(change.session, key, report_id)
        return {"booked": plain(media.book_costs(change.session, report_id, change.actor, change.now))}


async def _received(client: Client, request: Request, take: Callable[[Path], Form]) -> Form:
    with tempfile.TemporaryDirectory(dir=uploads(client)) as folder:
        path = Path(folder) / "file"
        await receive(request, path, _LARGEST)
        return await run_in_threadpool(take, path)


def _told(refused: list[Refused], file: str, say: Translator) -> list[dict[str, Any]]:
    return [
        {"file": file, "row": each.row, "field": each.field, "problem": each.problem,
         "message": say.text(ROW_PROBLEMS[each.problem], **each.values)}
        for each in refused
    ]  # fmt: skip
