"""Uploading of lists of customers by HTTP: the file as the body of the request, matched on the caller's customers."""

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from apps.api import segment_forms as forms
from apps.api.access import Client, Known
from apps.api.problems import Problem, _, speaker_of
from apps.api.receiving import receive, uploads
from apps.api.segment_access import changing
from crm.services import segments
from vitrina.access.looks import Purpose
from vitrina.i18n import Translator
from vitrina.lists.errors import MESSAGES, BadList
from vitrina.lists.identifiers import ANY, KINDS
from vitrina.lists.reading import MAX_BYTES
from vitrina.lists.upload import Uploaded, upload_list

router = APIRouter(tags=["segments"])


@router.post("/customer-lists", status_code=201)
async def upload(
    client: Known,
    request: Request,
    name: Annotated[str, Query(min_length=1, max_length=200)],
    file_name: Annotated[str, Query(max_length=200)] = "list",
    column: Annotated[list[str] | None, Query(max_length=100)] = None,
) -> dict[str, Any]:
    """A new list of customers from a file (CSV, TSV, text, XLSX), sent as the body of the request.

    `column` says otherwise than recognised what a column holds, as `0=phone` (counted from 0; kinds are those of the
    answer, `any` tries all). The answer counts rows by what matched them, and those unmatched by reason.
    """
    client.needs("segments")
    chosen = _columns(column or [])
    folder = Path(tempfile.mkdtemp(dir=uploads(client)))
    try:
        await receive(request, folder / "file", MAX_BYTES)
        return await run_in_threadpool(_take, client, name, folder / "file", file_name, chosen, speaker_of(request))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _columns(told: list[str]) -> dict[int, str] | None:
    chosen: dict[int, str] = {}
    for each in told:
        place, _sign, kind = each.partition("=")
        if not place.isdigit() or len(place) > 4 or kind not in (*KINDS, ANY):
            raise Problem(422, "list_column", _("A column is told as a number and a kind, such as 0=phone."))
        chosen[int(place)] = kind
    return chosen or None


def _take(
    client: Client, name: str, path: Path, file_name: str, columns: dict[int, str] | None, say: Translator
) -> dict[str, Any]:
    with changing(client) as change:
        key = segments.list_key(change.session, name)
    try:
        found = upload_list(
            client.services.settings.home, key, path, file_name, client.reader(Purpose.API), columns=columns,
            say=lambda text: say.text(text),
        )  # fmt: skip
    except BadList as error:
        raise Problem(422, error.code, MESSAGES[error.code], **error.values) from None
    with changing(client) as change:
        info = segments.register_list(change.session, name, _facts(found), change.actor, change.now, key=key)
    recognised = [{"place": each.place, "name": each.name, "kind": each.kind} for each in found.columns]
    return {**forms.plain(info), "columns": recognised, "duplicates": found.counts.duplicates}


def _facts(found: Uploaded) -> segments.ListFacts:
    counts = found.counts
    return segments.ListFacts(
        found.file_name, found.sha256, counts.received, counts.members, counts.matched, counts.unmatched,
        found.snapshot_version,
    )  # fmt: skip
