"""Daily delimited files: what is accepted, what is refused, and that every row is accounted for with its line."""

import gzip
from datetime import date
from decimal import Decimal

from ingest_shop import SALE_COLUMNS, SALE_ENTRY, Shop

from ingest.run import accept_by_hand

DAY = "20260201"


def _row(number: int, client: int = 1, day: str = "2026-02-01", quantity: str = "1", amount: str = "10,50") -> str:
    return f"{number};{client};{day};{quantity};{amount};Ташкент"


def test_good_rows_arrive_typed_decoded_and_with_their_origin(shop: Shop) -> None:
    shop.clients(1)
    shop.sales(DAY, _row(1), _row(2, amount="7"))
    result = shop.ingest()
    assert (result.received_rows, result.accepted_rows, result.quarantined_rows) == (2, 2, 0)
    assert result.months == ["2026-02"]
    rows = shop.raw("sale_id, sold_date, amount, city, _file, _line, _contract_version")
    assert rows == [
        (1, date(2026, 2, 1), Decimal("10.50"), "Ташкент", "sale_20260201.csv.gz", 2, "1.0.0"),
        (2, date(2026, 2, 1), Decimal("7.00"), "Ташкент", "sale_20260201.csv.gz", 3, "1.0.0"),
    ]


def test_each_bad_row_is_named_by_line_field_value_and_rule(shop: Shop) -> None:
    shop.clients(1)
    shop.sales(
        DAY,
        _row(1),
        _row(2, quantity="many"),
        _row(3, client=99),
        "4;1;2026-02-01;1",
        _row(5, day="2026-13-01"),
        _row(6, quantity="-3"),
        _row(1, amount="99"),
        ";1;2026-02-01;1;1,00;Ташкент",
        _row(9) + ";extra",
        _row(10),
    )
    result = shop.ingest()
    name = "sale_20260201.csv.gz"
    assert shop.quarantine() == [
        (name, 3, "quantity", "many", "quantity.type"),
        (name, 4, "client_id", "99", "client_id.reference"),
        (name, 5, "amount", None, "row.field_count"),
        (name, 6, "sold_date", "2026-13-01", "sold_date.type"),
        (name, 7, "quantity", "-3", "quantity.minimum"),
        (name, 8, "sale_id", "1", "shop__sale.unique"),
        (name, 9, "sale_id", None, "sale_id.required"),
        (name, 10, None, None, "row.field_count"),
    ]
    assert shop.raw("sale_id, _line") == [(1, 2), (10, 11)]
    assert (result.received_rows, result.accepted_rows, result.quarantined_rows) == (10, 2, 8)


def test_the_text_of_a_refused_row_is_kept_whole(shop: Shop) -> None:
    shop.clients(1)
    shop.sales(DAY, _row(1, quantity="x"), _row(2, client=5))
    shop.ingest()
    texts = [row[0] for row in shop.quarantine("row_text")]
    assert texts[0] == _row(1, quantity="x")
    assert '"client_id":"5"' in texts[1]
    assert "Ташкент" in texts[1]


def test_a_row_with_several_faults_is_one_row_of_quarantine(shop: Shop) -> None:
    shop.clients(1)
    shop.sales(DAY, _row(1, client=77, quantity="-1"))
    shop.ingest()
    (violations,) = shop.quarantine("violations")[0]
    assert violations.count('"rule"') == 2
    assert shop.deliveries()[0]["quarantined_rows"] == 1


def test_numbers_that_would_be_rounded_are_refused(shop: Shop) -> None:
    """DuckDB reads '12.7' as the whole number 13 and '1,234' as 1.23 without a word."""
    shop.describe("sale", SALE_ENTRY | {"decimal": "."}, SALE_COLUMNS)
    shop.clients(1)
    shop.sales(DAY, _row(1, quantity="12.7", amount="1"), _row(2, amount="1.234"), _row(3, amount="1.20"))
    shop.ingest()
    assert shop.quarantine('_line, "rule"') == [(2, "quantity.type"), (3, "amount.type")]


def test_numbers_of_many_digits_are_not_mistaken_for_faults(shop: Shop) -> None:
    shop.clients(1)
    shop.sales(
        DAY, _row(9_000_000_000_000_000_001), _row(2, amount="9999999999999999,99"), _row(3, quantity="abcdefghijklm")
    )
    shop.ingest()
    assert shop.raw("sale_id, amount") == [
        (9_000_000_000_000_000_001, Decimal("10.50")), (2, Decimal("9999999999999999.99")),
    ]  # fmt: skip
    assert shop.quarantine('"rule"') == [("quantity.type",)]


