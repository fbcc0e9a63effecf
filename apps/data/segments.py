"""Questions about segments, asked through the gate and remembered by rights, snapshot and definition.

Two people who see the same data share the answers; nobody else does, since `GatedReader.fingerprint` is part of every
key. Figures alone are kept, never rows of customers.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from segments import questions
from segments.catalogue import Catalogue
from segments.definition import Definition, fingerprint
from segments.engine import At, Compiled, compile_segment
from segments.questions import Source
from vitrina.access.gate import GatedReader
from vitrina.settings import get_settings

Answer = TypeVar("Answer")
_KEPT = 2_000


@dataclass(frozen=True)
class Bench:
    """What one person's questions stand on: his reader, what he may name, the day, and the other segments.

    `lists` are the keys of uploaded lists, `uploads` the hashes of their contents, which change between snapshots.
    """

    reader: GatedReader
    catalogue: Catalogue
    at: At
    others: Mapping[str, Definition] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()
    uploads: frozenset[str] = frozenset()

    def compiled(self, definition: Definition, at: At | None = None) -> Compiled:
        """The definition on this bench. Raises `DefinitionError`."""
        return compile_segment(definition, self.catalogue, at or self.at, self.others, self.lists)

    def key(self, question: str, definition: Definition, *more: Any) -> tuple[Any, ...]:
        """Under which an answer is remembered: whose data, which question, what definition."""
        return (self.reader.fingerprint, question, self.at, fingerprint(definition), self._others, *more)

    @cached_property
    def _others(self) -> int:
        return hash((self.uploads, frozenset((key, fingerprint(each)) for key, each in self.others.items())))

    def ask(self, question: str, definition: Definition, answer: Callable[[], Answer], *more: Any) -> Answer:
        """The remembered answer, or a new one."""
        return remembered.get(self.key(question, definition, *more), answer)


class Remembered:
    """The answers that were last used, of the whole process."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept, self._lock = kept, threading.Lock()
        self._answers: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    def get(self, key: tuple[Any, ...], answer: Callable[[], Answer]) -> Answer:
        """The answer under a key; made outside the lock, so that one slow question keeps nobody else waiting."""
        if (found := self.peek(key)) is not None:
            return found
        made = answer()
        self.keep(key, made)
        return made

    def peek(self, key: tuple[Any, ...]) -> Any:
        """The answer if it is there, else None."""
        key = _here(key)
        with self._lock:
            if key not in self._answers:
                return None
            self._answers.move_to_end(key)
            return self._answers[key]

    def keep(self, key: tuple[Any, ...], made: Any) -> None:
        """Remember an answer."""
        key = _here(key)
        with self._lock:
            self._answers[key] = made
            self._answers.move_to_end(key)
            while len(self._answers) > self._kept:
                self._answers.popitem(last=False)


def _here(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Versions count from one in every home: whose snapshot it is belongs to the key."""
    return (str(get_settings().published_dir), *key)


remembered = Remembered()


def count_steps(bench: Bench, definition: Definition) -> tuple[tuple[str, Callable[[Source], Any]], ...]:
    """What the builder shows of a definition, the quickest first: the count, the base, the waterfall."""
    compiled = bench.compiled(definition)
    steps: list[tuple[str, Callable[[Source], Any]]] = [
        ("count", lambda source: questions.count(source, compiled)),
        ("base", lambda source: questions.base_count(source, bench.at)),
    ]
    if definition.kind == "rules" and compiled.root.rules:
        steps.append(
            ("waterfall", lambda s: questions.waterfall(s, definition, bench.catalogue, bench.at, bench.others))
        )
    return tuple(steps)
