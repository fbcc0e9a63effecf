"""Where in a definition something is to be shown: problems and figures by the id of their node."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps.data import segment_catalogue
from apps.language import speaker, t
from apps.segment_workspace.payload import name_of
from apps.snapshot import reader
from segments.errors import Problem


def node_id(document: Mapping[str, Any], path: Sequence[str | int]) -> str:
    """Id of the innermost node on the way; "" when none on it has one (the whole definition)."""
    found, here = "", document
    for step in path:
        try:
            here = here[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(here, Mapping) and isinstance(here.get("id"), str):
            found = here["id"]
    return found


def messages(document: Mapping[str, Any], problems: Iterable[Problem]) -> dict[str, list[dict[str, str]]]:
    """What is wrong, in the reader's words, by node; what concerns the outermost group is told above all ("")."""
    root = (document.get("root") or {}).get("id", "")
    told: dict[str, list[dict[str, str]]] = {}
    for problem in problems:
        place = node_id(document, problem.path)
        line = {"text": said(problem)} | ({"mend": mended(problem)} if problem.mend else {})
        here = told.setdefault("" if place == root else place, [])
        if line not in here:
            here.append(line)
    return told


def said(problem: Problem) -> str:
    """What a problem says."""
    return t(problem.message, **_values(problem))


def mended(problem: Problem) -> str:
    """How it may be mended; empty when that is not known."""
    return t(problem.mend, **_values(problem)) if problem.mend else ""


def _values(problem: Problem) -> dict[str, Any]:
    return {name: _shown(name, value) for name, value in problem.values.items()}


def _shown(name: str, value: Any) -> Any:
    """Dates and figures as they are written here, things of the catalogue by what they are called."""
    if isinstance(value, Problem):
        return said(value)
    if isinstance(value, dt.date):
        return speaker().date(value)
    if isinstance(value, float):
        return speaker().number(value, 1)
    if name in ("name", "near", "now") and isinstance(value, str):
        known = segment_catalogue.catalogue(reader())
        thing = known.attributes.get(value) or known.events.get(value) or known.related.get(value)
        return name_of(thing, speaker().language) if thing is not None else value
    return value
