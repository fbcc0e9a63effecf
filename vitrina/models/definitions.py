"""What churn means here, by type of customer: set by the administrator, known to the run, to dbt and to the models."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Protocol, Self

from vitrina.durable import write_json
from vitrina.errors import UserError

CUSTOMER_TYPES: Final = ("person", "organisation")
LIMITS: Final = {
    "gap_months": (0, 3),
    "horizon_months": (1, 6),
    "inactivity_days": (15, 180),
    "base_loss_pct": (1, 100),
    "margin_pct": (0, 100),
}
"""What an administrator may set, both ends included."""
LABEL_PARTS: Final = ("gap_months", "horizon_months", "inactivity_days", "base_loss_pct")


class WrongDefinition(UserError):
    """A part of a definition that cannot be: `part`, `low` and `high` say which and what could."""

    def __init__(self, part: str, low: int, high: int) -> None:
        self.part, self.low, self.high = part, low, high
        super().__init__(f"{part} has to be a whole number from {low} to {high}")


@dataclass(frozen=True)
class Definition:
    """Churn of one type of customers. The label of a month leaves out `gap_months` and watches `horizon_months`.

    Persons leave by using nothing in the horizon; who has used nothing for `inactivity_days` is gone already.
    Organisations leave by losing `base_loss_pct` percent of their open subscriptions. `margin_pct` is the part of
    payments that is left after their costs: what a customer's value counts.
    """

    gap_months: int = 1
    horizon_months: int = 2
    inactivity_days: int = 60
    base_loss_pct: int = 50
    margin_pct: int = 35

    def __post_init__(self) -> None:
        for part, (low, high) in LIMITS.items():
            value = getattr(self, part)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise WrongDefinition(part, low, high)

    @property
    def wait(self) -> int:
        """Months after a month end until its label is known."""
        return self.gap_months + self.horizon_months

    @property
    def label(self) -> dict[str, int]:
        """The parts that labels and features depend on."""
        return {part: getattr(self, part) for part in LABEL_PARTS}

    @property
    def key(self) -> str:
        """Short name of what churn means: models of different names are about different things."""
        return hashlib.sha256(json.dumps(self.label, sort_keys=True).encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Promotion:
    """A person's word that a version is the champion from now on."""

    version: str
    login: str
    at: str
    reason: str = ""


@dataclass(frozen=True)
class Wishes:
    """What people set: definitions by type of customer, and the latest promotion of each type."""

    definitions: Mapping[str, Definition] = field(default_factory=lambda: dict.fromkeys(CUSTOMER_TYPES, Definition()))
    promotions: tuple[Promotion, ...] = ()

    def to_json(self) -> str:
        """Plain values."""
        plain = {"definitions": {k: asdict(v) for k, v in self.definitions.items()}}
        return json.dumps(plain | {"promotions": [asdict(each) for each in self.promotions]}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` gave; parts of a definition that another release knew are left out."""
        plain = json.loads(text)
        known = {each.name for each in fields(Definition)}
        told = {
            kind: Definition(**{part: value for part, value in parts.items() if part in known})
            for kind, parts in plain["definitions"].items()
        }
        definitions = {kind: told.get(kind, Definition()) for kind in CUSTOMER_TYPES}
        return cls(definitions, tuple(Promotion(**each) for each in plain["promotions"]))

    def for_dbt(self) -> dict[str, dict[str, int]]:
        """What the session variables of a build are set to."""
        return {kind: definition.label for kind, definition in self.definitions.items()}


class Keeper(Protocol):
    """Who keeps what people set. What it raises (`UserError`) leaves what was known before."""

    def wishes(self) -> Wishes:
        """The definitions and promotions in force."""
        ...


def wishes_path(models_dir: Path) -> Path:
    """Where a home remembers what people set, for runs that do not reach the keeper."""
    return models_dir / "wishes.json"


def remembered(models_dir: Path) -> Wishes:
    """What was in force when the keeper last answered; what the product is delivered with before."""
    path = wishes_path(models_dir)
    return Wishes.from_json(path.read_text(encoding="utf-8")) if path.exists() else Wishes()


def remember(models_dir: Path, wishes: Wishes) -> None:
    """Keep what is in force, for this run and for those that do not reach the keeper."""
    if remembered(models_dir) != wishes or not wishes_path(models_dir).exists():
        models_dir.mkdir(parents=True, exist_ok=True)
        plain: dict[str, Any] = json.loads(wishes.to_json())
        write_json(wishes_path(models_dir), plain)
