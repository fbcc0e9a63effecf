"""Uploaded lists: any usual file is read whole, matched on the person's scope, and seen by readers at once."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from vitrina.access.gate import Access, GatedReader
from vitrina.access.rights import Mask, Scope
from vitrina.lists import matching
from vitrina.lists.errors import MESSAGES, BadList
from vitrina.lists.identifiers import kind_of_name
from vitrina.lists.upload import WORDS, preview, upload_list
from vitrina.warehouse.reader import SnapshotReader

PHONES = [f"+99890{1_000_000 + i}" for i in range(1, 61)]
Reader = Callable[..., GatedReader]


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


def members(reader: GatedReader, key: str) -> list[int]:
    query = "select customer_id from list_members where list_key = $key order by 1"
    return [customer for (customer,) in reader.rows(query, {"key": key})]


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("cp1251", ";"), ("cp866", "\t"), ("utf-16", "|"), ("utf-16-le", ";")],
)
def test_a_table_of_text_is_read_in_any_usual_form(
    home: Path, tmp_path: Path, reader: Reader, encoding: str, delimiter: str
) -> None:
    lines = [f'Номер телефона{delimiter}"ФИО"', *(f'{phone}{delimiter}"Каримов{delimiter} Ж."' for phone in PHONES[:5])]
    path = written(tmp_path, "\r\n".join(lines) + "\r\n", encoding)
    assert preview(path).form.encoding == encoding or (encoding == "cp866" and preview(path).form.encoding == "cp866")
    done = upload_list(home, "text", path, "list.csv", reader())
    assert (done.counts.received, done.counts.matched) == (5, {"phone": 5})
    assert members(reader(), "text") == [1, 2, 3, 4, 5]


def test_a_phone_is_recognised_however_it_is_written(home: Path, tmp_path: Path, reader: Reader) -> None:
    written_as = ["+998901000001", "998901000002", "901000003", "90 100-00-04", "(90) 100 00 05", "+998 90 100 00 06"]
    done = upload_list(home, "phones", written(tmp_path, "\n".join(written_as)), "p.txt", reader())
    assert members(reader(), "phones") == [1, 2, 3, 4, 5, 6]
    assert done.unmatched_rows == 0


@pytest.mark.parametrize(
    ("heading", "values", "kind"),
    [
        ("STIR", [f"30{i:07}" for i in (4, 8)], "inn"),
        ("ПИНФЛ", [f"3120190{i:07}" for i in (1, 2)], "pinfl"),
        ("Лицевой счёт", ["77000004", "77000008"], "account"),
        ("Shartnoma raqami", ["ag-0004", "AG-0008"], "agreement"),
        ("Customer ID", ["4", "8"], "customer_id"),
    ],
)
def test_identifiers_are_recognised_by_the_heading(
    home: Path, tmp_path: Path, reader: Reader, heading: str, values: list[str], kind: str
) -> None:
    path = written(tmp_path, "\n".join([heading, *values]))
    assert upload_list(home, "kinds", path, "k.csv", reader()).counts.matched == {kind: 2}


def test_a_file_without_a_heading_is_recognised_by_its_values(home: Path, tmp_path: Path, reader: Reader) -> None:
    mixed = ["901000001", "300000004", "31201900000002", "zzz", ""]
    done = upload_list(home, "mixed", written(tmp_path, "\n".join(mixed) + "\n"), "m.txt", reader())
    assert done.counts.matched == {"phone": 1, "inn": 1, "pinfl": 1}
    assert done.counts.unmatched == {"empty": 1, "not_recognised": 1}


def test_every_row_ends_in_one_outcome_and_the_rest_is_a_file(home: Path, tmp_path: Path, reader: Reader) -> None:
    rows = ["Телефон", PHONES[0], PHONES[0][1:], "+998935550000", "12", "", "+998331234567"]
    done = upload_list(home, "outcomes", written(tmp_path, "\n".join(rows) + "\n"), "o.csv", reader())
    assert done.counts.unmatched == {"several": 1, "malformed": 1, "empty": 1, "not_found": 1}
    assert (done.counts.members, done.counts.duplicates) == (1, 1)
    assert done.matched_rows + done.unmatched_rows == done.counts.received == 6
    assert done.unmatched_file is not None
    assert done.unmatched_file.read_text(encoding="utf-8-sig").splitlines()[1:] == [
        f"4;+998935550000;{WORDS['several']}", f"5;12;{WORDS['malformed']}", f'6;"";{WORDS["empty"]}',
        f"7;+998331234567;{WORDS['not_found']}",
    ]  # fmt: skip


def test_a_workbook_is_read_with_the_numbers_of_its_rows(home: Path, tmp_path: Path, reader: Reader) -> None:
    from tests.unit.lists.workbook import write_workbook

    path = tmp_path / "list.xlsx"
    write_workbook(path, [["ИНН", "Название"], [300000004, "a"], [None, None], ["300000008", "b"], [1, "c"]])
    done = upload_list(home, "book", path, "list.xlsx", reader())
    assert (done.counts.matched, done.counts.unmatched) == ({"inn": 2}, {"empty": 1, "malformed": 1})
    assert done.unmatched_file is not None
    assert done.unmatched_file.read_text(encoding="utf-8-sig").splitlines()[1].startswith("3;")


def test_nobody_learns_of_customers_outside_his_scope(home: Path, tmp_path: Path, reader: Reader) -> None:
    own = reader(Scope.UNIT)
    (visible,) = own.rows("select list(customer_id order by customer_id) from dim_customers")[0]
    assert 0 < len(visible) < 60
    done = upload_list(home, "scoped", written(tmp_path, "\n".join(PHONES)), "s.txt", own)
    assert members(reader(), "scoped") == visible
    assert done.counts.unmatched == {"not_found": 60 - len(visible)}
    upload_list(home, "everybody", written(tmp_path, "\n".join(PHONES)), "s.txt", reader())
    assert members(own, "everybody") == visible


@pytest.mark.parametrize("mask", [Mask.HASHED, Mask.ABSENT])
def test_nobody_matches_by_numbers_that_he_sees_as_hashes_or_not_at_all(
    home: Path, tmp_path: Path, reader: Reader, log: list[Access], mask: Mask
) -> None:
    rows = "\n".join(["Телефон;ИНН", *(f"{PHONES[i - 1]};30{i:07}" for i in (4, 8)), f"{PHONES[0]};"])
    done = upload_list(home, "covered", written(tmp_path, rows), "c.csv", reader(contact=mask))
    assert (done.counts.matched, done.counts.unmatched) == ({"inn": 2}, {"closed": 1})
    assert log[-1].statement == "match list by inn, phone: 2 customers of 3 rows"
    assert (log[-1].classes, log[-1].customer_ids, log[-1].why) == (frozenset({"business_id"}), (4, 8), "list covered")


def test_a_match_that_the_audit_log_cannot_take_leaves_no_list(
    home: Path, tmp_path: Path, reader: Reader, log: list[Access], monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = reader()

    def broken(_: Access) -> None:
        raise OSError("the audit log cannot be written")

    monkeypatch.setattr(asking._recorder, "_audit", broken)
    with pytest.raises(OSError, match="audit log"):
        upload_list(home, "unwritten", written(tmp_path, PHONES[0]), "u.txt", asking)
    assert members(reader(), "unwritten") == []


def test_an_open_reader_sees_a_new_list_and_a_replaced_one_at_once(home: Path, tmp_path: Path, reader: Reader) -> None:
    with SnapshotReader.open(home / "published") as unfiltered:
        for number in (1, 2):
            upload_list(home, "replaced", written(tmp_path, PHONES[number - 1]), "r.txt", reader())
            query = "select customer_id from list_members where list_key = 'replaced'"
            assert unfiltered.query(query).column(0).to_pylist() == [number]
            assert members(reader(), "replaced") == [number]


def test_a_home_without_lists_has_an_empty_table(tmp_path: Path, home: Path) -> None:
    (tmp_path / "published").symlink_to(home / "published")
    with SnapshotReader.open(tmp_path / "published") as unfiltered:
        assert unfiltered.query("select list_key, customer_id from list_members").num_rows == 0


@pytest.mark.parametrize("key", ["../x", "a/b", "", "A", "a b", "list_key=x"])
def test_a_key_that_would_be_another_path_is_refused(home: Path, tmp_path: Path, reader: Reader, key: str) -> None:
    with pytest.raises(ValueError, match="key of a list"):
        upload_list(home, key, written(tmp_path, PHONES[0]), "k.txt", reader())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n \n", "empty_file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00abc", "not_text"),
        (b"PK\x03\x04 and no more", "broken_workbook"),
        ("город\nТашкент\n".encode(), "nothing_recognised"),
        (b'phone\n"901000001"\n"9' + b"9" * 200_000, "broken_quotes"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_what_mends_it(
    home: Path, tmp_path: Path, reader: Reader, content: bytes, code: str
) -> None:
    path = tmp_path / "bad"
    path.write_bytes(content)
    with pytest.raises(BadList) as refused:
        _ = preview(path) and upload_list(home, "bad", path, "bad", reader())
    assert refused.value.code == code
    assert code in MESSAGES


def test_headings_are_known_in_three_languages_and_a_row_number_is_no_identifier() -> None:
    told = {"Моб. телефон": "phone", "Telefon raqami": "phone", "MSISDN": "phone", "E-mail": "email", "STIR": "inn",
            "JShShIR": "pinfl", "Эл. почта": "email", "Hisob raqami": "account", "Сумма": None, "№": None}  # fmt: skip
    assert {heading: kind_of_name(heading) for heading in told} == told


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "end"])
def test_plain_lines_are_staged_alike_by_the_engine_and_row_by_row(
    home: Path, tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch, end: str, last: str
) -> None:
    lines = ["Телефон;ФИО", f"{PHONES[0]};a", "", f" {PHONES[1]} ;b;c;d", ";", "zzz;", '"x;y', f"{PHONES[2]};z"]
    path = written(tmp_path, end.join(lines) + (end if last else ""), "utf-8-sig")
    told = []
    for engine in (matching._lines, lambda *_: False):
        monkeypatch.setattr(matching, "_lines", engine)
        done = upload_list(home, "alike", path, "a.csv", reader())
        assert done.unmatched_file is not None
        told.append((done.counts, done.unmatched_file.read_text(encoding="utf-8"), members(reader(), "alike")))
    assert told[0] == told[1]
    assert told[0][0].received == len(lines) - 1


def test_the_engine_stages_plain_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "\n".join(["Телефон;ФИО", *(f"{phone};x" for phone in PHONES)]))
    with duckdb.connect() as connection:
        known = preview(path)
        connection.execute("CREATE TABLE staged (row_number BIGINT, v0 VARCHAR)")
        assert matching._lines(connection, known.form, known.layout, [0])
        assert connection.execute("SELECT * FROM staged ORDER BY 1").fetchall() == list(enumerate(PHONES, 2))


def test_every_reason_has_words() -> None:
    assert set(matching.REASONS) <= set(WORDS)
