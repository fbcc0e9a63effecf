"""The database connector against a real PostgreSQL server: types, increments, streaming, and that it cannot write."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.connectors import database
from ingest.workspace import Workspace
from tests.integration.postgres_server import running_postgres
from tests.unit.ingest.ingest_shop import Shop

pytestmark = pytest.mark.postgres
COLUMNS: list[dict[str, Any]] = [
    {"name": "order_id", "type": "integer", "key": 1},
    {"name": "title", "type": "string"},
    {"name": "amount", "type": "number", "required": True},
    {"name": "is_paid", "type": "boolean"},
    {"name": "due_date", "type": "date"},
    {"name": "updated_at", "type": "timestamp", "required": True},
]
ENTRY: dict[str, Any] = {
    "kind": "database", "url_env": "SHOP_URL", "from_table": "orders", "schema_name": "billing", "key": ["order_id"],
    "incremental": "updated_at", "chunk_rows": 300,
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture
def orders(shop: Shop, server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.Engine]:
    engine = sa.create_engine(server)
    with engine.begin() as connection:
        connection.execute(sa.text("drop schema if exists billing cascade; create schema billing"))
        connection.execute(
            sa.text(
                "create table billing.orders (order_id bigint primary key, title varchar, amount numeric(20, 4), "
                "is_paid boolean, due_date date, updated_at timestamptz)"
            )
        )
    monkeypatch.setenv("SHOP_URL", server)
    shop.describe("order", ENTRY, COLUMNS)
    yield engine
    engine.dispose()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def _fill(engine: sa.Engine, first: int, last: int, at: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "insert into billing.orders select n, 'Заказ ' || n, n + 0.25, n % 2 = 0, date '2026-02-01', "
                "cast(:at as timestamptz) from generate_series(cast(:first as bigint), cast(:last as bigint)) n"
            ),
            {"first": first, "last": last, "at": at},
        )


def test_rows_come_typed_in_utc_and_in_pieces_and_changes_come_once(shop: Shop, orders: sa.Engine) -> None:
    _fill(orders, 1, 1000, "2026-02-01 10:00:00+05")
    assert shop.ingest("order").accepted_rows == 1000
    assert len(shop.deliveries("order")) == 4
    first = shop.raw("order_id, title, amount, is_paid, due_date::varchar, updated_at::varchar", "order", "order_id")[0]
    assert first == (1, "Заказ 1", Decimal("1.25"), False, "2026-02-01", "2026-02-01 05:00:00")
    assert shop.ingest("order").received_rows == 0
    _fill(orders, 1001, 1003, "2026-02-01 10:00:00+05")
    with orders.begin() as connection:
        change = "update billing.orders set amount = 7.129, updated_at = '2026-03-01' where order_id = 5"
        connection.execute(sa.text(change))
    result = shop.ingest("order")
    assert (result.accepted_rows, result.quarantined_rows) == (3, 1), "7.129 has more places than the contract has"


def test_the_server_itself_refuses_to_let_the_connector_write(shop: Shop, orders: sa.Engine, server: str) -> None:
    entity = Workspace(shop.settings).entity("shop", "order")
    with (
        database._read_only(server, entity) as connection,  # type: ignore[arg-type]
        pytest.raises(sa.exc.InternalError, match="read-only transaction"),
    ):
        connection.execute(sa.text("delete from billing.orders"))


def test_young_rows_wait_until_their_neighbours_are_committed(shop: Shop, orders: sa.Engine) -> None:
    shop.describe("order", ENTRY | {"settle_seconds": 600}, COLUMNS)
    _fill(orders, 1, 5, "2026-03-01 05:40:00+00")
    _fill(orders, 6, 9, "2026-03-01 05:55:00+00")
    assert shop.ingest("order").accepted_rows == 5
