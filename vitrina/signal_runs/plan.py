"""What is asked of the keeper of signals, and told to it: plain values that also travel between processes."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.feather as feather

FOUND: Final = pa.schema(
    {
        "rule_key": pa.string(), "day": pa.date32(), "customer_id": pa.int64(), "severity": pa.float64(),
        "value": pa.float64(), "baseline": pa.float64(), "change_pct": pa.float64(), "details": pa.string(),
        "customer_value": pa.float64(),
    }
)  # fmt: skip
CUSTOMERS: Final = pa.schema({"customer_id": pa.int64(), "manager_id": pa.string(), "region_code": pa.string()})
OUTCOMES: Final = pa.schema({"signal_id": pa.int64(), "happened": pa.bool_()})


@dataclass(frozen=True)
class WantedRule:
    """A published version of a rule with the days on which it is due, in order; `is_shadow` for one on trial."""

    version: int
    document: Mapping[str, Any] = field(hash=False)
    is_shadow: bool
    days: tuple[str, ...]


@dataclass(frozen=True)
class WantedOutcome:
    """A signal whose time is over: did what it warned of come, from the day after `day` on?"""

    signal_id: int
    customer_id: int
    day: str
    kind: str
    within_days: int


@dataclass(frozen=True)
class Plan:
    """Rules that are due by key, what segments mean that they may name, and outcomes to be measured."""

    rules: Mapping[str, WantedRule] = field(hash=False)
    segments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    outcomes: tuple[WantedOutcome, ...] = ()

    @property
    def days(self) -> tuple[dt.date, ...]:
        """Every day on which any rule is due, in order."""
        return tuple(sorted({dt.date.fromisoformat(day) for rule in self.rules.values() for day in rule.days}))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.days and not self.outcomes

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """What `to_json` wrote."""
        plain = json.loads(text)
        rules = {
            key: WantedRule(each["version"], each["document"], each["is_shadow"], tuple(each["days"]))
            for key, each in plain["rules"].items()
        }
        return cls(rules, plain["segments"], tuple(WantedOutcome(**each) for each in plain["outcomes"]))

    def to_json(self) -> str:
        """Plain values."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True)
class Findings:
    """What a plan came to on snapshot number `snapshot`: tables `FOUND`, `CUSTOMERS` (whose everybody is now who was
    found), `OUTCOMES`; `plan` as it was asked; `failed` says of rules that could not be evaluated why."""

    snapshot: int
    as_of: dt.date
    plan: Plan
    found: pa.Table = field(hash=False)
    customers: pa.Table = field(hash=False)
    outcomes: pa.Table = field(hash=False)
    failed: Mapping[str, str] = field(default_factory=dict, hash=False)

    def write(self, folder: Path) -> None:
        """Put everything into files of a folder, for another process."""
        head = {"snapshot": self.snapshot, "as_of": self.as_of.isoformat(), "failed": dict(self.failed)}
        (folder / "head.json").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")
        (folder / "plan.json").write_text(self.plan.to_json(), encoding="utf-8")
        for name in ("found", "customers", "outcomes"):
            feather.write_feather(getattr(self, name), str(folder / f"{name}.arrow"), compression="uncompressed")

    @classmethod
    def read(cls, folder: Path) -> "Findings":
        """What `write` put there."""
        head = json.loads((folder / "head.json").read_text(encoding="utf-8"))
        tables = {
            name: feather.read_table(str(folder / f"{name}.arrow")) for name in ("found", "customers", "outcomes")
        }
        plan = Plan.from_json((folder / "plan.json").read_text(encoding="utf-8"))
        return cls(head["snapshot"], dt.date.fromisoformat(head["as_of"]), plan, failed=head["failed"], **tables)


@dataclass(frozen=True)
class Recorded:
    """What was written down: days that were new; signals raised, raised again, closed, on trial, held back by limits;
    outcomes; rules that failed."""

    days: int = 0
    raised: int = 0
    raised_again: int = 0
    closed: int = 0
    on_trial: int = 0
    held_back: int = 0
    outcomes: int = 0
    failed: int = 0

    @property
    def is_news(self) -> bool:
        """Whether any signal changed."""
        return any((self.raised, self.raised_again, self.closed, self.outcomes))

    def to_json(self) -> str:
        """Plain values."""
        return json.dumps(asdict(self))


class Keeper(Protocol):
    """The keeper of signals. What it raises (`KeeperFailed` or `UserError`) stops a run of signals, and no more."""

    def plan(self, as_of: dt.date, keys: Sequence[str] = ()) -> Plan:
        """What is due on data up to `as_of`; of the rules `keys` alone when there are any."""
        ...

    def record(self, findings: Findings) -> Recorded:
        """Write down what was found, each day in one transaction; days that somebody else wrote meanwhile are left."""
        ...

    def history(self, path: Path) -> int:
        """Write every signal with its life as a Parquet file; how many there are."""
        ...
