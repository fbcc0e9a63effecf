"""What one can ask of a segment by HTTP: of a definition that is being written as well as of a stored one.

Every answer is over the customers that the caller sees, through the gate, and its query stops when he goes away.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from apps.api import segment_forms as forms
from apps.api.access import Client, Known
from apps.api.cancelling import answered
from apps.api.problems import Problem, _, mistake, speaker_of
from apps.api.segments import looking
from apps.data.segment_catalogue import author, freshness, usable
from apps.segment_workspace.payload import vocabulary
from apps.ui.labels import LABELS
from crm.services import segments
from crm.services.segments import Author
from segments import questions
from segments.catalogue import Field as Attribute
from segments.definition import Definition, dump, fingerprint, parse, used_lists, used_segments
from segments.engine import At, Compiled, at_date, compile_segment
from segments.errors import DefinitionError
from segments.errors import Problem as Mistake
from segments.jsonlogic import export_jsonlogic, import_jsonlogic
from segments.sentence import sentence
from segments.templates import templates
from vitrina.access.errors import Refused
from vitrina.access.gate import GatedReader
from vitrina.access.looks import Purpose
from vitrina.i18n import Translator

router = APIRouter(tags=["segment questions"])
Form = dict[str, Any]
Names = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=200)]
_PROFILE = "customer_profiles"


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


class Rule(forms.Body):
    """A JsonLogic rule over the attributes of customers."""

    logic: Any


@dataclass(frozen=True)
class Subject:
    """What a question is about, found right for the caller."""

    definition: Definition
    reader: GatedReader
    who: Author
    others: Mapping[str, Definition]
    date: dt.date | None

    def at(self, source: questions.Source) -> At:
        """The day of the question; an earlier one stands on the stored month end before it."""
        as_of = self.reader.manifest.as_of
        if self.date is None or self.date == as_of:
            return At.current(as_of)
        return at_date(as_of, questions.stored_month_ends(source), self.date)

    def compiled(self, source: questions.Source) -> Compiled:
        """The definition on that day."""
        return compile_segment(self.definition, self.who.catalogue, self.at(source), self.others)


@router.post("/segment-questions/count")
async def count(client: Known, request: Request, asked: forms.Asked) -> Form:
    """How many of the customers that you see are in it."""

    def ask(source: questions.Source) -> Form:
        compiled = subject.compiled(source)
        return {"count": questions.count(source, compiled), "base": questions.base_count(source, compiled.at),
                "at": forms.plain(compiled.at), "notes": _told(request, compiled.notes)}  # fmt: skip

    subject = await _subject(client, asked)
    return await answered(request, subject.reader, ask)


@router.post("/segment-questions/waterfall")
async def waterfall(client: Known, request: Request, asked: forms.Asked) -> Form:
    """What each outermost condition holds alone, leaves after those before it, and keeps out."""
    subject = await _subject(client, asked)
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
    subject = await _subject(client, asked)
    require_columns(subject.reader, asked.columns)

    def ask(source: questions.Source) -> Form:
        compiled = subject.compiled(source)
        rows = questions.members(source, compiled, asked.columns, asked.limit, asked.offset)
        return {"total": questions.count(source, compiled), "items": forms.plain(rows.to_pylist())}

    return await answered(request, subject.reader, ask)


@router.post("/segment-questions/profile")
async def profile(client: Known, request: Request, asked: Profiled) -> Form:
    """Where the members differ most from all customers that you see."""
    subject = await _subject(client, asked)
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
    subject = await _subject(client, asked)
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
    old, new = await _subject(client, asked.old), await _subject(client, asked.new)
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
        key: await _subject(client, forms.Asked(segment=key)) for key in dict.fromkeys(asked.segments)
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
    subject = await _subject(client, asked)

    def ask(source: questions.Source) -> list[Form]:
        stored = questions.stored_month_ends(source)
        wanted = [each for each in stored if asked.month_ends is None or each in asked.month_ends]
        points = questions.replay(source, subject.definition, subject.who.catalogue, wanted, subject.others)
        return [{**_form(each), "notes": _told(request, each.notes)} for each in points]

    return await answered(request, subject.reader, ask)


@router.post("/segment-questions/quality")
async def quality(client: Known, request: Request, asked: forms.Asked) -> Form:
    """What an author should know before use: conditions without effect, values that never occur, old data."""
    subject = await _subject(client, asked)
    found = await answered(
        request, subject.reader,
        lambda source: questions.quality(
            source, subject.definition, subject.who.catalogue, subject.at(source), subject.others,
            freshness(subject.reader),
        ),
    )  # fmt: skip
    return {"findings": _told(request, found)}


@router.post("/segment-questions/sentence")
def in_words(client: Known, request: Request, asked: forms.Asked) -> Form:
    """The definition as a sentence, in the language that you ask for."""
    subject, say = subject_of(client, asked, figures=False), speaker_of(request)
    names = _names(client, subject.definition)
    text = sentence(
        subject.definition, subject.who.catalogue, say, lambda field, code: _value_label(say, field, code),
        lambda kind, key: names.get((kind, key)),
    )  # fmt: skip
    return {"sentence": f"{text}.", "language": say.language}


@router.get("/segment-schema")
def schema(client: Known) -> Form:
    """The JSON Schema of definitions."""
    looking(client)
    return _schema()


@router.get("/segment-templates")
def common_cases(client: Known, request: Request) -> list[Form]:
    """Definitions of common cases to begin with; `usable` says whether all that they stand on is there and
    seen by you."""
    looking(client)
    who, say = author(client.reader(Purpose.API)), speaker_of(request)
    return [
        {
            "key": each.key, "name": each.name.get(say.language, ""), "definition": forms.plain(each.document),
            "description": each.description.get(say.language, ""),
            "usable": _fits(parse(each.document), who),
        }
        for each in templates()
    ]  # fmt: skip


@router.get("/segment-catalogue")
def catalogue(client: Known) -> Form:
    """Attributes, events and related objects that your conditions may name, with labels in three languages."""
    looking(client)
    return usable(client.reader(Purpose.API)).to_json()


@router.get("/segment-catalogue/values")
async def values(
    client: Known, request: Request, field: Annotated[str, Query(max_length=100)],
    owner: Annotated[str, Query(max_length=100)] = "", search: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[Form]:  # fmt: skip
    """The most frequent values of a field among the customers that you see; `owner` is an event or a related object."""
    looking(client)
    reader, language = client.reader(Purpose.API), speaker_of(request).language
    found = await answered(
        request, reader,
        lambda source: questions.values(source, usable(reader), field, owner, search, limit, language),
    )  # fmt: skip
    return [_form(each) for each in found]


@router.post("/segment-definitions/from-jsonlogic")
def from_jsonlogic(client: Known, body: Rule) -> Form:
    """The definition that means what a JsonLogic rule means; what has none is told at its place."""
    looking(client)
    found = import_jsonlogic(body.logic, usable(client.reader(Purpose.API)))
    return {"definition": dump(found), "fingerprint": fingerprint(found)}


@router.post("/segment-definitions/to-jsonlogic")
def to_jsonlogic(client: Known, asked: forms.Asked) -> Form:
    """The JsonLogic rule that means what a definition means."""
    subject = subject_of(client, asked)
    return {"logic": export_jsonlogic(subject.definition, subject.who.catalogue)}


async def _subject(client: Client, asked: forms.Asked) -> Subject:
    return await run_in_threadpool(subject_of, client, asked)


def subject_of(client: Client, asked: forms.Asked, figures: bool = True) -> Subject:
    """What is asked about. Raises `Problem`, `CrmError`, `DefinitionError` for what the caller may not ask.

    Figures over columns that he sees covered would be wrong; words are not.
    """
    looking(client)
    if (asked.definition is None) == (asked.segment is None):
        raise Problem(400, "one_subject", _("Name a segment or give a definition, and not both."))
    reader = client.reader(Purpose.API)
    who = author(reader)
    with client.services.database.read() as session:
        others = segments.definitions(session)
        if asked.segment is not None:
            segments.require_view(session, client.rights, asked.segment)
            number = asked.version or segments.info(session, asked.segment).published
            definition = parse(segments.version(session, asked.segment, number).document)
        else:
            definition = segments.checked(session, "", asked.definition or {}, who)
    if figures and (wrong := segments.hidden_in(definition, others, who)):
        raise DefinitionError(wrong)
    return Subject(definition, reader, who, others, asked.date)


def _fits(definition: Definition, who: Author) -> bool:
    if any(segments.hidden_from(definition, who)):
        return False
    try:
        compile_segment(definition, who.catalogue, who.at)
    except DefinitionError:
        return False
    return True


@lru_cache(maxsize=1)
def _schema() -> Form:
    found: Form = json.loads(files("segments").joinpath("schema.json").read_text(encoding="utf-8"))
    return found


def _names(client: Client, definition: Definition) -> dict[tuple[str, str], str]:
    """What the segments and lists are called that a definition names."""
    with client.services.database.read() as session:
        kept = {each.key: each.name for each in segments.segments(session, None)}
        uploaded = {each.key: each.name for each in segments.lists(session, None)}
    found = {("segment", key): kept[key] for key in used_segments(definition) & kept.keys()}
    return found | {("list", key): uploaded[key] for key in used_lists(definition) & uploaded.keys()}


def _value_label(say: Translator, field: Attribute, code: Any) -> str | None:
    kind = vocabulary(field.name)
    message = LABELS[kind].get(str(code)) if kind is not None else None
    return say.text(message) if message is not None else None


def require_columns(reader: GatedReader, names: list[str]) -> None:
    """Columns of the profile that the caller has, covered or not."""
    shown = {column.name for table in reader.tables() if table.name == _PROFILE for column in table.columns}
    known = author(reader).catalogue.attributes
    for name in names:
        if name not in shown or name not in known:
            raise Refused("column_unknown", column=name)


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


def _told(request: Request, found: tuple[Mistake, ...]) -> list[Form]:
    say = speaker_of(request)
    return [mistake(say, each) for each in found]


def _form(value: Any) -> Form:
    form: Form = forms.plain(value)
    return form
