"""After a repair, refused rows are checked again; what is right now is taken once and only once."""

import pytest
from ingest_shop import SALE_COLUMNS, SALE_ENTRY, Shop

from ingest import health

GOOD, NEGATIVE, UNKNOWN = "1;1;2026-02-01;1;1,00;А", "2;1;2026-02-01;-2;1,00;Б", "3;7;2026-01-15;1;1,00;В"


@pytest.fixture
def refused(shop: Shop) -> Shop:
    shop.clients(1)
    shop.sales("20260201", GOOD, NEGATIVE, UNKNOWN, "4;1;2026-02-01;x;1,00;Г", GOOD)
    shop.ingest()
    return shop


def test_nothing_changes_while_nothing_was_mended(refused: Shop) -> None:
    result = refused.replay()
    assert (result.checked, result.accepted) == (4, 0)
    assert len(refused.raw()) == 1


def test_rows_come_in_when_the_row_they_refer_to_has_come(refused: Shop) -> None:
    refused.clients(1, 7, name="client_2.csv")
    result = refused.replay()
    assert (result.checked, result.accepted, result.months) == (4, 1, ["2026-01"])
    assert refused.raw("sale_id, _line, city", order="sale_id") == [(1, 2, "А"), (3, 4, "В")]
    assert refused.replay().accepted == 0
    assert len(refused.raw()) == 2


def test_rows_come_in_when_the_contract_is_mended_and_carry_its_version(refused: Shop) -> None:
    columns = [{**c, "logicalTypeOptions": {}} if c["name"] == "quantity" else c for c in SALE_COLUMNS]
    refused.describe("sale", SALE_ENTRY, columns, version="1.1.0")
    assert refused.replay().accepted == 1
    assert refused.raw("sale_id, _contract_version", order="sale_id") == [(1, "1.0.0"), (2, "1.1.0")]


def test_the_books_stay_balanced_and_marked_rows_name_their_batch(refused: Shop) -> None:
    refused.clients(1, 7, name="client_2.csv")
    batch = refused.replay().batches[0]
    (delivery,) = refused.deliveries()
    assert (delivery["received_rows"], delivery["accepted_rows"], delivery["quarantined_rows"]) == (5, 2, 3)
    marked = refused.quarantine("_line, replayed_batch_id")
    assert marked == [(3, None), (4, batch), (5, None), (6, None)]
    assert all(row["is_balanced"] for row in health.totals(refused.settings))


def test_a_rejected_delivery_is_judged_again_after_the_contract_was_mended(shop: Shop) -> None:
    shop.clients(1)
    shop.drop("sale_20260201.csv", "sale_id;client_id;sold_date;quantity;amount\n1;1;2026-02-01;1;1,00\n")
    shop.ingest()
    assert shop.deliveries()[0]["reason"] == "columns_missing"
    assert shop.recheck().accepted_rows == 0
    absent = {"customProperties": [{"property": "mayBeAbsent", "value": True}]}
    shop.describe("sale", SALE_ENTRY, [*SALE_COLUMNS[:-1], SALE_COLUMNS[-1] | absent], version="1.1.0")
    assert shop.recheck().accepted_rows == 1
    assert shop.raw("sale_id, city") == [(1, None)]
