"""What one person may do and see: a plain value that the gate, the pages and the API are given.

Here are only the words (scopes, masks, objects, column classes) and the value itself. Where rights come from is the
matter of the operational database; what they do to a query, of the gate.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

OBJECTS: Final = frozenset(
    {
        "customers",
        "services",
        "usage",
        "finance",
        "interactions",
        "contacts",
        "organisation",
        "analytics",
        "identity_resolution",
        "data_health",
        "exports",
        "sql",
        "api",
        "users",
        "roles",
        "audit",
        "sessions",
        "segments",
        "campaigns",
        "signals",
        "signal_rules",
        "models",
        "kpis",
        "tasks",
    }
)
ACTIONS: Final = frozenset({"view", "export", "query", "edit", "administer"})
COLUMN_CLASSES: Final = frozenset({"open", "name", "contact", "identity", "device", "finance_detail", "business_id"})
PERSONAL_CLASSES: Final = frozenset({"name", "contact", "identity", "device", "finance_detail"})


class Scope(StrEnum):
    """How far a right reaches, from narrow to wide."""

    OWN = "own"
    GROUP = "group"
    UNIT = "unit"
    ALL = "all"

    @property
    def width(self) -> int:
        """Position from narrow (0) to wide."""
        return list(type(self)).index(self)

    def __lt__(self, other: str) -> bool:
        return self.width < Scope(other).width

    def __le__(self, other: str) -> bool:
        return self.width <= Scope(other).width

    def __gt__(self, other: str) -> bool:
        return self.width > Scope(other).width

    def __ge__(self, other: str) -> bool:
        return self.width >= Scope(other).width


class Mask(StrEnum):
    """How much of a protected value is covered, from nothing to all of it."""

    OPEN = "open"
    PARTIAL = "partial"
    HASHED = "hashed"
    ABSENT = "absent"

    @property
    def strength(self) -> int:
        """Position from nothing covered (0) to everything."""
        return list(type(self)).index(self)

    def __lt__(self, other: str) -> bool:
        return self.strength < Mask(other).strength

    def __le__(self, other: str) -> bool:
        return self.strength <= Mask(other).strength

    def __gt__(self, other: str) -> bool:
        return self.strength > Mask(other).strength

    def __ge__(self, other: str) -> bool:
        return self.strength >= Mask(other).strength


@dataclass(frozen=True)
class Grant:
    """One right of a role: an action on an object, as far as the scope reaches."""

    scope: Scope


def _read_only(value: Mapping) -> Mapping:
    return MappingProxyType(dict(value))


@dataclass(frozen=True)
class Rights:
    """What a person may do now: the union of his roles, with the people and regions that each scope means.

    `employees` and `regions` hold, by scope (own, group, unit), the employee ids and region codes it reaches; "all"
    needs neither. `acting_for` is the administrator's user id when he looks through this person's eyes. `version` is
    that of the role matrix it was made from. Raises ValueError for an object, action or class that is not known.
    """

    user_id: int
    login: str
    display_name: str
    roles: frozenset[str] = frozenset()
    grants: Mapping[tuple[str, str], Scope] = field(default_factory=dict, hash=False)
    masks: Mapping[str, Mask] = field(default_factory=dict, hash=False)
    employees: Mapping[Scope, frozenset[str]] = field(default_factory=dict, hash=False)
    regions: Mapping[Scope, frozenset[str]] = field(default_factory=dict, hash=False)
    acting_for: int | None = None
    version: int = 0

    def __post_init__(self) -> None:
        grants = {key: Scope(scope) for key, scope in self.grants.items()}
        if unknown := {key for key in grants if key[0] not in OBJECTS or key[1] not in ACTIONS}:
            raise ValueError(f"unknown rights: {sorted(unknown)}")
        if unknown_classes := set(self.masks) - COLUMN_CLASSES:
            raise ValueError(f"unknown column classes: {sorted(unknown_classes)}")
        for name, value in (
            ("grants", grants),
            ("masks", {name: Mask(mask) for name, mask in self.masks.items()}),
            ("employees", {Scope(scope): frozenset(ids) for scope, ids in self.employees.items()}),
            ("regions", {Scope(scope): frozenset(codes) for scope, codes in self.regions.items()}),
        ):
            object.__setattr__(self, name, _read_only(value))

    def allows(self, subject: str, action: str) -> bool:
        """Whether the person may do `action` on the object at all, in any scope."""
        return (subject, action) in self.grants

    def scope(self, subject: str, action: str) -> Scope | None:
        """How far the right reaches; None when he has none."""
        return self.grants.get((subject, action))

    def mask(self, column_class: str) -> Mask:
        """How values of a class are shown to him. The class `open` is open; one that is not named is absent."""
        return Mask.OPEN if column_class == "open" else self.masks.get(column_class, Mask.ABSENT)

    def employees_in(self, scope: Scope) -> frozenset[str]:
        """Employee ids that the scope reaches: those of every narrower scope as well."""
        return frozenset().union(*(ids for narrower, ids in self.employees.items() if narrower <= scope))

    def regions_in(self, scope: Scope) -> frozenset[str]:
        """Region codes that the scope reaches: those of every narrower scope as well."""
        return frozenset().union(*(codes for narrower, codes in self.regions.items() if narrower <= scope))

    def limited(self, keeps: Callable[[str, str], bool]) -> "Rights":
        """The same person with fewer rights, for a token's scopes or a look through his eyes: what `keeps` approves."""
        return replace(self, grants={key: scope for key, scope in self.grants.items() if keeps(*key)})

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are made anew, since read-only mappings cannot be pickled."""
        values = (getattr(self, each.name) for each in fields(self))
        return type(self), tuple(dict(value) if isinstance(value, MappingProxyType) else value for value in values)

    @cached_property
    def fingerprint(self) -> str:
        """Equal for rights that show the same data, whoever has them; a key for caches of answers."""
        parts = {
            "grants": sorted([*key, scope] for key, scope in self.grants.items()),
            "masks": sorted((name, self.mask(name)) for name in COLUMN_CLASSES),
            "employees": [sorted(self.employees_in(scope)) for scope in (Scope.OWN, Scope.GROUP, Scope.UNIT)],
            "regions": [sorted(self.regions_in(scope)) for scope in (Scope.OWN, Scope.GROUP, Scope.UNIT)],
        }
        return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()
