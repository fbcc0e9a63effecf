"""A definition in words, with the names that the reader's language has for its values."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from apps.data import segment_catalogue
from apps.data.segments import Bench
from apps.language import speaker
from apps.segment_workspace import answers
from apps.segment_workspace.payload import value_label, vocabulary
from apps.services import services
from apps.snapshot import reader
from crm.services import segments as kept
from segments.catalogue import Field
from segments.definition import Definition, used_lists, used_segments
from segments.errors import Path
from segments.sentence import phrase
from segments.sentence import sentence as spoken
from vitrina.errors import UserError


def sentence(definition: Definition, known: Bench) -> str:
    """The whole definition as a sentence."""
    return spoken(definition, known.catalogue, speaker(), _labels(definition, known), _names(definition)) + "."


def phrases(definition: Definition, known: Bench) -> Callable[[Path], str]:
    """What says one condition of the definition, by its path."""
    labels, names = _labels(definition, known), _names(definition)

    def said(path: Path) -> str:
        try:
            return phrase(definition, path, known.catalogue, speaker(), labels, names)
        except KeyError:
            return ""

    return said


def _labels(definition: Definition, known: Bench) -> Callable[[Field, Any], str | None]:
    usable = segment_catalogue.usable(reader())
    told = answers.labels(known, usable, definition)
    by_field = {owner.split("|", 1)[1]: named for owner, named in told.items()}

    def label(field: Field, value: Any) -> str | None:
        if (found := by_field.get(field.name, {}).get(str(value))) is not None:
            return found
        return value_label(field.name, value) if vocabulary(field.name) else None

    return label


def _names(definition: Definition) -> Callable[[str, str], str | None]:
    found: dict[tuple[str, str], str] = {}
    with services().database.read() as session:
        for key in used_segments(definition):
            found["segment", key] = _or_none(partial(_segment_name, session, key)) or key
        for key in used_lists(definition):
            found["list", key] = _or_none(partial(_list_name, session, key)) or key
    return lambda kind, key: found.get((kind, key))


def _segment_name(session: Session, key: str) -> str:
    return kept.info(session, key).name


def _list_name(session: Session, key: str) -> str:
    return kept.list_info(session, key).name


def _or_none(name: Callable[[], str]) -> str | None:
    try:
        return name()
    except UserError:
        return None
