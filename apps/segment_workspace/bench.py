"""What the questions of the person before the page stand on, and what he works on: his desk."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from apps.components.segment_builder import built
from apps.data import segment_catalogue
from apps.data.segments import Bench
from apps.identity import person
from apps.segment_workspace.live import Live
from apps.services import services
from apps.snapshot import manifest, reader
from crm.services import segments as kept
from crm.services.segments import Author
from segments.definition import Definition, complete, parse
from segments.engine import At
from segments.errors import DefinitionError
from vitrina.access.looks import Purpose

BUILDER = "segment_builder"
_DESK, _LIVE, _SERIAL = "_segment_desk", "_segment_live", "_segment_serial"
EVERYBODY: Mapping[str, Any] = {"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": []}}


@dataclass
class Desk:
    """A definition in work. `key` is None for one that was never saved; `base` the revision that a save is based on;
    `revision` grows when another document is put on the desk, so that the browser takes it over."""

    document: Mapping[str, Any]
    revision: int
    key: str | None = None
    base: int = 0
    saved: Mapping[str, Any] | None = None
    texts: dict[str, Any] = field(default_factory=dict)
    seen: int = 0

    @property
    def is_sql(self) -> bool:
        """Whether it is expert SQL."""
        return self.document.get("kind") == "sql"

    @property
    def is_changed(self) -> bool:
        """Whether there is something to save."""
        return self.saved is None or _plain(self.document) != _plain(self.saved)


def desk() -> Desk | None:
    """What is on the desk, with the last changes that the browser has sent."""
    found: Desk | None = st.session_state.get(_DESK)
    if found is None or found.is_sql:
        return found
    sent = built(BUILDER)
    if sent.root is not None and sent.revision == found.revision:
        found.document = {"version": 1, "kind": "rules", "root": sent.root}
        found.seen = sent.sequence
    return found


def put_on_desk(document: Mapping[str, Any], **more: Any) -> Desk:
    """Begin to work on a document; the work before it is gone unless it was saved."""
    st.session_state[_DESK] = made = Desk(with_ids(document), _next_revision(), **more)
    return made


def load_into(found: Desk, document: Mapping[str, Any]) -> None:
    """Put another document on the same desk: an older version, an import."""
    found.document, found.revision, found.seen = with_ids(document), _next_revision(), 0


def with_ids(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with an id on every node: by them the browser knows where figures and problems belong."""

    def node(found: Any) -> Any:
        if not isinstance(found, Mapping):
            return found
        made = {"id": f"p{secrets.token_hex(4)}", **found}
        if isinstance(found.get("rules"), list):
            made["rules"] = [node(each) for each in found["rules"]]
        if isinstance(found.get("where"), Mapping):
            made["where"] = node(found["where"])
        return made

    return {**document, "root": node(document["root"])} if "root" in document else dict(document)


def clear_desk() -> None:
    """Nothing is worked on any more."""
    st.session_state.pop(_DESK, None)
    live().stop()


def live() -> Live:
    """The counts of this session."""
    if _LIVE not in st.session_state:
        st.session_state[_LIVE] = Live()
    found: Live = st.session_state[_LIVE]
    return found


def bench(key: str | None = None, definition: Definition | None = None) -> Bench:
    """The bench for questions about the segment `key`; expert SQL is asked through its own door.

    Raises `Refused` when that is closed.
    """
    is_sql = definition is not None and definition.kind == "sql"
    own = reader(Purpose.SQL if is_sql else Purpose.PAGE)
    with services().database.read() as session:
        others = kept.definitions(session)
        uploaded = kept.lists(session, person().rights)
    lists = frozenset(each.key for each in uploaded)
    uploads = frozenset(f"{each.key} {each.facts.sha256} {each.updated_at}" for each in uploaded)
    others = {name: each for name, each in others.items() if name != key}
    page = reader()
    return Bench(own, segment_catalogue.catalogue(page), At.current(manifest().as_of), others, lists, uploads)


def author() -> Author:
    """The person as one who writes definitions, with the rights of his own that changes are made by."""
    found = segment_catalogue.author(reader())
    return replace(found, rights=person().own_rights)


def require_open(definition: Definition, known: Bench) -> None:
    """Raise `DefinitionError` when the definition, or a segment in it, stands on what the person sees covered: figures
    over covered columns would be wrong."""
    problems = kept.hidden_in(definition, known.others, author())
    if problems:
        raise DefinitionError(problems)


def ready(found: Desk) -> tuple[Definition, Bench]:
    """The finished part of the definition on the desk with its bench. Raises `DefinitionError`, `Refused`."""
    definition = parse(finished(found.document))
    known = bench(found.key, definition)
    require_open(definition, known)
    known.compiled(definition)
    return definition, known


def finished(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without what is still being written; an unfinished filter leaves its event or object in."""

    def node(found: Any) -> Any:
        if not isinstance(found, Mapping):
            return found
        if isinstance(found.get("rules"), list):
            return {**found, "rules": [node(each) for each in found["rules"]]}
        if isinstance(found.get("where"), Mapping):
            inner, _ = complete({"version": 1, "kind": "rules", "root": found["where"]})
            return {**found, "where": inner["root"]}
        return found

    if document.get("kind", "rules") != "rules":
        return dict(document)
    return complete({**document, "root": node(document.get("root"))})[0]


def _next_revision() -> int:
    st.session_state[_SERIAL] = made = st.session_state.get(_SERIAL, 0) + 1
    return int(made)


def _plain(document: Mapping[str, Any]) -> Any:
    """Without ids, which the browser gives to nodes that have none, and defaults that may be left out."""

    def bare(node: Any) -> Any:
        if isinstance(node, Mapping):
            left = {name: bare(each) for name, each in node.items() if name != "id"}
            return {name: each for name, each in left.items() if (name, each) not in (("not", False), ("nulls", "out"))}
        return [bare(each) for each in node] if isinstance(node, list | tuple) else node

    return bare(document)
