"""The audit log as a file, for who may take it away."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from apps.api.access import Client, Known
from apps.api.problems import Problem, _
from crm.services import audit_log
from crm.services.audit import AuditKind, Entry, record
from crm.services.audit_log import AuditFilter

router = APIRouter(tags=["audit"])
Word = Annotated[str, Query(max_length=200)]


@router.get("/audit/export")
def export(
    client: Known,
    kind: AuditKind | None = None,
    actor: Word = "",
    subject: Word = "",
    column_class: Word = "",
    address: Word = "",
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> StreamingResponse:
    """Matching entries as JSON lines, oldest first, each with its hash."""
    if client.caller.session_id is None or client.rights.acting_for is not None:
        raise Problem(403, "session_needed", _("The audit log is taken from its page, by a person in his own name."))
    client.needs_right("audit", "export")
    wanted = AuditFilter(kind, actor, "", subject, column_class, address, _aware(since), _aware(until))
    told = {name: str(value) for name, value in dataclasses.asdict(wanted).items() if value}
    with client.services.database.begin() as session:
        entry = Entry(AuditKind.EXPORT, "audit", details={"what": "audit_log", "filter": told})
        record(session, client.actor, entry, client.services.now())
    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(_lines(client, wanted), media_type="application/x-ndjson", headers=headers)


def _lines(client: Client, wanted: AuditFilter) -> Iterator[str]:
    with client.services.database.read() as session:
        for entry in audit_log.entries(session, wanted):
            yield json.dumps(dataclasses.asdict(entry), ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


def _aware(moment: dt.datetime | None) -> dt.datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=dt.UTC)
