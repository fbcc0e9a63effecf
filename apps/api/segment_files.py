"""Files of the segment workspace: members that were taken out, and rows of a list that found no customer."""

from fastapi import APIRouter
from starlette.responses import FileResponse

from apps.api.access import Client, Known
from apps.api.problems import Problem, _
from apps.data.member_files import files
from crm.services import segments
from crm.services.audit import AuditKind, Entry, record
from vitrina.lists.upload import unmatched_path

router = APIRouter(tags=["segments"])


@router.get("/segment-files/{token}")
def member_file(client: Known, token: str) -> FileResponse:
    """A file that you had made, while it is kept; that it was taken is written down before it is sent."""
    client.needs("exports")
    client.needs_right("segments", "export")
    found = files.find(token[:100], client.actor.user_id or 0)
    if found is None or found.receipt is None or not found.path.exists():
        raise Problem(404, "no_file", _("There is no file yet."))
    name = found.receipt.taken.file_name
    _note(client, found.receipt.taken.segment or "", {"what": "segment_file", "receipt": found.receipt.receipt_id})
    return FileResponse(found.path, filename=name)


@router.get("/customer-lists/{key}/unmatched")
def unmatched(client: Known, key: str) -> FileResponse:
    """The rows of an uploaded list that found no customer, with the reasons; for who may change the list."""
    client.needs("exports")
    client.needs_right("segments", "edit")
    with client.services.database.read() as session:
        segments.require_list_edit(session, client.rights, key)
        known = segments.list_info(session, key)
    path = unmatched_path(client.services.settings.home, known.key)
    if not path.exists():
        raise Problem(404, "no_file", _("There is no file yet."))
    _note(client, known.key, {"what": "list_unmatched", "list": known.key})
    return FileResponse(path, filename=f"{known.key}.csv")


def _note(client: Client, subject: str, details: dict[str, str]) -> None:
    with client.services.database.begin() as session:
        entry = Entry(AuditKind.EXPORT, "segments", subject, details=details)
        record(session, client.actor, entry, client.services.now())
