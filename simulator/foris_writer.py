"""Writes FORIS: a relational database through SQLAlchemy, SQLite in the demo and PostgreSQL in a real installation."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    ForeignKey,
    Index,
    MetaData,
    Numeric,
    String,
    Table,
    create_engine,
    event,
)  # fmt: skip

_TYPES = {
    "int": BigInteger,
    "str": String,
    "date": Date,
    "ts": DateTime,
    "dec": lambda: Numeric(18, 2),
    "bool": Boolean,
}
TABLES = {
    "department": "department_id str, parent_id str, name str, kind str, region_code str",
    "employee": "employee_id str, department_id str >department, full_name str, position str, email str, phone str, "
    "hired_date date, left_date date",
    "customer": "customer_id int, customer_type str, full_name str, last_name str, first_name str, middle_name str, "
    "short_name str, name_uz str, inn str, pinfl str, passport str, sex str, birth_date date, region_code str, "
    "district str, address str, email str, contact_phone str, language str, segment str, industry str, headcount int, "
    "manager_id str >employee.employee_id, status str, consent_marketing bool, created_at ts",
    "customer_link": "link_id int, customer_id int >customer, linked_customer_id int >customer.customer_id, "
    "link_type str, is_formal bool, valid_from date, valid_to date",
    "contact": "contact_id int, customer_id int >customer, full_name str, role str, decision_influence str, phone str, "
    "email str, power_of_attorney_until date",
    "product": "product_id int, name str, name_uz str, name_en str, family str, customer_type str, monthly_fee dec, "
    "bundle_minutes int, bundle_sms int, bundle_mb int, valid_from date, valid_to date",
    "agreement": "agreement_id int, customer_id int >customer, agreement_number str, signed_date date, end_date date, "
    "status str",
    "account": "account_id int, agreement_id int >agreement, account_number str, payment_type str, currency str, "
    "status str, balance dec, opened_date date",
    "subscription": "subscription_id int, account_id int >account, msisdn str, imsi str, product_id int >product, "
    "status str, activated_date date, terminated_date date",
    "subscription_event": "event_id int, subscription_id int >subscription, event_type str, event_at ts, "
    "product_id int, msisdn str, reason str",
    "charge": "charge_id int, account_id int >account, subscription_id int >subscription, charge_date date, "
    "charge_type str, amount dec, currency str",
    "invoice": "invoice_id int, account_id int >account, invoice_number str, period_start date, issued_date date, "
    "due_date date, amount dec, currency str",
    "payment": "payment_id int, account_id int >account, paid_at ts, amount dec, currency str, method str",
    "interaction": "interaction_id int, customer_id int >customer, channel str, direction str, topic str, "
    "started_at ts, duration_seconds int, result str, nps_score int, employee_id str",
}
"""FORIS tables in an order in which foreign keys hold; the first column is the key, `updated_at` is added to each."""

BATCH_ROWS = 50_000


class ForisWriter:
    """Adds and updates rows; made for one run, closed by `with`."""

    def __init__(self, url: str) -> None:
        """Open the database at an SQLAlchemy URL and create what is missing."""
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        self.engine = _engine(url)
        self.metadata = foris_metadata(indexes=True)
        self.metadata.create_all(self.engine)
        self._connection = self.engine.connect()

    def __enter__(self) -> "ForisWriter":
        """The writer itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Commit and let the file go."""
        self._connection.commit()
        self._connection.close()
        self.engine.dispose()

    def upsert(self, table: str, rows: pl.DataFrame) -> int:
        """Insert rows or replace those with the same key, and count them; columns that begin with `_` stay out."""
        if not len(rows):
            return 0
        columns = [c.name for c in self.metadata.tables[table].columns]
        frame = _as_text(rows.select(columns))
        sql = self._statement(table, columns)
        for batch in _batches(frame):
            self._connection.exec_driver_sql(sql, batch)
        self._connection.commit()
        return len(rows)

    def _statement(self, table: str, columns: list[str]) -> str:
        mark = "?" if self.engine.dialect.paramstyle == "qmark" else "%s"
        changes = ", ".join(f"{c} = excluded.{c}" for c in columns[1:])
        return (f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))}) "
                f"ON CONFLICT ({columns[0]}) DO UPDATE SET {changes}")  # fmt: skip


def foris_metadata(indexes: bool = False) -> MetaData:
    """SQLAlchemy description of all FORIS tables."""
    metadata = MetaData()
    for name, text in TABLES.items():
        items = [item.split() for item in text.split(", ")]
        columns = [Column(c[0], _TYPES[c[1]](), *_reference(c), primary_key=(n == 0), autoincrement=False)
                   for n, c in enumerate(items)]  # fmt: skip
        table = Table(name, metadata, *columns, Column("updated_at", DateTime(), nullable=False))
        if indexes:
            Index(f"ix_{name}_updated_at", table.c.updated_at)
    return metadata


def _reference(item: list[str]) -> list[ForeignKey]:
    if len(item) < 3:
        return []
    target = item[2].removeprefix(">")
    return [ForeignKey(target if "." in target else f"{target}.{item[0]}")]


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _fast(connection, _record) -> None:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA cache_size = -65536")

    return engine


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates and timestamps as ISO text, which every driver takes."""
    formats = {pl.Date: "%Y-%m-%d", pl.Datetime: "%Y-%m-%d %H:%M:%S"}
    return frame.with_columns(
        pl.col(name).dt.strftime(formats[dtype.base_type()]) for name, dtype in frame.schema.items()
        if dtype.base_type() in formats)  # fmt: skip


def _batches(frame: pl.DataFrame) -> Iterator[list[tuple]]:
    for part in frame.iter_slices(BATCH_ROWS):
        yield part.rows()
