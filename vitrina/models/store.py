"""Model files of a home, each named by its content, and the journal that says which of them counts.

A file is written first and recorded last; what the journal does not name is what a killed run left. The champion of a
type of customers is the last one that the journal promotes.
"""

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from signals.models.churn import ChurnModel
from signals.models.errors import DAMAGED, NoScores
from vitrina.durable import append_line, read_lines, write_text

FORMATS: Final = ("model.json", "report.json", "card.md")


@dataclass(frozen=True)
class Version:
    """One trained model: `sha256` is of its file, `definition` names what churn meant, `judged_until` the last month
    that its verdict knows; `report` is what the backtest and the checks said."""

    name: str
    customer_type: str
    definition: str
    trained_at: str
    judged_until: str
    sha256: str
    report: dict[str, Any] = field(hash=False, compare=False, default_factory=dict)


@dataclass(frozen=True)
class Promoted:
    """When a version became the champion, and by whom: a login, or ``pipeline``."""

    name: str
    at: str
    by: str
    reason: str


class ModelStore:
    """The folder `<home>/models`; creates nothing until a model is kept."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._journal = root / "journal.jsonl"

    def keep(self, model: ChurnModel, report: dict[str, Any], now: dt.datetime, definition: str) -> Version:
        """Write a model with its report, then record it. The same model kept twice is one version, judged anew."""
        text = model.to_json()
        digest = hashlib.sha256(text.encode()).hexdigest()
        name = f"{model.customer_type}-{model.calibrated_until:%Y-%m}-{digest[:8]}"
        folder = self._folder(name)
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / "model.json", text)
        write_text(folder / "report.json", json.dumps(report, ensure_ascii=False))
        version = Version(
            name, model.customer_type, definition, now.isoformat(), str(report["judged_until"]), digest, report
        )
        record = {k: v for k, v in asdict(version).items() if k != "report"}
        append_line(self._journal, {"event": "trained", **record})
        return version

    def promote(self, name: str, by: str, reason: str, now: dt.datetime) -> None:
        """Make a version the champion of its type."""
        append_line(self._journal, {"event": "promoted", **asdict(Promoted(name, now.isoformat(), by, reason))})

    def versions(self, customer_type: str) -> list[Version]:
        """Every recorded model of a type, oldest first."""
        records = [each for each in read_lines(self._journal) if each.get("event") == "trained"]
        last = {each["name"]: each for each in records if each["customer_type"] == customer_type}
        return [self._version(each) for each in last.values()]

    def promotions(self, customer_type: str) -> list[Promoted]:
        """Who became champion when, oldest first."""
        names = {each.name for each in self.versions(customer_type)}
        records = [each for each in read_lines(self._journal) if each.get("event") == "promoted"]
        return [
            Promoted(**{k: v for k, v in each.items() if k != "event"}) for each in records if each["name"] in names
        ]

    def champion(self, customer_type: str, definition: str) -> Version | None:
        """The version that scores now; None when the last champion meant something else by churn."""
        promoted = self.promotions(customer_type)
        known = {each.name: each for each in self.versions(customer_type)}
        found = known[promoted[-1].name] if promoted else None
        return found if found is not None and found.definition == definition else None

    def challenger(self, customer_type: str, definition: str) -> Version | None:
        """The newest version for this definition, when it is not the champion."""
        found = [each for each in self.versions(customer_type) if each.definition == definition]
        return found[-1] if found and found[-1] != self.champion(customer_type, definition) else None

    def load(self, version: Version) -> ChurnModel:
        """The model of a version. Raises `NoScores` when its file is gone or is another."""
        path = self._folder(version.name) / "model.json"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if hashlib.sha256(text.encode()).hexdigest() != version.sha256:
            raise NoScores(DAMAGED, version=version.name)
        return ChurnModel.from_json(text)

    def write_card(self, version: Version, text: str) -> None:
        """Put the card beside the model."""
        write_text(self._folder(version.name) / "card.md", text)

    def card(self, version: Version) -> str:
        """The card of a version; empty before it is written."""
        path = self._folder(version.name) / "card.md"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def history_file(self, customer_type: str, definition: str, month: dt.date) -> Path:
        """Where the scores of a month are kept, as they were said then."""
        return self.root / "history" / customer_type / definition / f"{month.isoformat()}.parquet"

    def history_files(self, customer_type: str, definition: str) -> list[Path]:
        """Months with kept scores, oldest first."""
        return sorted(self.history_file(customer_type, definition, dt.date.min).parent.glob("????-??-??.parquet"))

    def _folder(self, name: str) -> Path:
        return self.root / "versions" / name

    def _version(self, record: dict[str, Any]) -> Version:
        plain = {key: value for key, value in record.items() if key != "event"}
        path = self._folder(plain["name"]) / "report.json"
        return Version(**plain, report=json.loads(path.read_text(encoding="utf-8")) if path.exists() else {})
