"""A small operator made from a seed: rows of the marts that rules read, as lists of dictionaries and as a database."""

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2025, 12, 10)
MONTH_ENDS = tuple(dt.date(2025, month + 1, 1) - DAY for month in range(1, 12))
FOREVER = dt.date(9999, 12, 31)
Row = dict[str, Any]
_D, _I, _S, _M = pa.date32(), pa.int64(), pa.string(), pa.decimal128(18, 2)
SCHEMAS: dict[str, pa.Schema] = {
    "customer_profiles_history": pa.schema([
        ("month_end", _D), ("customer_id", _I), ("customer_type", _S), ("segment", _S), ("main_product_family", _S),
        ("subscription_first_activated_date", _D), ("created_date", _D), ("arpu_3m", _M), ("lifecycle_status", _S),
        ("district", _S),
    ]),
    "fct_usage_daily": pa.schema([
        ("customer_id", _I), ("subscription_id", _I), ("usage_date", _D), ("month", _D), ("voice_out_onnet_sec", _I),
        ("voice_out_offnet_sec", _I), ("voice_out_intl_sec", _I), ("voice_in_sec", _I), ("sms_out", _I),
        ("data_mb", pa.decimal128(18, 3)), ("roaming_voice_sec", _I), ("roaming_data_mb", pa.decimal128(18, 3)),
        ("roaming_country", _S), ("charge_amount", _M),
    ]),
    "fct_payments": pa.schema([
        ("customer_id", _I), ("account_id", _I), ("paid_date", _D), ("month", _D), ("amount", _M),
    ]),
    "fct_invoices": pa.schema([
        ("invoice_id", _I), ("customer_id", _I), ("account_id", _I), ("issued_date", _D), ("month", _D),
        ("due_date", _D), ("amount", _M),
    ]),
    "fct_charges": pa.schema([("customer_id", _I), ("charge_date", _D), ("month", _D), ("amount", _M)]),
    "dim_subscriptions": pa.schema([
        ("customer_id", _I), ("subscription_id", _I), ("valid_from", _D), ("valid_to", _D), ("status", _S),
        ("product_id", _I),
    ]),
    "dim_products": pa.schema([("product_id", _I), ("bundle_mb", _I), ("bundle_minutes", _I)]),
    "dim_agreements": pa.schema([
        ("customer_id", _I), ("signed_date", _D), ("end_date", _D), ("status", _S), ("updated_at", pa.timestamp("us")),
    ]),
    "fct_legal_statuses": pa.schema([
        ("customer_id", _I), ("valid_from", _D), ("valid_to", _D), ("legal_status", _S),
    ]),
    "customer_scores_history": pa.schema([("month_end", _D), ("customer_id", _I), ("churn_probability", pa.float64())]),
}  # fmt: skip
DATED = {
    "customer_profiles_history": "month_end", "fct_usage_daily": "usage_date", "fct_payments": "paid_date",
    "fct_invoices": "issued_date", "fct_charges": "charge_date", "dim_subscriptions": "valid_from",
    "fct_legal_statuses": "valid_from", "customer_scores_history": "month_end",
}  # fmt: skip
"""The day from which a row of the table is known."""


@dataclass(frozen=True)
class Source:
    """Answers SQL over the rows."""

    connection: duckdb.DuckDBPyConnection

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """Run a SELECT; `params` are by name."""
        return self.connection.sql(sql, params=dict(params or {})).to_arrow_table()


def database(tables: Mapping[str, list[Row]]) -> Source:
    """The rows as tables of a database of its own."""
    connection = duckdb.connect(":memory:", config={"threads": 2})
    for name, schema in SCHEMAS.items():
        connection.register("given", pa.Table.from_pylist(tables[name], schema))
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        connection.unregister("given")
    return Source(connection)


def world(seed: int, customers: int = 130) -> dict[str, list[Row]]:
    """Rows by table. Some customers come late, stop, pause, fall, grow, travel or never use anything."""
    chance = random.Random(seed)  # noqa: S311
    tables: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
    tables["dim_products"] = [
        {"product_id": 1, "bundle_mb": 400, "bundle_minutes": 30},
        {"product_id": 2, "bundle_mb": 0, "bundle_minutes": 90},
        {"product_id": 3, "bundle_mb": None, "bundle_minutes": None},
    ]  # fmt: skip
    for customer in range(1, customers + 1):
        _customer(chance, tables, customer)
    return tables


