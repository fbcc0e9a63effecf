"""What the health queries say is what happened."""

from datetime import UTC, datetime

from ingest_shop import Shop

from ingest import health

BAD = "2;1;2026-02-01;x;1,00;Самарканд"


def _shop_with_a_bad_row(shop: Shop) -> None:
    shop.clients(1)
    shop.sales("20260201", "1;1;2026-02-01;1;1,00;А", BAD, "3;1;2026-02-01;1;1,00;В", "4;9;2026-02-01;1;1,00;Г")
    shop.ingest()


def test_reasons_are_counted_with_an_example(shop: Shop) -> None:
    _shop_with_a_bad_row(shop)
    found = {
        (row["rule"], row["rows"], row["open"], row["example"]) for row in health.quarantine_by_reason(shop.settings)
    }
    assert found == {("quantity.type", 1, 1, "x"), ("client_id.reference", 1, 1, "9")}


def test_a_bad_row_is_shown_in_its_file_with_its_neighbours(shop: Shop) -> None:
    _shop_with_a_bad_row(shop)
    row = health.quarantined_rows(shop.settings, "shop", "sale", rule="quantity.type")[0]
    lines = health.landed_lines(shop.settings, row["_delivery_id"], row["_line"], around=1)
    assert [(line["line"], line["is_the_row"]) for line in lines] == [(2, False), (3, True), (4, False)]
    assert lines[1]["text"].startswith("2;1;2026-02-01;x;1,00;")


def test_totals_are_compared_with_the_files_themselves(shop: Shop) -> None:
    _shop_with_a_bad_row(shop)
    total = next(row for row in health.totals(shop.settings) if row["entity"] == "sale")
    assert (total["received"], total["accepted"], total["quarantined"], total["is_balanced"]) == (4, 2, 2, True)
    next((shop.settings.raw_dir / "shop__sale").glob("2*.parquet")).write_bytes(
        next((shop.settings.raw_dir / "shop__sale").glob("_schema*")).read_bytes()
    )
    total = next(row for row in health.totals(shop.settings) if row["entity"] == "sale")
    assert not total["is_balanced"]


def test_a_source_is_late_after_the_hours_it_promised(shop: Shop) -> None:
    assert {row["status"] for row in health.sources(shop.settings)} == {"never"}
    _shop_with_a_bad_row(shop)
    soon = {row["entity"]: row["status"] for row in health.sources(shop.settings, datetime(2026, 3, 1, 20, tzinfo=UTC))}
    later = {row["entity"]: row["status"] for row in health.sources(shop.settings, datetime(2026, 3, 3, tzinfo=UTC))}
    assert soon == {"client": "fresh", "sale": "fresh"}
    assert later == {"client": "late", "sale": "late"}
