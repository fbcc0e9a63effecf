"""CSV as the consumer reads it: encodings, decimal signs, quoting, and characters that do not fit."""

import csv
import datetime as dt
import gzip
import io

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vitrina.exports import ExportRefused
from vitrina.exports.characters import outside_class, repertoire, replacement
from vitrina.exports.config import ExportConfigError, load_exports

CSV = {"format": "csv", "delimiter": ";", "decimal": ","}
UZBEK = [(1, "Oʻktam Gʻulomov", 1.5), (2, "Қодир «Ҳаёт»", 2), (3, "Ўткир", 3)]


def parsed(result, encoding: str, delimiter: str = ";") -> list[list[str]]:
    """Rows of a CSV file as another program reads them."""
    raw = result.path.read_bytes()
    raw = gzip.decompress(raw) if result.path.suffix == ".gz" else raw
    return list(csv.reader(io.StringIO(raw.decode(encoding), newline=""), delimiter=delimiter))


@pytest.mark.parametrize("compress", ["none", "gzip"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251", "koi8-r", "cp866"])
def test_a_csv_file_is_read_back_in_its_encoding(export, encoding, compress):
    rows = parsed(export(**CSV, encoding=encoding, compress=compress), encoding)
    assert rows[:2] == [["customer_id", "full_name", "revenue"], ["1", "Имя 1", "1,50"]]
    assert len(rows) == 11


def test_a_byte_order_mark_is_written_only_when_asked_for(export):
    assert export(**CSV, encoding="utf-8-sig").path.read_bytes()[:3] == b"\xef\xbb\xbf"
    assert export(**CSV, encoding="utf-8").path.read_bytes()[:3] == b"cus"


def test_delimiters_quotes_line_breaks_and_empty_texts_survive(warehouse, export):
    texts = ['ООО "Рога; копыта"', "две\nстроки", "", None, " край "]
    warehouse.publish([(number, text, 0) for number, text in enumerate(texts)])
    result = export(**CSV, header=False, encoding="windows-1251")
    assert [row[1] for row in parsed(result, "cp1251")] == [texts[0], texts[1], "", "", " край "]
    assert b'2;"";' in result.path.read_bytes()
    assert b"3;;" in result.path.read_bytes()


def test_dates_times_booleans_and_lists_are_written_as_asked(warehouse, export):
    types = {"customer_id": "BIGINT", "d": "DATE", "t": "TIMESTAMP", "b": "BOOLEAN", "l": "INTEGER[]", "f": "DOUBLE"}
    moment = dt.datetime(2026, 10, 31, 23, 59, 58)
    warehouse.publish([(1, moment.date(), moment, True, [1, 2], 0.25), (2, None, None, None, None, None)], types)
    result = export(**CSV, date_format="%d.%m.%Y", null_text="NULL")
    assert parsed(result, "utf-8")[1:] == [
        ["1", "31.10.2026", "2026-10-31 23:59:58", "true", "[1,2]", "0,25"],
        ["2", *["NULL"] * 5],
    ]


def test_a_character_that_does_not_fit_is_an_error_naming_row_and_column(warehouse, export):
    warehouse.publish(UZBEK)
    with pytest.raises(ExportRefused, match=r"column full_name, row customer_id=2: 'Қ' \(U\+049A\)"):
        export(**CSV, encoding="windows-1251")
    assert not list((warehouse.exports / "crm" / "profiles").glob("0*"))


def test_transliteration_replaces_what_it_can_and_the_manifest_tells(warehouse, export):
    warehouse.publish(UZBEK)
    result = export(**CSV, encoding="windows-1251", on_unmappable="transliterate")
    assert [row[1] for row in parsed(result, "cp1251")[1:]] == ["O‘ktam G‘ulomov", "Кодир «Хаёт»", "Ўткир"]
    assert result.manifest.replaced_characters == {"full_name": {"ʻ": "‘", "Қ": "К", "Ҳ": "Х"}}


def test_what_has_no_replacement_is_refused_under_transliteration_too(warehouse, export):
    warehouse.publish([(1, "李明", 1)])
    with pytest.raises(ExportRefused, match=r"row customer_id=1: '明'"):
        export(**CSV, encoding="windows-1251", on_unmappable="transliterate")


def test_a_decomposed_letter_is_composed_before_it_is_judged(warehouse, export):
    warehouse.publish([(1, "Андрей", 1)])
    assert parsed(export(**CSV, encoding="windows-1251"), "cp1251")[1][1] == "Андрей"


def test_a_header_that_does_not_fit_is_refused(warehouse, export):
    warehouse.publish([(1, 2)], {"customer_id": "BIGINT", "сўмма": "BIGINT"})
    with pytest.raises(ExportRefused, match="column сўмма, row header"):
        export(**CSV, encoding="koi8-r")


@settings(max_examples=80, deadline=None)
@given(character=st.characters(codec="utf-8"), encoding=st.sampled_from(["cp1251", "koi8-r", "cp866", "cp1252"]))
def test_the_expression_of_unmappable_characters_is_exact(character, encoding):
    with duckdb.connect() as con:
        outside = con.execute("SELECT regexp_matches(?, ?)", [character, outside_class(encoding)]).fetchone()[0]
    assert outside == (character not in repertoire(encoding))


@settings(max_examples=80, deadline=None)
@given(character=st.characters(codec="utf-8"), encoding=st.sampled_from(["cp1251", "koi8-r", "cp866", "cp1252"]))
def test_a_replacement_always_fits_the_encoding(character, encoding):
    text = replacement(character, encoding)
    assert text is None or text.encode(encoding)


def test_russian_becomes_latin_where_the_encoding_has_no_cyrillic():
    assert "".join(replacement(letter, "cp1252") for letter in "Щука") == "Schuka"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"payload": "../x"}, "payload: Value error, lower-case letters"),
        ({"payload": "x", "mode": "changes"}, "mode changes needs a key"),
        ({"payload": "x", "key": ["a"], "columns": ["b"]}, "every key column must be among the columns"),
        ({"payload": "x", "encoding": "klingon"}, "unknown encoding"),
        ({"payload": "x", "encoding": "shift_jis"}, "one-byte encoding"),
        ({"payload": "x", "format": "csv", "decimal": ","}, "the delimiter and the decimal sign must differ"),
        ({"payload": "x", "delimeter": ";"}, "delimeter: Extra inputs"),
    ],
)
def test_a_wrong_entry_is_named_with_its_file_and_key(tmp_path, entry, message):
    (tmp_path / "crm.yaml").write_text(yaml.safe_dump({"destination": "crm", "payloads": [entry]}))
    with pytest.raises(ExportConfigError, match=message) as caught:
        load_exports(tmp_path)
    assert str(caught.value).startswith("crm.yaml")


def test_the_entries_of_the_product_can_be_read_and_name_a_source():
    specs = load_exports()
    assert {"loyalty__profiles", "analytics__profiles", "analytics__rfm"} <= set(specs)
    assert all(entry.schedule and entry.source for entry in specs.values())
