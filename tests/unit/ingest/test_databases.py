"""Relational sources: what is new comes once, in pieces that survive an interruption; the source is never written."""

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ingest_shop import Shop

from ingest.connectors import database

COLUMNS: list[dict[str, Any]] = [
    {"name": "order_id", "type": "integer", "key": 1},
    {"name": "amount", "type": "number", "required": True},
    {"name": "is_paid", "type": "boolean"},
    {"name": "placed_at", "type": "timestamp", "required": True},
    {"name": "updated_at", "type": "timestamp", "required": True},
]
ENTRY: dict[str, Any] = {
    "kind": "database", "url_env": "SHOP_URL", "from_table": "orders", "key": ["order_id"], "incremental": "updated_at",
    "event_date": "placed_at", "chunk_rows": 2,
}  # fmt: skip


@pytest.fixture
def orders(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "shop.sqlite"
    monkeypatch.setenv("SHOP_URL", f"sqlite:///{path}")
    with sqlite3.connect(path) as db:
        db.execute("create table orders (order_id integer, amount, is_paid integer, placed_at text, updated_at text)")
    shop.describe("order", ENTRY, COLUMNS)
    return path


def _put(path: Path, *rows: tuple[Any, ...]) -> None:
    with sqlite3.connect(path) as db:
        db.executemany("insert into orders values (?, ?, ?, ?, ?)", rows)


def test_only_new_and_changed_rows_are_taken_also_when_timestamps_tie(shop: Shop, orders: Path) -> None:
    _put(orders, *((n, 10.5, 1, "2026-01-31 20:00:00", "2026-02-01 10:00:00") for n in range(1, 6)))
    first = shop.ingest("order")
    assert (first.accepted_rows, first.months) == (5, ["2026-02"]), "20:00 UTC is the next day in Tashkent"
    assert shop.ingest("order").received_rows == 0
    _put(
        orders,
        (6, 1, 0, "2026-02-01 10:00:00", "2026-02-01 10:00:00"),
        (2, 9.99, 1, "2026-02-01 10:00:00", "2026-02-02 00:00:00"),
    )
    assert shop.ingest("order").accepted_rows == 2
    assert shop.raw("order_id, amount", "order", "_loaded_at, _line")[-2:] == [
        (6, Decimal("1.00")),
        (2, Decimal("9.99")),
    ]


def test_an_interrupted_extraction_goes_on_after_the_last_whole_piece(
    shop: Shop, orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(orders, *((n, 1, 1, "2026-02-01 10:00:00", f"2026-02-01 10:00:0{n}") for n in range(1, 8)))
    pieces, whole = [], database.to_parquet

    def fails_at_the_third(names: list[str], rows: Any) -> bytes:
        pieces.append(len(rows))
        if len(pieces) == 3:
            raise OSError("the line went dead")
        return whole(names, rows)

    monkeypatch.setattr(database, "to_parquet", fails_at_the_third)
    with pytest.raises(OSError, match="line went dead"):
        shop.extract("order")
    assert len(shop.deliveries("order")) == 2
    shop.ingest("order")
    assert shop.raw("order_id", "order", "order_id") == [(n,) for n in range(1, 8)]


def test_values_that_do_not_fit_are_quarantined_although_the_database_bore_them(shop: Shop, orders: Path) -> None:
    _put(
        orders,
        (1, "ten", 1, "2026-02-01 10:00:00", "2026-02-01 10:00:01"),
        (2, 1.239, 1, "2026-02-01 10:00:00", "2026-02-01 10:00:02"),
        (3, 2, 1, "yesterday", "2026-02-01 10:00:03"),
        (4, 0.1, 0, "2026-02-01T10:00:00+05:00", "2026-02-01 10:00:04"),
    )
    shop.ingest("order")
    assert shop.quarantine('field, "value"', "order") == [
        ("amount", "ten"),
        ("amount", "1.239"),
        ("placed_at", "yesterday"),
    ]
    assert shop.raw("order_id, placed_at::varchar", "order") == [(4, "2026-02-01 05:00:00")]


def test_a_row_from_the_far_future_or_without_a_time_does_not_hide_what_changes_later(shop: Shop, orders: Path) -> None:
    far = (1, 1, 1, "2026-02-01 10:00:00", "2999-01-01 00:00:00")
    _put(orders, far, (2, 1, 1, "2026-02-01 10:00:00", None), (3, 1, 1, "2026-02-01 10:00:00", "2026-02-01 10:00:00"))
    assert shop.ingest("order").accepted_rows == 1
    assert shop.warnings() == [("unusable_change_time", {"rows": 2})]
    _put(orders, (4, 1, 1, "2026-02-02 10:00:00", "2026-02-02 10:00:00"))
    assert shop.ingest("order").accepted_rows == 1


def test_the_source_is_opened_for_reading_only(shop: Shop, orders: Path) -> None:
    _put(orders, (1, 1, 1, "2026-02-01 10:00:00", "2026-02-01 10:00:00"))
    with shop_connection(shop) as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.execute(sa.text("delete from orders"))
    before = orders.read_bytes()
    shop.ingest("order")
    assert orders.read_bytes() == before
    assert not list(orders.parent.glob("shop.sqlite-*"))


def test_a_wrong_path_is_an_error_and_no_new_database(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.describe("order", ENTRY | {"retry": {"attempts": 1}}, COLUMNS)
    monkeypatch.setenv("SHOP_URL", f"sqlite:///{tmp_path}/nowhere.sqlite")
    with pytest.raises(sa.exc.OperationalError):
        shop.extract("order")
    assert not (tmp_path / "nowhere.sqlite").exists()


def test_a_table_without_change_times_is_taken_whole_and_only_when_it_changed(shop: Shop, orders: Path) -> None:
    shop.describe("order", {k: v for k, v in ENTRY.items() if k != "incremental"}, COLUMNS)
    _put(orders, *((n, 1, 1, "2026-02-01 10:00:00", "2026-02-01 10:00:00") for n in range(1, 6)))
    assert shop.ingest("order").accepted_rows == 5
    assert shop.ingest("order").received_rows == 0
    _put(orders, (6, 1, 1, "2026-02-01 10:00:00", "2026-02-01 10:00:00"))
    assert shop.ingest("order").accepted_rows == 6


def shop_connection(shop: Shop) -> Any:
    """A connection as the connector makes it."""
    import os

    from ingest.workspace import Workspace

    entity = Workspace(shop.settings).entity("shop", "order")
    return database._read_only(os.environ["SHOP_URL"], entity)  # type: ignore[arg-type]
