"""Files of scheduled exports."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import FileResponse

from apps.api.access import Client, Known
from apps.api.problems import Problem, _
from apps.data.exports import ExportFile, export_file, export_files, shows_no_more
from crm.services.audit import AuditKind, Entry, record
from vitrina.access.looks import Purpose

router = APIRouter(tags=["exports"])


@router.get("/exports")
def exports(client: Known) -> list[dict[str, Any]]:
    """Every configured export with its newest file, and whether you may take it."""
    client.needs("exports")
    client.needs_right("exports", "view")
    reader = client.reader(Purpose.EXPORT)
    return [
        {
            "name": each.spec.name,
            "table": each.spec.source,
            "format": each.spec.suffix,
            "file": each.manifest.file if each.manifest else None,
            "rows": each.manifest.rows if each.manifest else None,
            "sha256": each.manifest.sha256 if each.manifest else None,
            "made_at": each.manifest.created_at if each.manifest else None,
            "may_download": each.path is not None and shows_no_more(each.spec, reader),
        }
        for each in export_files(client.services.settings)
    ]


@router.get("/exports/{name}/file")
def download(client: Known, name: str) -> FileResponse:
    """The newest file, for who may see all that is in it; written to the audit log before it is sent."""
    client.needs("exports")
    client.needs_right("exports", "export")
    found = export_file(client.services.settings, name)
    if found.path is None:
        raise Problem(404, "no_file", _("There is no file yet."))
    if not shows_no_more(found.spec, client.reader(Purpose.EXPORT)):
        _note(client, found, AuditKind.REFUSED)
        raise Problem(403, "too_much", _("The file holds more than your role may export."))
    _note(client, found, AuditKind.EXPORT)
    return FileResponse(found.path, filename=found.path.name)


def _note(client: Client, found: ExportFile, kind: AuditKind) -> None:
    details = {"what": "export_file", "file": found.path.name if found.path else "", "export": found.spec.name}
    with client.services.database.begin() as session:
        record(session, client.actor, Entry(kind, "exports", found.spec.name, details=details), client.services.now())
