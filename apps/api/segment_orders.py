"""Ordering members as a file by HTTP: made in the background through the gate's door for exports, with a receipt.

The file itself is `segment_files`.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from apps.api import segment_forms as forms
from apps.api.access import Known
from apps.api.problems import Problem, _, speaker_of
from apps.api.segment_access import looking
from apps.api.segment_subject import require_columns, subject_of
from apps.data.member_files import MemberFile, Order, files
from crm.services import segments
from segments.definition import fingerprint
from segments.questions import Source
from vitrina.access.looks import Purpose

router = APIRouter(tags=["segments"])


class Ordered(forms.Asked):
    """Members as a file, with columns of the profile after the number of the customer."""

    columns: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=100)] = Field(default_factory=list)
    format: Literal["csv", "xlsx", "parquet"] = "csv"


@router.post("/segment-files", status_code=202)
def order(client: Known, request: Request, asked: Ordered) -> dict[str, Any]:
    """Have the members made into a file, as far as your role may export them; ask for its progress by the token."""
    client.needs("exports")
    looking(client)
    client.needs_right("segments", "export")
    if client.rights.acting_for is not None:
        raise Problem(403, "viewing_only", _("You are looking through another person's eyes: nothing can be changed."))
    subject, reader = subject_of(client, asked), client.reader(Purpose.EXPORT)
    require_columns(reader, asked.columns)
    source: Source = subject.reader
    compiled = subject.compiled(source)
    known = subject.who.catalogue.attributes
    language = speaker_of(request).language
    headings = {name: known[name].labels.get(language) or name for name in asked.columns}
    version = None
    if asked.segment is not None:
        with client.services.database.read() as session:
            same = [each.number for each in segments.versions(session, asked.segment)
                    if each.fingerprint == fingerprint(subject.definition)]  # fmt: skip
        version = same[0] if same else None
    wanted = Order(
        compiled, tuple(asked.columns), asked.format, headings, asked.segment, version, asked.segment or "segment"
    )
    return _form(files.begin(client.services, reader, wanted, client.actor))


@router.get("/segment-files/{token}/progress")
def progress(client: Known, token: str) -> dict[str, Any]:
    """How far a file of yours is, and its receipt when it is made."""
    client.needs("exports")
    client.needs_right("segments", "export")
    found = files.find(token[:100], client.actor.user_id or 0)
    if found is None:
        raise Problem(404, "no_file", _("There is no file yet."))
    return _form(found)


def _form(made: MemberFile) -> dict[str, Any]:
    state = "made" if made.receipt is not None else "failed" if made.error is not None else "under_way"
    receipt = forms.plain(made.receipt) if made.receipt is not None else None
    return {"token": made.token, "state": state, "total": made.total, "written": made.written, "receipt": receipt}
