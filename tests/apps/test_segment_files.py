"""Members taken out as files: every format reads back, the file is its maker's alone, the receipt proves it."""

import datetime as dt
import time
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pa_parquet
import pytest
from python_calamine import CalamineWorkbook

from apps.data import segment_catalogue
from apps.data.member_files import MemberFile, Order, files
from apps.data.workbooks import Workbook
from apps.gatekeeper import gatekeeper
from apps.services import services
from crm.services import accounts
from crm.services import segments as kept
from crm.services.actor import Actor
from crm.services.rights import RightsCache
from segments.definition import parse
from segments.engine import At, compile_segment
from tests.apps.people import EVERYTHING
from vitrina.access.looks import Purpose

DOCUMENT = {"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": [
    {"kind": "attribute", "field": "customer_type", "operator": "=", "value": "organisation"}]}}  # fmt: skip


@pytest.fixture
def made(use_home: Path, request: pytest.FixtureRequest) -> tuple[MemberFile, int]:
    """A file of the fifteen organisations in the format that the test asks for, and its maker."""
    shared = services()
    with shared.database.read() as session:
        user = accounts.user_by_login(session, EVERYTHING)
    rights = RightsCache(shared.database).of(user.user_id, shared.now().date())
    keeper = gatekeeper()
    reader = keeper.gate(keeper.current_version()).reader(rights, Purpose.EXPORT, "127.0.0.1")
    compiled = compile_segment(parse(DOCUMENT), segment_catalogue.catalogue(reader), At.current(reader.manifest.as_of))
    order = Order(compiled, ("full_name", "debt_amount"), request.param, {"full_name": "ФИО"}, name="organisations")
    found = files.begin(shared, reader, order, Actor(user.user_id, user.login, "127.0.0.1"))
    for _ in range(200):
        if found.is_over:
            break
        time.sleep(0.05)
    assert found.error is None
    return found, user.user_id


@pytest.mark.parametrize("made", ["csv", "xlsx", "parquet"], indirect=True)
def test_a_file_holds_the_members_and_its_receipt_can_be_verified(made: tuple[MemberFile, int]) -> None:
    found, user_id = made
    read = {
        ".csv": lambda path: len(path.read_text(encoding="utf-8-sig").splitlines()) - 1,
        ".parquet": lambda path: pa_parquet.read_table(path).num_rows,
        ".xlsx": lambda path: len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()) - 1,
    }[found.path.suffix]
    assert read(found.path) == found.receipt.taken.rows == found.total == 15
    with services().database.read() as session:
        assert kept.verify(session, None, found.receipt.receipt_id, found.receipt.taken.file_sha256).holds
        assert not kept.verify(session, None, found.receipt.receipt_id, "0" * 64).holds
    assert files.find(found.token, user_id) is found
    assert files.find(found.token, user_id + 1) is None, "another's file is as if it were not there"


def test_a_workbook_keeps_texts_figures_and_dates_and_makes_no_formula(tmp_path: Path) -> None:
    book = Workbook(tmp_path / "book.xlsx", ["a", "b", "c", "d"])
    book.rows([("=1+1", Decimal("12.50"), dt.date(2026, 11, 23), None), ("<&>\x00", 7, True, "+998 90")])
    book.close()
    rows = CalamineWorkbook.from_path(tmp_path / "book.xlsx").get_sheet_by_index(0).to_python()
    assert rows[0] == ["a", "b", "c", "d"]
    assert rows[1] == ["=1+1", 12.5, dt.date(2026, 11, 23), ""]
    assert rows[2] == ["<&>", 7.0, True, "+998 90"]
