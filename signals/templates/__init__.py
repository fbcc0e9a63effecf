"""Rules to begin with: common cases of a telecom operator.

A template is a file of this folder; whoever takes one gets a copy to change. Names, descriptions and titles of tasks
are English keys of the catalogues of texts.
"""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Template:
    """`name` and `description` are keys of the catalogues; `rule` is the document of a rule."""

    key: str
    name: str
    description: str
    rule: Mapping[str, Any]

    def document(self, text: Callable[[str], str]) -> dict[str, Any]:
        """A copy of the rule to change, its words in the language of `text`."""
        found = copy.deepcopy(dict(self.rule))
        if title := found["action"].get("title"):
            found["action"]["title"] = text(title)
        return found

    @property
    def messages(self) -> frozenset[str]:
        """Every text of it that needs a translation."""
        return frozenset(filter(None, (self.name, self.description, self.rule["action"].get("title"))))


@cache
def templates() -> tuple[Template, ...]:
    """All templates, in the order in which they are offered."""
    found = [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in FOLDER.glob("*.json")]
    ordered = sorted(found, key=lambda each: int(each[1]["position"]))
    return tuple(Template(key, each["name"], each["description"], each["rule"]) for key, each in ordered)


def template(key: str) -> Template:
    """One template by its key. Raises `KeyError`."""
    return {each.key: each for each in templates()}[key]
