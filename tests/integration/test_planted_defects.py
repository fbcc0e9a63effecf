"""Every defect that the simulator planted is found exactly, in words that people read, and nothing else is refused."""

import json
from pathlib import Path

import pytest

from benchmarks.defects import Verdict, judge
from vitrina.settings import Settings

# What the truth of a small operator must hold: with a shorter list the other tests would say less than they seem to.
KINDS = {
    "foris.usage": {"late_rows", "out_of_order", "bad_types", "unknown_keys", "duplicate_rows", "added_column",
                    "wrong_field_count", "out_of_range", "missing_column", "volume_collapse", "wrong_encoding",
                    "empty_delivery", "truncated_file", "delivered_twice"},
    "dms.device": {"bad_json", "bad_imei"},
    "onec.bank_statement": {"balance_disagrees"},
    "onec.bank_document": {"bad_document_date", "delivered_twice"},
    "onec.counterparty": {"bad_inn"},
    "onec.invoice": {"negative_amount"},
    "tax.taxpayer": {"bad_inn", "unknown_status"},
    "tax.einvoice": {"negative_amount", "bad_date"},
}  # fmt: skip


@pytest.fixture(scope="module")
def judged(operator_home: Path) -> tuple[list[Verdict], list[dict]]:
    """Verdicts on all planted defects, and what was refused though nobody planted it."""
    return judge(Settings(home=operator_home))


def test_the_truth_names_every_kind_of_defect(operator_home: Path) -> None:
    planted = json.loads((operator_home / "truth" / "defects.json").read_text())
    kinds: dict[str, set[str]] = {}
    for record in planted:
        kinds.setdefault(f"{record['source']}.{record['entity']}", set()).add(record["defect"])
    assert kinds == KINDS


def test_every_planted_defect_is_found_in_its_place_by_its_rule_and_explained(
    judged: tuple[list[Verdict], list[dict]],
) -> None:
    assert {f"{v.name} in {v.record['file']}": v.problems for v in judged[0] if v.problems} == {}
    assert [v.found for v in judged[0]] == [v.record["count"] for v in judged[0]]


def test_nothing_is_refused_that_nobody_planted(judged: tuple[list[Verdict], list[dict]]) -> None:
    assert judged[1] == []


def test_each_explanation_is_in_the_alphabet_of_its_language(judged: tuple[list[Verdict], list[dict]]) -> None:
    """Russian is told from Uzbek and English by its letters; the values shown in a sentence may be of any language."""
    for verdict in judged[0]:
        if verdict.words:
            assert any("а" <= letter <= "я" for letter in verdict.words["ru"].lower()), verdict.words
            assert verdict.words["uz"] != verdict.words["en"], verdict.words


def test_a_missing_defect_would_be_noticed(operator_home: Path, tmp_path: Path) -> None:
    """The judge itself: told of a defect that is not there, it says so."""
    planted = json.loads((operator_home / "truth" / "defects.json").read_text())
    for record in planted:
        record["count"] += 1
        record["lines"] = [*record.get("lines", []), 1] if record.get("lines") else []
    for name in ("landing", "raw", "quarantine", "state", "inbox"):
        (tmp_path / name).symlink_to(operator_home / name)
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "defects.json").write_text(json.dumps(planted))
    verdicts, _ = judge(Settings(home=tmp_path))
    assert [v.name for v in verdicts if v.record["expected"]["outcome"] == "quarantined" and not v.problems] == []