def test_a_cut_off_file_is_stopped_and_the_others_go_on(shop: Shop) -> None:
    shop.clients(1)
    shop.sales("20260201", _row(1))
    whole = gzip.compress(
        "\n".join(["sale_id;client_id;sold_date;quantity;amount;city", *map(_row, range(900))]).encode("cp1251")
    )
    shop.drop("sale_20260202.csv.gz", whole[: len(whole) // 2])
    shop.drop("sale_20260203.csv.gz", b"\x1f\x8b\x08\x00garbage that is no gzip stream")
    shop.sales("20260204", _row(4))
    result = shop.ingest()
    assert result.states == {"accepted": 2, "rejected": 2}
    assert [row["reason"] for row in shop.deliveries()] == [None, "truncated_gzip", "corrupt_gzip", None]
    assert shop.raw("sale_id") == [(1,), (4,)]


def test_a_wrong_encoding_is_a_structural_break_and_not_silent_rubbish(shop: Shop) -> None:
    shop.clients(1)
    shop.sales(DAY, _row(1), encoding="utf-8")
    shop.ingest()
    delivery = shop.deliveries()[0]
    assert (delivery["state"], delivery["reason"]) == ("rejected", "wrong_encoding")
    assert delivery["reason_values"] == {"found": "utf-8", "declared": "windows-1251"}
    assert shop.raw() == []


def test_letters_that_latin_1_does_not_have_are_decoded_too(shop: Shop) -> None:
    shop.clients(1)
    shop.sales(DAY, "1;1;2026-02-01;1;1,00;Рынок «Чорсу» — №5 “А”", _row(2, quantity="?"))
    shop.ingest()
    assert shop.raw("city, _line") == [("Рынок «Чорсу» — №5 “А”", 2)]
    assert shop.quarantine("_line") == [(3,)]


def test_a_missing_column_stops_the_delivery_and_an_added_one_is_told(shop: Shop) -> None:
    shop.clients(1)
    shop.drop("sale_20260201.csv", "sale_id;client_id;sold_date;quantity;city\n1;1;2026-02-01;1;Ташкент\n")
    shop.drop(
        "sale_20260202.csv", "sale_id;note;client_id;sold_date;quantity;amount;city\n2;да;1;2026-02-02;1;5,00;Ташкент\n"
    )
    shop.ingest()
    assert shop.states() == {"sale_20260201.csv": "rejected", "sale_20260202.csv": "accepted"}
    assert shop.deliveries()[0]["reason_values"] == {"columns": "amount"}
    assert ("columns_added", {"columns": "note"}) in shop.warnings()
    assert shop.raw("sale_id, amount, city") == [(2, Decimal("5.00"), "Ташкент")]


def test_columns_in_another_order_are_found_by_name(shop: Shop) -> None:
    shop.clients(1)
    shop.sales("20260201", _row(1))
    shop.drop("sale_20260202.csv", "city;amount;quantity;sold_date;client_id;sale_id\nГазли;2,50;4;2026-02-02;1;2\n")
    shop.ingest()
    assert shop.raw("sale_id, quantity, amount, city") == [
        (1, 1, Decimal("10.50"), "Ташкент"), (2, 4, Decimal("2.50"), "Газли"),
    ]  # fmt: skip


def test_a_file_with_a_header_only_is_empty_by_decision_of_the_contract(shop: Shop) -> None:
    shop.clients(1)
    shop.sales(DAY)
    shop.ingest()
    assert (shop.deliveries()[0]["state"], shop.deliveries()[0]["reason"]) == ("empty", None)
    shop.describe("sale", SALE_ENTRY, SALE_COLUMNS, empty="rejected")
    shop.sales("20260202")
    shop.ingest()
    assert (shop.deliveries()[1]["state"], shop.deliveries()[1]["reason"]) == ("empty", "empty")


def test_the_same_content_twice_loads_once(shop: Shop) -> None:
    shop.clients(1)
    first = shop.sales(DAY, _row(1))
    shop.ingest()
    assert shop.ingest().received_rows == 0
    shop.drop("sale_20260201_again.csv.gz", first.read_bytes())
    result = shop.ingest()
    assert result.received_rows == 0
    assert shop.states() == {"sale_20260201.csv.gz": "accepted", "sale_20260201_again.csv.gz": "duplicate"}
    assert shop.deliveries()[1]["duplicate_of"] == shop.deliveries()[0]["delivery_id"]
    assert len(shop.raw()) == 1


def test_a_volume_collapse_is_held_until_somebody_lets_it_in(shop: Shop) -> None:
    shop.describe("sale", SALE_ENTRY, SALE_COLUMNS, minimum_volume=0.5)
    shop.clients(1)
    for day in range(1, 5):
        shop.sales(f"2026020{day}", *(_row(day * 100 + number, day=f"2026-02-0{day}") for number in range(20)))
    shop.sales("20260205", _row(501, day="2026-02-05"))
    shop.sales("20260206", *(_row(600 + number, day="2026-02-06") for number in range(20)))
    shop.ingest()
    held = next(row for row in shop.deliveries() if row["state"] == "rejected")
    assert (held["file_name"], held["reason"]) == ("sale_20260205.csv.gz", "volume")
    assert held["reason_values"] == {"rows": 1, "usual": 20, "percent": 5}
    assert len(shop.raw()) == 100
    accept_by_hand(shop.settings, held["delivery_id"])
    shop.load()
    assert len(shop.raw()) == 101


def test_blank_lines_and_quotation_marks_do_not_move_the_line_numbers(shop: Shop) -> None:
    shop.clients(1)
    shop.sales("20260201", _row(1), "", _row(2, quantity="x"), "", "", _row(3), _row(4, quantity="-1"))
    shop.sales("20260202", _row(11), '12;1;2026-02-01;1;1,00;"Чилонзор', _row(13), _row(14, quantity="x"), _row(15))
    shop.ingest()
    assert shop.raw("sale_id, _line") == [(1, 2), (3, 7), (11, 2), (12, 3), (13, 4), (15, 6)]
    assert shop.quarantine('_line, "value"') == [(4, "x"), (8, "-1"), (5, "x")]


def test_lines_stay_right_among_thousands_of_refused_rows(shop: Shop) -> None:
    shop.clients(1)
    rows = [_row(n, quantity="x" if n % 2 else "1", amount="-" if n % 7 == 0 else "1") for n in range(1, 12_001)]
    shop.sales(DAY, *rows)
    shop.ingest()
    wrong = [(sale, line) for sale, line in shop.raw("sale_id, _line") if line != sale + 1]
    assert wrong == []
    assert len(shop.raw()) + len(shop.quarantine()) == 12_000


def test_mixed_line_ends_do_not_stop_a_file(shop: Shop) -> None:
    shop.clients(1)
    shop.sales(DAY, _row(1) + "\r", _row(2), _row(3) + "\r", _row(4, quantity="x"))
    shop.ingest()
    assert shop.raw("sale_id, _line") == [(1, 2), (2, 3), (3, 4)]
    assert shop.quarantine("_line") == [(5,)]


def test_late_rows_name_the_month_that_they_belong_to(shop: Shop) -> None:
    shop.clients(1)
    shop.sales("20260301", _row(1, day="2026-03-01"), _row(2, day="2026-01-30"))
    assert shop.ingest().months == ["2026-01", "2026-03"]
    shop.sales("20260215", _row(3, day="2026-02-15"))
    shop.ingest()
    assert ("late_delivery", {"date": "2026-02-15"}) in shop.warnings()


def test_rows_wait_until_the_table_they_refer_to_has_come(shop: Shop) -> None:
    shop.sales(DAY, _row(1))
    assert shop.ingest().waiting_for == "shop__client"
    assert shop.states() == {"sale_20260201.csv.gz": "landed"}
    shop.clients(1)
    assert shop.load().accepted_rows == 1


def test_the_source_file_and_the_landed_copy_are_the_same_bytes(shop: Shop) -> None:
    shop.clients(1)
    sent = shop.sales(DAY, _row(1))
    before = (sent.read_bytes(), sent.stat().st_mtime_ns)
    shop.ingest()
    (landed,) = (shop.settings.landing_dir / "shop" / "sale").glob("*/sale_*")
    assert landed.read_bytes() == before[0]
    assert (sent.read_bytes(), sent.stat().st_mtime_ns) == before
    assert (landed.parent / "delivery.json").exists()
