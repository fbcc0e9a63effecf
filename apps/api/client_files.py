"""The list of clients as a file, with the filters of its page; written to the audit log with the file's hash."""

import tempfile
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from apps.api.access import Client, Known
from apps.data import clients, row_files
from apps.data.client_health import parts_for
from apps.data.clients import ORDERS, Wanted
from apps.data.search import parse
from crm.services.audit import AuditKind, Entry, record
from vitrina.access.errors import Refused
from vitrina.access.looks import Purpose
from vitrina.access.rights import OBJECTS
from vitrina.i18n import LANGUAGES, translator

router = APIRouter(tags=["clients"])
Word = Annotated[str | None, Query(max_length=200)]
Words = Annotated[list[str] | None, Query(max_length=300)]
_FIRST = ("customer_id", "client_name")


@router.get("/clients/export")
def clients_file(
    client: Known, q: Word = None, manager: Words = None, type: Word = None, region: Word = None, segment: Word = None,
    status: Word = None, band: Literal["poor", "watch", "good"] | None = None, order: str = "charges",
    reverse: bool = False, column: Words = None, format: Literal["csv", "xlsx"] = "csv", lang: str = "ru",
) -> FileResponse:  # fmt: skip
    """Clients in your scope as a file: these columns of the profile, `health` for the index."""
    client.needs("exports")
    client.needs_right("exports", "export")
    client.needs_right("customers", "export")
    subjects = {name for name in OBJECTS if client.rights.allows(name, "view")}
    reader = client.reader(Purpose.EXPORT)
    wanted = Wanted(
        parts_for(subjects, reader.manifest.tables), parse(q or ""), tuple(manager) if manager else None, type, region,
        segment, status, band, order if order in ORDERS else "charges", reverse,
    )  # fmt: skip
    columns = list(dict.fromkeys((*_FIRST, *(column or ()))))
    shown = next((table for table in reader.tables() if table.name == "customer_profiles"), None)
    known = {each.name for each in shown.columns} if shown else set()
    for name in columns:
        if name not in known | {"health", "client_name"}:
            raise Refused("column_unknown", column=name[:100])
    sql, values = clients.export_query(wanted, columns)
    return sent(client, "clients", sql, values, _headings(client, columns, lang), format)


def _headings(client: Client, columns: list[str], lang: str) -> dict[str, str]:
    language = lang if lang in LANGUAGES else "ru"
    say = translator(language)
    rows = client.reader(Purpose.EXPORT).rows(f"select name, label_{language} from attribute_catalogue")
    labels = dict(rows) | {"health": say.text("Health"), "client_name": say.text("Client")}
    return {name: labels[name] for name in columns if name in labels} | {"customer_id": say.text("Customer No.")}


def sent(
    client: Client, name: str, sql: str, values: list[object], headings: dict[str, str], kind: str
) -> FileResponse:
    """Make the file, write down that it leaves, send it, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="vitrina-file-"))

    def swept() -> None:
        for each in folder.iterdir():
            each.unlink()
        folder.rmdir()

    try:
        made = row_files.write(client.reader(Purpose.EXPORT), sql, values, headings, folder / f"{name}.{kind}", kind)
        details = {"what": f"{name}_list", "rows": made.rows, "sha256": made.sha256, "format": kind,
                   "columns": list(headings)}  # fmt: skip
        with client.services.database.begin() as session:
            record(session, client.actor, Entry(AuditKind.EXPORT, "customers", name, details=details),
                   client.services.now())  # fmt: skip
    except Exception:
        swept()
        raise
    stamp = client.services.now().strftime("%Y%m%d")
    return FileResponse(
        made.path,
        filename=f"{name}_{stamp}.{kind}",
        media_type=row_files.FORMATS[kind],
        background=BackgroundTask(swept),
    )
