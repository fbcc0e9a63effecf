"""What is wrong with a definition, said so that a screen can show it at its place and in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `message` and `mend` are English catalogue keys; `values` fill their places, and may hold a
    problem in their turn."""

    path: Path
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    mend: str = ""

    def __str__(self) -> str:
        place = ".".join(str(step) for step in self.path)
        said = " ".join(text.format(**self.values) for text in (self.message, self.mend) if text)
        return f"{place}: {said}"


class DefinitionError(Exception):
    """A definition that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))
