"""Every planted defect against what the product made of it: `python -m benchmarks.defects --home H`.

Reads the truth beside the simulated data, the ingestion ledger and the quarantine; ends with status 1 when a defect
was not found, was found elsewhere or otherwise than planted, has no explanation, or when anything else was refused.
"""

import argparse
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from data_contracts.messages import CATALOGUE, LANGUAGES, fault_text
from ingest import health
from ingest.messages import template
from ingest.workspace import Workspace, open_workspace
from vitrina.i18n import translator
from vitrina.settings import Settings

Row = dict[str, Any]
ROW_RULES = {"type": ".type", "foreign_key": ".reference", "unique": ".unique", "minimum": ".minimum",
             "json": "row.json",
             "pattern": ".pattern", "enum": ".allowed", "field_count": "row.field_count"}  # fmt: skip
REASONS = {"missing_column": "columns_missing", "volume": "volume", "encoding": "wrong_encoding", "empty": "empty",
           "unreadable": "truncated_gzip"}  # fmt: skip
WARNINGS = {"added_column": "columns_added", "balance_difference": "balance_differs"}
EVERYTHING = 1_000_000


@dataclass
class Verdict:
    """One planted defect: how often it was planted and found, the words for it, and what is not as it should be."""

    record: Row
    found: int = 0
    words: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Source, entity and kind of the defect."""
        return f"{self.record['source']}.{self.record['entity']} {self.record['defect']}"

    def hold(self, true: bool, problem: str) -> None:
        """Note a problem unless something is true."""
        if not true:
            self.problems.append(problem)


def judge(settings: Settings) -> tuple[list[Verdict], list[Row]]:
    """A verdict on each planted defect, and refused rows and stopped deliveries that nobody planted."""
    planted = json.loads((settings.home / "truth" / "defects.json").read_text(encoding="utf-8"))
    with open_workspace(settings) as workspace:
        deliveries = workspace.ledger.rows("select * from deliveries")
        entities = [e for c in workspace.connectors.values() for e in c.entities.values()]
        refused = [row for e in entities
                   for row in health.quarantined_rows(settings, e.source, e.entity, limit=EVERYTHING)]  # fmt: skip
        judged = [_judge(workspace, record, deliveries, refused) for record in planted]
    claimed = {key for _, keys in judged for key in keys}
    others = [row for row in refused if _key(row) not in claimed]
    spoiled = {(r["source"], r["file"]) for r in planted}
    others += [d for d in deliveries if (d["state"] in ("rejected", "duplicate") or d["reason"])
               and (d["source"], d["file_name"]) not in spoiled]  # fmt: skip
    return [verdict for verdict, _ in judged], others


def _judge(workspace: Workspace, record: Row, deliveries: list[Row], refused: list[Row]) -> tuple[Verdict, set]:
    verdict, of = Verdict(record), (record["source"], record["entity"])
    mine = [d for d in deliveries if (d["source"], d["entity"]) == of]
    # The tax portal answers requests: its deliveries carry no name of a file.
    delivery = next((d for d in mine if d["file_name"] == record["file"]), None)
    if delivery is None and record["source"] != "tax":
        verdict.hold(False, "the delivery was never taken in")
        return verdict, set()
    outcome = record["expected"]["outcome"]
    if outcome == "quarantined":
        return verdict, _rows(workspace, verdict, [r for r in refused if (r["source"], r["entity"]) == of])
    if outcome == "told" or record["expected"]["rule"] in WARNINGS:
        _told(workspace, verdict, delivery)
    else:
        _decided(workspace, verdict, delivery)
    _taken_again(verdict, mine)
    return verdict, set()


def _rows(workspace: Workspace, verdict: Verdict, refused: list[Row]) -> set:
    """Bad rows: in the named file on the named lines, or with the named keys, each refused by the right rule."""
    record, rule = verdict.record, ROW_RULES[verdict.record["expected"]["rule"]]
    here = [r for r in refused if r["_file"] == record["file"] or record["source"] == "tax"]
    lines, keys = set(record.get("lines", [])), record.get("keys", [])
    if lines:
        mine = [r for r in here if r["_line"] in lines]
        verdict.hold({r["_line"] for r in mine} == lines, "other lines than planted")
    else:
        mine = [r for r in here if r["rule"].endswith(rule) and (not keys or any(k in r["row_text"] for k in keys))]
        verdict.hold(all(any(k in r["row_text"] for r in mine) for k in keys), "a planted key was not refused")
    verdict.found = len(mine)
    verdict.hold(len(mine) == record["count"], "another count than planted")
    wrong = sorted({r["rule"] for r in mine if not r["rule"].endswith(rule)})
    verdict.hold(not wrong, f"refused by {', '.join(wrong)}")
    if mine:
        entity = workspace.entity(record["source"], record["entity"])
        contract, row = workspace.contract(entity), mine[0]
        verdict.words = {x: fault_text(contract, row["rule"], x, row["value"], row["_line"]) for x in LANGUAGES}
    _explained(verdict)
    return {_key(row) for row in mine}


def _decided(workspace: Workspace, verdict: Verdict, delivery: Row) -> None:
    """Whole deliveries: the right state, for the right reason, with nothing loaded that should not be."""
    record = verdict.record
    outcome, rule = record["expected"]["outcome"], record["expected"]["rule"]
    verdict.hold(delivery["state"] == outcome, f"state {delivery['state']}")
    verdict.found = record["count"] if delivery["state"] == outcome else 0
    if outcome == "accepted":
        verdict.hold(delivery["quarantined_rows"] == 0, "rows were refused")
        verdict.found = verdict.found and (delivery["accepted_rows"] if record["defect"] == "out_of_order"
                                           else len(record.get("lines", [])))  # fmt: skip
        verdict.hold(verdict.found == record["count"], "another count than planted")
        return
    verdict.hold(not delivery["accepted_rows"], "rows were loaded")
    if outcome == "duplicate":
        original = workspace.ledger.row("select file_name from deliveries where delivery_id = ?",
                                        delivery["duplicate_of"])  # fmt: skip
        verdict.hold(bool(original) and original["file_name"] == record["original"], "a copy of another delivery")
        verdict.words = {language: translator(language).text("Duplicate") for language in LANGUAGES}
    else:
        verdict.hold(delivery["reason"] == REASONS[rule], f"reason {delivery['reason']}")
        verdict.words = {x: words(delivery["reason"], delivery["reason_values"], x) for x in LANGUAGES}
    _explained(verdict)


def _told(workspace: Workspace, verdict: Verdict, delivery: Row) -> None:
    """Let in with a warning."""
    record = verdict.record
    code = WARNINGS[record["expected"]["rule"]]
    told = [w for w in workspace.ledger.rows("select * from warnings where delivery_id = ?", delivery["delivery_id"])
            if w["code"] == code]  # fmt: skip
    verdict.hold(delivery["state"] == "accepted", f"state {delivery['state']}")
    verdict.hold(len(told) == 1, f"told {len(told)} times")
    verdict.found = (delivery["accepted_rows"] if code == "columns_added" else len(told)) if told else 0
    verdict.hold(verdict.found == record["count"], "another count than planted")
    for warning in told:
        verdict.words = {language: words(code, warning["details"], language) for language in LANGUAGES}
        if "difference" in record:
            right = (warning["details"]["account"], float(warning["details"]["difference"]))
            verdict.hold(right == (record["account"], record["difference"]), f"told of {right}")
    _explained(verdict)


def _taken_again(verdict: Verdict, deliveries: list[Row]) -> None:
    """The good file that came afterwards under another name is in, whole."""
    record = verdict.record
    if "redelivery" in record:
        again = next((d for d in deliveries if d["file_name"] == record["redelivery"]), None)
        verdict.hold(again is not None and again["state"] == "accepted", "the good delivery was not taken")
        verdict.hold(again is not None and again["accepted_rows"] == record["rows_expected"],
                     "the good delivery lost rows")  # fmt: skip


def _explained(verdict: Verdict) -> None:
    said = set(verdict.words.values())
    verdict.hold(len(said) == len(LANGUAGES) and all(said), "not explained in three languages")


def words(code: str, values: Row, language: str) -> str:
    """Why a delivery was stopped or what was told about it, as people read it."""
    own = CATALOGUE.get(f"delivery.{code}", {}).get(language)
    return (own or translator(language).text(template(code))).format(**(values or {}))


def _key(row: Row) -> tuple:
    return row["source"], row["entity"], row["_delivery_id"], row["_line"]


def main() -> int:
    """Print the table; exit status 1 when anything is not as planted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    options = parser.parse_args()
    verdicts, others = judge(Settings(home=options.home))
    table = Table("defect", "file", "planted", "found", "explained", "")
    for v in verdicts:
        table.add_row(v.name, v.record["file"], str(v.record["count"]), str(v.found), v.words.get(options.language, ""),
                      "; ".join(v.problems) or "ok")  # fmt: skip
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)
    bad = sum(bool(v.problems) for v in verdicts)
    console.print(f"{len(verdicts)} planted, {len(verdicts) - bad} found as planted, {len(others)} refused that "
                  "nobody planted.")  # fmt: skip
    return 1 if bad or others else 0


if __name__ == "__main__":
    sys.exit(main())
