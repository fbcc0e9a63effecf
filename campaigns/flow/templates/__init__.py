"""Flows to begin with: common campaigns of a telecom operator.

A template is a file of this folder; whoever takes one gets a draft to finish: the texts, registers and departments are
his own. Names, descriptions, titles of tasks and reasons of ends are English keys of the catalogues of texts.
"""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent
_TEXTS: Final = ("title", "description", "reason")


@dataclass(frozen=True)
class Template:
    """`name` and `description` are keys of the catalogues; `flow` is the document of a flow."""

    key: str
    name: str
    description: str
    flow: Mapping[str, Any]

    def document(self, text: Callable[[str], str]) -> dict[str, Any]:
        """A copy of the flow to change, its words in the language of `text`."""
        found = copy.deepcopy(dict(self.flow))
        for data, name in _said(found):
            data[name] = text(data[name])
        return found

    @property
    def messages(self) -> frozenset[str]:
        """Every text of it that needs a translation."""
        return frozenset({self.name, self.description, *(data[name] for data, name in _said(self.flow))})


@cache
def templates() -> tuple[Template, ...]:
    """All templates, in the order in which they are offered."""
    found = [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in FOLDER.glob("*.json")]
    ordered = sorted(found, key=lambda each: int(each[1]["position"]))
    return tuple(Template(key, each["name"], each["description"], each["flow"]) for key, each in ordered)


def template(key: str) -> Template:
    """One template by its key. Raises `KeyError`."""
    return {each.key: each for each in templates()}[key]


def _said(flow: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """(data, name) of every text of a document."""
    return ((node["data"], name) for node in flow["nodes"] for name in _TEXTS if node["data"].get(name))
