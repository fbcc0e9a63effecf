"""What a question is about: a definition or a stored segment, found right for the caller and his to ask about."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from apps.api import segment_forms as forms
from apps.api.access import Client
from apps.api.problems import Problem, _, mistake, speaker_of
from apps.api.segment_access import looking
from apps.data.segment_catalogue import author
from crm.services import segments
from crm.services.segments import Author
from segments import questions
from segments.definition import Definition, parse
from segments.engine import At, Compiled, at_date, compile_segment
from segments.errors import DefinitionError
from segments.errors import Problem as Mistake
from vitrina.access.errors import Refused
from vitrina.access.gate import GatedReader
from vitrina.access.looks import Purpose

_PROFILE = "customer_profiles"


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


async def subject(client: Client, asked: forms.Asked) -> Subject:
    """The same as `subject_of`, beside the event loop."""
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


def require_columns(reader: GatedReader, names: list[str]) -> None:
    """Columns of the profile that the caller has, covered or not."""
    shown = {column.name for table in reader.tables() if table.name == _PROFILE for column in table.columns}
    known = author(reader).catalogue.attributes
    for name in names:
        if name not in shown or name not in known:
            raise Refused("column_unknown", column=name)


def told(request: Request, found: tuple[Mistake, ...]) -> list[dict[str, Any]]:
    """Mistakes and notes in the caller's language."""
    say = speaker_of(request)
    return [mistake(say, each) for each in found]
