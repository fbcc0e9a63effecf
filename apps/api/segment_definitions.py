"""What definitions are made of, by HTTP: what they may name, their schema, common cases, words, JsonLogic."""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from apps.api import segment_forms as forms
from apps.api.access import Client, Known
from apps.api.cancelling import answered
from apps.api.problems import speaker_of
from apps.api.segment_access import Form, looking
from apps.api.segment_subject import subject_of
from apps.data.segment_catalogue import author, usable
from apps.segment_workspace.payload import vocabulary
from apps.ui.labels import LABELS
from crm.services import segments
from crm.services.segments import Author
from segments import questions
from segments.catalogue import Field
from segments.definition import Definition, dump, fingerprint, parse, used_lists, used_segments
from segments.engine import compile_segment
from segments.errors import DefinitionError
from segments.jsonlogic import export_jsonlogic, import_jsonlogic
from segments.sentence import sentence
from segments.templates import templates
from vitrina.access.looks import Purpose
from vitrina.i18n import Translator

router = APIRouter(tags=["segment definitions"])


class Rule(forms.Body):
    """A JsonLogic rule over the attributes of customers."""

    logic: Any


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
    return [forms.plain(each) for each in found]


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


def _value_label(say: Translator, field: Field, code: Any) -> str | None:
    kind = vocabulary(field.name)
    message = LABELS[kind].get(str(code)) if kind is not None else None
    return say.text(message) if message is not None else None
