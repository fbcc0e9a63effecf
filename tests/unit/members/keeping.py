"""A keeper of segments for tests: definitions in a dictionary, an alarm that is set by hand, and what it was told."""

from collections.abc import Mapping, Sequence
from typing import Any

from vitrina.members.plan import Outcome, Plan, Wanted


def rules(*each: Mapping[str, Any]) -> dict[str, Any]:
    """A document of these conditions."""
    return {"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": list(each)}}


def attribute(field: str, operator: str, value: Any) -> dict[str, Any]:
    """A condition on the profile."""
    return {"kind": "attribute", "field": field, "operator": operator, "value": value}


class Keeper:
    """Segments in use by key; all are due unless `due` says which."""

    def __init__(self, **documents: Mapping[str, Any]) -> None:
        self.documents: dict[str, Mapping[str, Any]] = dict(documents)
        self.due: tuple[str, ...] | None = None
        self.disbelieved: frozenset[str] = frozenset()
        self.told: list[tuple[int, tuple[Outcome, ...]]] = []

    def plan(self, snapshot: int, keys: Sequence[str] = ()) -> Plan:
        """All of them, or those that are asked for."""
        due = tuple(keys) or (tuple(self.documents) if self.due is None else self.due)
        return Plan({key: Wanted(1, document) for key, document in self.documents.items()}, due)

    def held(self, outcomes: Sequence[Outcome], snapshot: int) -> frozenset[str]:
        """What was set."""
        return self.disbelieved

    def record(self, outcomes: Sequence[Outcome], snapshot: int) -> None:
        """Remember."""
        self.told.append((snapshot, tuple(outcomes)))
