"""Segments as files, for Git: one JSON file a segment, pulled into a folder and pushed back.

`pulled` in a file is the hash of what the database held when it was pulled: a segment that somebody changed since is a
conflict, and nothing of a push is saved while there is one. Not here: reading and writing of the database's rows.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitrina.errors import UserError

if TYPE_CHECKING:
    from segments.definition import Definition

SUFFIX = ".segment.json"
_FIELDS = ("name", "description", "folder", "tags", "schedule", "fixtures", "definition")


class State(Enum):
    """A file against what was pulled and against the database as it is now."""

    SAME = "same"
    NEW = "new"
    CHANGED = "changed"
    BEHIND = "behind"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class SegmentFile:
    """One segment as a file has it: `content` are its fields, `pulled` the hash that they had when it was pulled."""

    key: str
    content: Mapping[str, Any]
    pulled: str = ""

    @property
    def hash(self) -> str:
        """Equal for equal content."""
        return content_hash(self.content)

    def state(self, stored: Mapping[str, Any] | None) -> State:
        """How the file stands to what the database holds now (None: no such segment)."""
        if stored is None:
            return State.NEW
        now = content_hash(stored)
        if self.hash == now:
            return State.SAME
        if now == self.pulled:
            return State.CHANGED
        return State.BEHIND if self.hash == self.pulled else State.CONFLICT

    def text(self) -> str:
        """The file's text, with the content as what was pulled last."""
        plain = {name: self.content[name] for name in _FIELDS}
        return json.dumps({**plain, "pulled": self.hash}, ensure_ascii=False, indent=2) + "\n"


def content_hash(content: Mapping[str, Any]) -> str:
    """Of the fields that a file holds, in whatever order."""
    plain = {name: content[name] for name in _FIELDS}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(path: Path) -> SegmentFile:
    """The segment of a file; the key is the file's name. Raises `UserError` naming file and field."""
    key = path.name.removesuffix(SUFFIX).removesuffix(".json")
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"{path}: not JSON: {error}") from None
    if not isinstance(plain, dict) or not isinstance(plain.get("definition"), dict) or not plain.get("name"):
        raise UserError(f"{path}: a segment needs a name and a definition")
    if unknown := sorted(set(plain) - {*_FIELDS, "pulled"}):
        raise UserError(f"{path}: unknown fields: {', '.join(unknown)}")
    content = {**_defaults(), **{name: plain[name] for name in _FIELDS if name in plain}}
    for name, default in _defaults().items():
        if not isinstance(content[name], type(default)):
            raise UserError(f"{path}: {name} is not a {type(default).__name__}")
    return SegmentFile(key, {**content, "tags": sorted(map(str, content["tags"]))}, str(plain.get("pulled", "")))


def read_folder(folder: Path) -> list[SegmentFile]:
    """Every segment file of a folder and of those below it, by key. Raises `UserError` for two of one key."""
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such folder")
    found: dict[str, SegmentFile] = {}
    for path in sorted(folder.rglob(f"*{SUFFIX}")):
        each = read(path)
        if each.key in found:
            raise UserError(f"{path}: there are two files of the segment {each.key}")
        found[each.key] = each
    return list(found.values())


def place(folder: Path, key: str) -> Path:
    """The file of a segment: where it is already, else at the top of the folder."""
    return next(iter(sorted(folder.rglob(f"{key}{SUFFIX}"))), folder / f"{key}{SUFFIX}")


def write(path: Path, each: SegmentFile) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(each.text(), encoding="utf-8")
    beside.replace(path)


def in_order(files: Iterable[SegmentFile]) -> list[SegmentFile]:
    """Files so that what one stands on comes before it; circles stay as they are, for the database to refuse."""
    from segments.definition import used_segments

    waiting = {each.key: each for each in files}
    uses = {each.key: used_segments(definition_of(each)) for each in waiting.values()}
    placed: list[SegmentFile] = []
    while waiting:
        ready = [each for each in waiting.values() if not uses[each.key] & waiting.keys()] or list(waiting.values())
        for each in ready:
            placed.append(waiting.pop(each.key))
    return placed


def definition_of(each: SegmentFile) -> "Definition":
    """What a file defines. Raises `UserError` naming the segment and every place."""
    from segments.definition import parse
    from segments.errors import DefinitionError

    try:
        return parse(each.content["definition"])
    except DefinitionError as error:
        raise UserError(f"{each.key}: {error}") from None


def _defaults() -> dict[str, Any]:
    return {"description": "", "folder": "", "tags": [], "schedule": {}, "fixtures": []}
