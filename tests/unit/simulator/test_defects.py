"""Every planted defect is where defects.json says, as often as it says, and the good rows come in the end."""

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

UsageReader = Callable[[Path], pl.DataFrame]


@pytest.fixture(scope="module")
def planted(operator: Path) -> dict[str, dict]:
    """Records of the usage files by the name of the defect."""
    records = json.loads((operator / "truth" / "defects.json").read_text())
    return {r["defect"]: r | {"path": usage(operator) / r["file"]} for r in records if r["entity"] == "usage"}


def usage(home: Path) -> Path:
    return home / "inbox" / "foris" / "usage"


def lines_of(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode("cp1251").splitlines()


def test_all_kinds_of_defects_are_planted_even_in_a_small_operator(operator: Path, planted: dict[str, dict]) -> None:
    assert set(planted) == {
        "delivered_twice", "late_rows", "out_of_order", "truncated_file", "wrong_encoding", "bad_types", "unknown_keys",
        "duplicate_rows", "added_column", "empty_delivery", "wrong_field_count", "out_of_range", "missing_column",
        "volume_collapse"}  # fmt: skip
    others = {(r["source"], r["defect"]) for r in json.loads((operator / "truth" / "defects.json").read_text())}
    assert {("dms", "bad_json"), ("dms", "bad_imei"), ("onec", "bad_inn"), ("tax", "unknown_status")} <= others


def test_a_file_comes_twice_with_the_same_bytes(planted: dict[str, dict]) -> None:
    record = planted["delivered_twice"]
    assert record["path"].read_bytes() == record["path"].with_name(record["original"]).read_bytes()


def test_the_truncated_file_cannot_be_unpacked_and_its_second_delivery_can(planted: dict[str, dict]) -> None:
    record = planted["truncated_file"]
    with pytest.raises((EOFError, zlib.error)):
        gzip.decompress(record["path"].read_bytes())
    assert len(lines_of(record["path"].with_name(record["redelivery"]))) == record["rows_expected"] + 1


def test_the_wrongly_encoded_file_is_utf8_with_cyrillic(planted: dict[str, dict]) -> None:
    record = planted["wrong_encoding"]
    content = gzip.decompress(record["path"].read_bytes())
    assert "Индия" in content.decode("utf-8")
    with pytest.raises(UnicodeDecodeError):
        content.decode("cp1251")
    assert content.decode("utf-8").splitlines() == lines_of(record["path"].with_name(record["redelivery"]))


@pytest.mark.parametrize(
    ("defect", "is_bad"),
    [
        ("bad_types", lambda f: f[2] == "abc" or f[1].endswith("02-31") or f[7].count(",") > 1),
        ("unknown_keys", lambda f: int(f[0]) > 9_000_000_000),
        ("wrong_field_count", lambda f: len(f) != 13),
        ("out_of_range", lambda f: f[2].startswith("-")),
    ],
)
def test_exactly_the_named_lines_are_bad(planted: dict[str, dict], defect: str, is_bad: Callable) -> None:
    record = planted[defect]
    lines = lines_of(record["path"])
    assert [n for n, line in enumerate(lines[1:], start=2) if is_bad(line.split(";"))] == record["lines"]
    assert len(record["lines"]) == record["count"] > 0


def test_duplicate_rows_repeat_rows_of_the_same_file(planted: dict[str, dict]) -> None:
    record = planted["duplicate_rows"]
    lines = lines_of(record["path"])
    first = record["lines"][0] - 1
    assert len(lines[first:]) == record["count"]
    assert set(lines[first:]) <= set(lines[:first])


def test_late_rows_are_of_the_day_that_lacks_them(
    planted: dict[str, dict], operator: Path, clean_operator: Path
) -> None:
    record = planted["late_rows"]
    late = [lines_of(record["path"])[n - 1] for n in record["lines"]]
    lacking, whole = (lines_of(usage(home) / record["missing_from"]) for home in (operator, clean_operator))
    assert sorted(late + lacking) == sorted(whole)


def test_whole_file_defects_come_again_in_good_form(planted: dict[str, dict], clean_operator: Path) -> None:
    for name in ("missing_column", "volume_collapse", "empty_delivery", "truncated_file"):
        record = planted[name]
        again = record["path"].with_name(record["redelivery"])
        assert lines_of(again) == lines_of(usage(clean_operator) / record["file"]), name
    assert lines_of(planted["empty_delivery"]["path"])[1:] == []
    assert "sms_out" not in lines_of(planted["missing_column"]["path"])[0]
    assert lines_of(planted["added_column"]["path"])[0].endswith(";network_type")


def test_files_without_a_record_are_clean(planted: dict[str, dict], operator: Path, clean_operator: Path) -> None:
    touched = {r[key] for r in planted.values() for key in ("file", "redelivery", "missing_from") if key in r}
    names = {p.name for p in usage(operator).iterdir()} - touched
    assert names <= {p.name for p in usage(clean_operator).iterdir()}
    assert [n for n in names if (usage(operator) / n).read_bytes() != (usage(clean_operator) / n).read_bytes()] == []
