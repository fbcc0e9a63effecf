"""Segments to begin with: common cases of a telecom operator, each a definition with a name and a description.

A template is a file of this folder; whoever takes one gets a copy to change.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Template:
    """`name` and `description` are by language (ru, uz, en); `document` is a definition to parse."""

    key: str
    name: Mapping[str, str]
    description: Mapping[str, str]
    document: Mapping[str, Any]


@cache
def templates() -> tuple[Template, ...]:
    """All templates, in the order in which they are offered."""
    found = [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in FOLDER.glob("*.json")]
    ordered = sorted(found, key=lambda each: each[1]["position"])
    return tuple(Template(key, each["name"], each["description"], each["definition"]) for key, each in ordered)


def template(key: str) -> Template:
    """One template by its key. Raises `KeyError`."""
    return {each.key: each for each in templates()}[key]
