"""What is asked of the keeper of segments, and told to it: plain values that also travel between processes as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

State = Literal["done", "failed"]


@dataclass(frozen=True)
class Wanted:
    """A published version of a segment: its number and its definition as a document."""

    version: int
    document: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Plan:
    """Every segment in use by key, those that are due now, and what segments that are not in use mean to others."""

    active: Mapping[str, Wanted] = field(hash=False)
    due: tuple[str, ...]
    drafts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """What `to_json` wrote."""
        plain = json.loads(text)
        active = {key: Wanted(each["version"], each["document"]) for key, each in plain["active"].items()}
        return cls(active, tuple(plain["due"]), plain["drafts"])

    def to_json(self) -> str:
        """Plain values."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True)
class Outcome:
    """How one segment came out of a run: `base` is how many customers there are; figures are None for one that failed.

    `at` and `as_of` are ISO texts.
    """

    key: str
    version: int
    at: str
    as_of: str
    state: State
    members: int | None = None
    entered: int | None = None
    left: int | None = None
    base: int | None = None
    message: str = ""


class Register(Protocol):
    """The keeper of segments. What it raises (`KeeperFailed` or `UserError`) stops a run of segments, and no more."""

    def plan(self, snapshot: int, keys: Sequence[str] = ()) -> Plan:
        """What is in use, and what is due on snapshot number `snapshot`; or, when there are `keys`, those alone."""
        ...

    def held(self, outcomes: Sequence[Outcome], snapshot: int) -> frozenset[str]:
        """Keys whose size is not believed; writes nothing down."""
        ...

    def record(self, outcomes: Sequence[Outcome], snapshot: int) -> None:
        """Write the runs down, and tell owners what they have to know."""
        ...


def outcomes_to_json(outcomes: Sequence[Outcome]) -> str:
    """Outcomes as plain values."""
    return json.dumps([asdict(each) for each in outcomes], ensure_ascii=False)


def outcomes_from_json(text: str) -> tuple[Outcome, ...]:
    """What `outcomes_to_json` wrote."""
    return tuple(Outcome(**each) for each in json.loads(text))
