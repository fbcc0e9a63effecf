"""JSON lines, XML and blank-aligned text, by configuration."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ingest_shop import Shop

from ingest import run
from vitrina.settings import Settings

SHARED = Settings().shared_data
COLUMNS: list[dict[str, Any]] = [
    {"name": "day", "type": "date", "required": True},
    {"name": "subscription_id", "type": "integer", "key": 1, "logicalTypeOptions": {"minimum": 1}},
    {"name": "model", "type": "string", "required": True},
    {"name": "year", "type": "integer"},
]


def _lines(*objects: Any) -> bytes:
    return gzip.compress(
        "".join(o if isinstance(o, str) else json.dumps(o, ensure_ascii=False) + "\n" for o in objects).encode()
    )


def test_json_lines_are_read_by_path_and_bad_ones_named_by_line(shop: Shop) -> None:
    shop.describe(
        "device",
        {"kind": "files", "format": "jsonl", "path": "shop/d_*.gz", "rename": {"model": "device.model"}},
        COLUMNS,
    )
    good = {"day": "2026-02-01", "subscription_id": 5, "device": {"model": "Galaxy «А»"}, "year": 2024}
    shop.drop(
        "d_1.jsonl.gz",
        _lines(good, "\n", "not json\n", good | {"subscription_id": "x"}, "[1]\n", good | {"subscription_id": 6}),
    )
    shop.drop("d_2.jsonl.gz", _lines(good | {"subscription_id": 7, "year": "12.5"}))
    shop.drop("d_3.jsonl.gz", _lines({"day": "2026-02-01", "device": {"model": "a"}}))
    shop.ingest("device")
    assert shop.raw("subscription_id, model, year, _file, _line", "device") == [
        (5, "Galaxy «А»", 2024, "d_1.jsonl.gz", 1), (6, "Galaxy «А»", 2024, "d_1.jsonl.gz", 6),
    ]  # fmt: skip
    assert shop.quarantine('_file, _line, "rule"', "device") == [
        ("d_1.jsonl.gz", 3, "row.json"), ("d_1.jsonl.gz", 4, "subscription_id.type"), ("d_1.jsonl.gz", 5, "row.json"),
        ("d_2.jsonl.gz", 1, "year.type"),
    ]  # fmt: skip
    assert shop.states("device")["d_3.jsonl.gz"] == "rejected"


def test_days_without_changes_are_empty_and_no_duplicates_of_each_other(shop: Shop) -> None:
    shop.describe("device", {"kind": "files", "format": "jsonl", "path": "shop/d_*.gz"}, COLUMNS)
    for day in (1, 2, 3):
        shop.drop(f"d_{day}.jsonl.gz", gzip.compress(b"", mtime=0))
    shop.ingest("device")
    assert list(shop.states("device").values()) == ["empty"] * 3


def test_xml_rows_are_found_by_path_whatever_the_namespace(shop: Shop) -> None:
    fields = {"day": "../@date", "subscription_id": "@id", "model": "Device/Model|Device/Name", "year": "Device/Year"}
    shop.describe("device", {"kind": "xml", "path": "shop/*.xml", "rows": "Days/Item", "fields": fields}, COLUMNS)
    shop.drop(
        "a.xml",
        '<?xml version="1.0" encoding="windows-1251"?>\n<r xmlns="urn:x"><Days date="2026-02-01">\n'
        '<Item id="1"><Device><Model>Нокиа</Model></Device></Item>\n'
        '<Item id="0"><Device><Name>B</Name></Device></Item>\n'
        "</Days>\n<Days date='2026-02-02'>"
        "<Item id='3'><Device><Name>C</Name><Year>2020</Year></Device></Item></Days></r>",
    )
    shop.drop("b.xml", "<r><Days><Item id='9'>")
    shop.drop("c.xml", '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]><r><Days date="2026-02-03">'
              "<Item id='4'><Device><Name>&e;D</Name></Device></Item></Days></r>")  # fmt: skip
    shop.ingest("device")
    assert shop.raw("day, subscription_id, model, year, _line", "device")[:2] == [
        (date(2026, 2, 1), 1, "Нокиа", None, 3), (date(2026, 2, 2), 3, "C", 2020, 6),
    ]  # fmt: skip
    assert shop.quarantine('_line, "rule"', "device")[0] == (4, "subscription_id.minimum")
    assert shop.states("device")["b.xml"] == "rejected"
    host = Path("/etc/hostname").read_text().strip() if Path("/etc/hostname").exists() else "no such host"
    assert not any(host in str(row) for row in shop.raw("model", "device"))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared folder with real data is absent")
@pytest.mark.parametrize(
    ("source", "rows"), [("cdnow", {"cdnow__payment": 69_659}), ("telco", {"telco__customer": 7_043})]
)
def test_real_data_is_taken_in_whole_by_configuration_alone(tmp_path: Path, source: str, rows: dict[str, int]) -> None:
    result = run.ingest_all(Settings(home=tmp_path, enabled_sources=source))
    assert result.failures == {}
    assert {load.table: load.accepted_rows for load in result.loads} == rows
    assert sum(load.quarantined_rows for load in result.loads) == 0