def _customer(chance: random.Random, tables: dict[str, list[Row]], customer: int) -> None:
    kind = "organisation" if customer % 3 == 0 else "person"
    segment = chance.choice(
        ("soho", "soho", "corporate") if kind == "organisation" else ("mass", "mass", "mass", "premium")
    )
    since = FIRST - 500 * DAY if chance.random() < 0.7 else FIRST + chance.randrange(300) * DAY
    first = since if chance.random() < 0.9 else None
    for month_end in MONTH_ENDS:
        if since <= month_end:
            tables["customer_profiles_history"].append({
                "month_end": month_end, "customer_id": customer, "customer_type": kind, "segment": segment,
                "main_product_family": chance.choice(("mobile", "mobile", "mobile", "fixed", None)),
                "subscription_first_activated_date": first, "created_date": since,
                "arpu_3m": None if chance.random() < 0.1 else Decimal(chance.randrange(10_000_000)) / 100,
                "lifecycle_status": "active", "district": chance.choice(("a", "b", "' or 1=1 --")),
            })  # fmt: skip
            tables["customer_scores_history"].append(
                {"month_end": month_end, "customer_id": customer, "churn_probability": chance.randrange(100) / 100}
            )
    for number in range(chance.choice((1, 1, 2))):
        _subscription(chance, tables, customer, customer * 10 + number, max(since, FIRST))
    if kind == "organisation":
        _money(chance, tables, customer)
        _law(chance, tables, customer)
    if chance.random() < 0.3:
        signed = FIRST + chance.randrange(-200, 300) * DAY
        known = signed + chance.choice((0, 0, 150)) * DAY
        tables["dim_agreements"].append({
            "customer_id": customer, "signed_date": signed, "end_date": FIRST + chance.randrange(150, 500) * DAY,
            "status": chance.choice(("active", "active", "terminated")),
            "updated_at": dt.datetime.combine(known, dt.time(10)),
        })  # fmt: skip


def _subscription(
    chance: random.Random, tables: dict[str, list[Row]], customer: int, number: int, since: dt.date
) -> None:
    stop = since + chance.randrange(20, 400) * DAY if chance.random() < 0.5 else None
    product = chance.choice((1, 1, 2, 3))
    edge = stop if stop is not None else FOREVER
    row = {"customer_id": customer, "subscription_id": number, "product_id": product}
    tables["dim_subscriptions"].append(row | {"valid_from": since, "valid_to": edge, "status": "active"})
    if stop is not None:
        status = chance.choice(("suspended", "terminated"))
        end = chance.choice((None, FOREVER, stop + 30 * DAY))
        tables["dim_subscriptions"].append(row | {"valid_from": stop, "valid_to": end, "status": status})
    share, level = chance.choice((0.1, 0.5, 0.9)), chance.choice((0, 20, 300))
    turn, factor = FIRST + chance.randrange(150, 340) * DAY, chance.choice((0, 0.3, 1, 1, 3))
    day = since
    while day <= min(LAST, edge):
        size = level * (factor if day >= turn else 1)
        if chance.random() < share:
            tables["fct_usage_daily"].append(_used(chance, customer, number, day, size))
        day += DAY


def _used(chance: random.Random, customer: int, number: int, day: dt.date, size: float) -> Row:
    away = chance.random() < 0.03
    return {
        "customer_id": customer, "subscription_id": number, "usage_date": day, "month": day.replace(day=1),
        "voice_out_onnet_sec": int(size * chance.random()), "voice_out_offnet_sec": int(size * chance.random()),
        "voice_out_intl_sec": 0, "voice_in_sec": 5, "sms_out": chance.randrange(3),
        "data_mb": Decimal(int(size * chance.random() * 100)) / 1000, "roaming_voice_sec": 60 if away else 0,
        "roaming_data_mb": Decimal(0), "roaming_country": "TR" if away else None,
        "charge_amount": Decimal(int(chance.random() * 10_000)) / 100 if chance.random() < 0.2 else Decimal(0),
    }  # fmt: skip


def _money(chance: random.Random, tables: dict[str, list[Row]], customer: int) -> None:
    quits = chance.randrange(4, 14)
    for month in range(1, 13):
        issued = dt.date(2025, month, chance.randrange(1, 4))
        amount = Decimal(chance.randrange(1000, 90_000)) / 100
        if issued > LAST or month >= quits:
            continue
        invoice = {"invoice_id": customer * 100 + month, "customer_id": customer, "account_id": customer,
                   "issued_date": issued, "month": issued.replace(day=1), "due_date": issued + 20 * DAY}  # fmt: skip
        tables["fct_invoices"].append(invoice | {"amount": amount})
        tables["fct_charges"].append(
            {"customer_id": customer, "charge_date": issued, "month": issued.replace(day=1), "amount": amount}
        )
        if chance.random() < 0.6:
            paid = issued + chance.randrange(60) * DAY
            payment = {"customer_id": customer, "account_id": customer, "paid_date": paid, "month": paid.replace(day=1)}
            part = (amount * chance.choice((1, 1, 2)) / chance.choice((1, 2))).quantize(Decimal("0.01"))
            tables["fct_payments"].append(payment | {"amount": part})


def _law(chance: random.Random, tables: dict[str, list[Row]], customer: int) -> None:
    day, status = FIRST - 900 * DAY, "active"
    while day <= LAST:
        end = day + chance.randrange(100, 1200) * DAY
        tables["fct_legal_statuses"].append({
            "customer_id": customer, "valid_from": day, "valid_to": end if end <= LAST else FOREVER,
            "legal_status": status,
        })  # fmt: skip
        day, status = end, chance.choice(("active", "suspended", "liquidated"))
