"""What one can ask of a segment by HTTP: of a definition that is being written as well as of a stored one.

Every answer is over the customers that the caller sees, through the gate, and its query stops when he goes away.
"""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from apps.api import segment_forms as forms
from apps.api.access import Known
from apps.api.cancelling import answered
from apps.api.problems import Problem, _
from apps.api.segment_access import Form
from apps.api.segment_subject import Subject, require_columns, told
from apps.api.segment_subject import subject as found_right
from apps.data.segment_catalogue import freshness, usable
from segments import questions
from segments.engine import compile_segment
from vitrina.access.errors import Refused

router = APIRouter(tags=["segment questions"])
Names = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=200)]


class Sampled(forms.Asked):
    """A page of members with columns of the profile, covered as the caller sees them."""

    columns: Names = Field(default_factory=list)
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0


class AskedWhy(forms.Asked):
    """Why, or why not, this customer."""

    customer_id: forms.Customer


class Profiled(forms.Asked):
    """Attributes to compare; none: all that set people apart."""

    fields: Names | None = None


class Compared(forms.Body):
    """Two definitions or versions, by the sum of an attribute."""

    old: forms.Asked
    new: forms.Asked
    value_column: Annotated[str, Field(max_length=100)] = "arpu_3m"
    movers: Annotated[int, Field(ge=0, le=200)] = 20


class Overlapping(forms.Body):
    """Stored segments by key."""

    segments: Annotated[list[Annotated[str, Field(max_length=80)]], Field(min_length=1, max_length=60)]


class Replayed(forms.Asked):
    """The stored month ends to replay; none: all."""

    month_ends: Annotated[list[dt.date], Field(max_length=240)] | None = None


@router.post("/segment-questions/count")
async def count(client: Known, request: Request, asked: forms.Asked) -> Form:
    """How many of the customers that you see are in it."""

    def ask(source: questions.Source) -> Form:
        compiled = subject.compiled(source)
        return {"count": questions.count(source, compiled), "base": questions.base_count(source, compiled.at),
                "at": forms.plain(compiled.at), "notes": told(request, compiled.notes)}  # fmt: skip

    subject = await found_right(client, asked)
    return await answered(request, subject.reader, ask)


@router.post("/segment-questions/waterfall")
async def waterfall(client: Known, request: Request, asked: forms.Asked) -> Form:
    """What each outermost condition holds alone, leaves after those before it, and keeps out."""
    subject = await found_right(client, asked)
    found = await answered(
        request, subject.reader,
        lambda source: questions.waterfall(
            source, subject.definition, subject.who.catalogue, subject.at(source), subject.others
        ),
    )  # fmt: skip
    return _form(found)


@router.post("/segment-questions/sample")
async def sample(client: Known, request: Request, asked: Sampled) -> Form:
    """A page of members among the customers that you see, in the order of their ids."""
    subject = await found_right(client, asked)
    require_columns(subject.reader, asked.columns)

    def ask(source: questions.Source) -> Form:
        compiled = subject.compiled(source)
        rows = questions.members(source, compiled, asked.columns, asked.limit, asked.offset)
        return {"total": questions.count(source, compiled), "items": forms.plain(rows.to_pylist())}

    return await answered(request, subject.reader, ask)


@router.post("/segment-questions/profile")
async def profile(client: Known, request: Request, asked: Profiled) -> Form:
    """Where the members differ most from all customers that you see."""
    subject = await found_right(client, asked)
    known = usable(subject.reader).attributes
    fields = [name for name in (asked.fields or known) if name in known]
    chosen = fields if asked.fields is not None else None

    def ask(source: questions.Source) -> questions.Audience:
        compiled = compile_segment(
            subject.definition, subject.who.catalogue, subject.at(source), subject.others
        )  # fmt: skip
        return questions.profile(source, compiled, chosen if chosen is not None else _telling(subject, fields))

    return _form(await answered(request, subject.reader, ask))


@router.post("/segment-questions/why")
async def why(client: Known, request: Request, asked: AskedWhy) -> Form:
    """Why a customer is in it, or why not, condition by condition."""
    subject = await found_right(client, asked)
    found = await answered(
        request, subject.reader,
        lambda source: questions.why(
            source, subject.definition, subject.who.catalogue, subject.at(source), subject.others, asked.customer_id
        ),
    )  # fmt: skip
    if not found.known:
        raise Problem(404, "customer_unknown", _("There is no customer {id} in this snapshot."), id=asked.customer_id)
    return {**_form(found), "holds": found.holds}


@router.post("/segment-questions/difference")
async def difference(client: Known, request: Request, asked: Compared) -> Form:
    """Who enters, leaves and stays from one definition to another, and what they are worth."""
    old, new = await found_right(client, asked.old), await found_right(client, asked.new)
    field = usable(new.reader).attributes.get(asked.value_column)
    if field is None or field.family != "number":
        raise Refused("column_unknown", column=asked.value_column)
    found = await answered(
        request, new.reader,
        lambda source: questions.difference(
            source, old.compiled(source), new.compiled(source), asked.value_column, asked.movers
        ),
    )  # fmt: skip
    return _form(found)


@router.post("/segment-questions/overlap")
async def overlap(client: Known, request: Request, asked: Overlapping) -> Form:
    """How stored segments overlap: every pair, what each has alone, how many customers are in several."""
    subjects = {
        key: await found_right(client, forms.Asked(segment=key)) for key in dict.fromkeys(asked.segments)
    }  # fmt: skip
    reader = next(iter(subjects.values())).reader
    found = await answered(
        request, reader,
        lambda source: questions.overlap(source, {key: each.compiled(source) for key, each in subjects.items()}),
    )  # fmt: skip
    return _form(found)


@router.post("/segment-questions/replay")
async def replay(client: Known, request: Request, asked: Replayed) -> list[Form]:
    """How many would have been in it at every stored month end."""
    subject = await found_right(client, asked)

    def ask(source: questions.Source) -> list[Form]:
        stored = questions.stored_month_ends(source)
        wanted = [each for each in stored if asked.month_ends is None or each in asked.month_ends]
        points = questions.replay(source, subject.definition, subject.who.catalogue, wanted, subject.others)
        return [{**_form(each), "notes": told(request, each.notes)} for each in points]

    return await answered(request, subject.reader, ask)


@router.post("/segment-questions/quality")
async def quality(client: Known, request: Request, asked: forms.Asked) -> Form:
    """What an author should know before use: conditions without effect, values that never occur, old data."""
    subject = await found_right(client, asked)
    found = await answered(
        request, subject.reader,
        lambda source: questions.quality(
            source, subject.definition, subject.who.catalogue, subject.at(source), subject.others,
            freshness(subject.reader),
        ),
    )  # fmt: skip
    return {"findings": told(request, found)}


def _telling(subject: Subject, names: list[str]) -> list[str]:
    """Of the attributes, those that group people: numbers, yes and no, codes that name no one."""
    known = subject.who.catalogue.attributes
    return [
        name
        for name in names
        if known[name].type in ("number", "integer", "boolean", "code")
        and known[name].personal == "none"
        and known[name].unit != "id"
    ]


def _form(value: Any) -> Form:
    form: Form = forms.plain(value)
    return form
