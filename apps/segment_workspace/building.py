"""The builder on the page: what it is told, the count that follows every change, and the definition in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import streamlit as st

from apps.components.segment_builder import built, is_built, segment_builder
from apps.data import segment_catalogue
from apps.data.segments import Bench
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace import answers, bench, payload
from apps.segment_workspace.bench import BUILDER, Desk, desk
from apps.segment_workspace.live import Progress
from apps.segment_workspace.places import messages, node_id, said
from apps.segment_workspace.sentences import sentence
from apps.segment_workspace.words import words
from apps.services import services
from apps.snapshot import manifest, reader
from apps.ui.layout import empty_state, escape, told
from crm.services import segments as kept
from segments.definition import Definition, parse
from segments.errors import DefinitionError, Problem
from vitrina.errors import UserError

_CATALOGUE_SECONDS = 30
_CATALOGUE, _TOLD, _DRAWN = "_segment_catalogue", "_segment_catalogue_told", "_segment_drawn"


@dataclass(frozen=True)
class State:
    """What is known of the definition on the desk, unfinished conditions left out."""

    definition: Definition | None
    document: Mapping[str, Any]
    bench: Bench
    progress: Progress
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


@st.fragment
def workbench(may_edit: bool) -> None:
    """Builder, count and sentence. Runs alone at every change of the definition."""
    found = desk()
    if found is None:
        return
    state = look(found)
    if is_built():
        segment_builder(data(found, state, may_edit), BUILDER)
    else:
        empty_state("build", t("The builder is not there"), t("Run make setup on the server; it builds the builder."))
    if state.definition is not None:
        st.markdown(escape(sentence(state.definition, state.bench)))
    _redraw_when_settled(found, state)


def look(found: Desk) -> State:
    """Ask about the definition on the desk; unfinished conditions do not count, wrong ones are told."""
    document = bench.finished(found.document)
    known = bench.bench(found.key)
    definition = None
    try:
        definition = parse(document)
        bench.require_open(definition, known)
        compiled = known.compiled(definition)
        progress = bench.live().ask(known, definition)
    except DefinitionError as error:
        bench.live().stop()
        return State(definition, document, known, Progress(), error.problems)
    return State(definition, document, known, progress, (), compiled.notes)


def data(found: Desk, state: State, may_edit: bool) -> dict[str, Any]:
    """Everything that the browser shows; see `src/types.ts`."""
    usable = segment_catalogue.usable(reader())
    told_answers = state.progress.answers
    waterfall = told_answers.get("waterfall")
    problems = messages(state.document, state.problems)
    if state.progress.error is not None:
        problems.setdefault("", []).append({"text": told(state.progress.error)})
    return {
        "texts": words(),
        "catalogue": _catalogue(usable, found.key),
        "document": {"root": found.document.get("root")},
        "revision": found.revision,
        "readOnly": not may_edit,
        "seen": found.seen,
        "pending": not state.progress.done,
        "count": told_answers.get("count"),
        "base": told_answers.get("base"),
        "note": _note(state),
        "problems": problems,
        "steps": {
            node_id(state.document, step.path): {"alone": step.alone, "after": step.after, "without": step.without}
            for step in (waterfall.steps if waterfall else ())
        },
        "labels": answers.labels(state.bench, usable, state.definition) if state.definition else {},
        "answers": answers.answers(state.bench, usable, built(BUILDER).asked),
    }


def _note(state: State) -> str:
    day = t("as of {date}", date=speaker().date(manifest().as_of))
    return " · ".join([day, *dict.fromkeys(said(note) for note in state.notes)])


def _catalogue(usable: Any, own: str | None) -> dict[str, Any]:
    """The whole catalogue once, then its revision alone: it is large, and stays the same while somebody builds."""
    made, sent = _remembered_catalogue(usable, own), built(BUILDER)
    is_known = st.session_state.get(_TOLD) == made["revision"] and sent.root is not None
    if is_known and not any(each.get("kind") == "catalogue" for each in sent.asked):
        return {"revision": made["revision"]}
    st.session_state[_TOLD] = made["revision"]
    return made


def _remembered_catalogue(usable: Any, own: str | None) -> dict[str, Any]:
    """Made anew when it is older than a moment: others' segments and lists come and go."""
    key = (reader().fingerprint, speaker().language, own)
    kept_key, made, at = st.session_state.get(_CATALOGUE, (None, None, 0.0))
    if kept_key != key or monotonic() - at > _CATALOGUE_SECONDS:
        made = _named_catalogue(usable, own)
        st.session_state[_CATALOGUE] = (key, made, monotonic())
    return made


def _named_catalogue(usable: Any, own: str | None) -> dict[str, Any]:
    say, rights = speaker(), person().rights
    with services().database.read() as session:
        known, lists = kept.segments(session, rights), kept.lists(session, rights)
    segments = [{"key": each.key, "name": each.name, "note": size_note(each)} for each in known if each.key != own]
    uploaded = [
        {
            "key": each.key,
            "name": each.name,
            "note": say.plural("{count} customer", "{count} customers", each.facts.members),
        }
        for each in lists
    ]
    return payload.catalogue_data(usable, segments, uploaded)


def size_note(segment: Any) -> str:
    """How large a segment was at its last run."""
    run = segment.last_run
    if run is None or run.members is None:
        return ""
    return speaker().plural("{count} customer", "{count} customers", run.members)


def _redraw_when_settled(found: Desk, state: State) -> None:
    """What stands below the builder is drawn by the whole page: draw it again once a change has its figures."""
    drawn = st.session_state.get(_DRAWN)
    if drawn is None or not state.progress.done or drawn == (found.revision, found.seen):
        return
    st.session_state[_DRAWN] = (found.revision, found.seen)
    st.rerun()


def follow(is_followed: bool) -> None:
    """Whether what stands below the builder shows figures of the definition, and so has to follow its changes."""
    found = desk()
    st.session_state[_DRAWN] = (found.revision, found.seen) if found is not None and is_followed else None


__all__ = ["State", "UserError", "data", "follow", "look", "size_note", "workbench"]
