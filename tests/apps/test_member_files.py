"""Files of members: what was covered is told, and one that is cancelled leaves nothing."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from apps.data import member_files
from apps.data.member_files import Cancelled, MemberFile, Order
from crm.services.actor import Actor
from segments.definition import parse
from segments.engine import At, compile_segment
from segments.questions import read_catalogue
from tests.apps.small_operator import AS_OF
from tests.unit.access.people import person
from vitrina.access.gate import Gate, GatedReader, Purpose
from vitrina.access.rights import Mask, Scope

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
EVERYBODY = {"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": []}}


@pytest.fixture(scope="module")
def reader(small_published: Path) -> GatedReader:
    """Someone who takes out all customers and sees contacts in part."""
    gate = Gate.open(small_published, lambda _: None, b"a secret of the tests", lambda: NOW)
    grants = {("customers", action): Scope.ALL for action in ("view", "export")}
    return gate.reader(person(grants, {"contact": Mask.PARTIAL, "name": Mask.OPEN}), Purpose.EXPORT, "127.0.0.1")


@pytest.fixture(scope="module")
def order(reader: GatedReader) -> Order:
    """All customers with name and phone."""
    compiled = compile_segment(parse(EVERYBODY), read_catalogue(reader), At.current(AS_OF))
    return Order(compiled, ("full_name", "contact_phone", "pinfl"), "csv", {})


def test_the_receipt_names_the_columns_with_what_covered_them(reader: GatedReader, order: Order) -> None:
    told = member_files._columns_with_masks(reader, order)
    assert told == ("customer_id", "full_name", "contact_phone:partial", "pinfl:absent")


def test_a_cancelled_file_is_stopped_and_leaves_nothing(reader: GatedReader, order: Order, tmp_path: Path) -> None:
    made = MemberFile("token", 7, tmp_path / "token.csv", NOW)
    made.cancel()
    member_files._make(SimpleNamespace(), reader, order, Actor(7, "someone", ""), made)  # type: ignore[arg-type]
    assert isinstance(made.error, Cancelled)
    assert made.is_over
    assert list(tmp_path.iterdir()) == []


def test_a_text_file_begins_with_its_mark_and_is_divided_at_semicolons(
    reader: GatedReader, order: Order, tmp_path: Path
) -> None:
    made = MemberFile("token", 7, tmp_path / "token.csv", NOW)
    digest = member_files._write(reader, order, made)
    lines = made.path.read_bytes().decode("utf-8-sig").splitlines()
    assert made.path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert lines[0].replace('"', "") == "customer_id;full_name;contact_phone;pinfl"
    assert (len(lines), made.written, len(digest)) == (61, 60, 64)
    assert "+998 90 ••• ••" in lines[1]


def test_files_of_a_process_that_is_gone_are_removed(tmp_path: Path) -> None:
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    for path in (old, new):
        path.write_text("x")
    import os

    os.utime(old, (NOW.timestamp() - 3 * 86400,) * 2)
    os.utime(new, (NOW.timestamp(),) * 2)
    member_files._sweep_orphans(tmp_path, NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]


def test_text_that_a_spreadsheet_would_run_is_made_harmless_and_numbers_stay_numbers() -> None:
    texts = ["=1+1", "@SUM(A1)", "-2+3|cmd", "+HYPERLINK(1)", "\tx", "+998 90 ••• •• 12", "-12,5", "Anvar", "", None]
    batch = pa.RecordBatch.from_pydict({"customer_id": list(range(len(texts))), "name": pa.array(texts, pa.string())})
    done = member_files.without_formulas(batch)
    assert done.column("name").to_pylist() == [
        "'=1+1", "'@SUM(A1)", "'-2+3|cmd", "'+HYPERLINK(1)", "'\tx", "+998 90 ••• •• 12", "-12,5", "Anvar", "", None,
    ]  # fmt: skip
    assert done.column("customer_id") == batch.column("customer_id")
