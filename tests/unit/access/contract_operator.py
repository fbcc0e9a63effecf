"""A published snapshot with every mart of the contracts, all columns filled, in which it is plain whose each row is.

Customer `i` of 24: organisations are the multiples of 4; a multiple of 3 has the manager E<i % 6>; regions go 170, 171,
172 in turn; customers 23 and 24 have neither. `RAW` of a snapshot gives the rows as Python values for comparison.
"""

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from vitrina.settings import REPOSITORY
from vitrina.warehouse.live import LIVE_TABLES, MEMBERS_FILE, list_folder, lists_folder
from vitrina.warehouse.marts import MartCatalogue, MartSpec
from vitrina.warehouse.publish import PublishRequest, publish

CUSTOMERS = range(1, 25)
AS_OF = dt.date(2026, 11, 22)
MONTH_FACTS = {"fct_payments": "paid_date", "customer_profiles_history": "month_end"}
LONE = ("fct_bank_documents", "fct_legal_statuses", "fct_einvoices")
Row = dict[str, Any]


@lru_cache(maxsize=1)
def contracts() -> dict[str, dict[str, str]]:
    """Columns and types of every mart, by the dbt contracts, and of the tables beside them."""
    found: dict[str, dict[str, str]] = {}
    project = REPOSITORY / "dbt_project"
    for path in [*sorted((project / "models" / "marts").rglob("*.yml")), *sorted((project / "outside").glob("*.yml"))]:
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or ():
            found[model["name"]] = {column["name"]: column["data_type"] for column in model["columns"]}
    return found


@lru_cache(maxsize=1)
def profile_classes() -> dict[str, str]:
    """personal_data_class of every attribute of the profile, by its contract."""
    path = REPOSITORY / "dbt_project" / "models" / "marts" / "customers" / "customer_profiles.yml"
    model = yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]
    return {column["name"]: column["config"]["meta"]["personal_data_class"] for column in model["columns"]}


def manager(customer: int) -> str | None:
    """Employee id of a customer's manager."""
    return f"E{customer % 6}" if customer % 3 == 0 and customer < 23 else None


def region(customer: int) -> str | None:
    """Region code of a customer."""
    return f"17{customer % 3}" if customer < 23 else None


def customer_type(customer: int) -> str:
    """Person or organisation."""
    return "organisation" if customer % 4 == 0 else "person"


def rows_of(table: str, columns: dict[str, str]) -> list[Row]:
    """The rows of a mart."""
    if table == "attribute_catalogue":
        classes = profile_classes()
        return [
            {c: _value(c, kind, i) for c, kind in columns.items()}
            | {"name": name, "personal_data_class": classes[name]}
            for i, name in enumerate(classes, 1)
        ]
    if table == "dim_employees":
        return [{c: _value(c, kind, i) for c, kind in columns.items()} | {"employee_id": f"E{i}"} for i in range(6)]
    if "customer_id" not in columns:
        return [{c: _value(c, kind, i) for c, kind in columns.items()} for i in range(1, 4)]
    rows = [{c: _value(c, kind, i) for c, kind in columns.items()} for i in CUSTOMERS]
    if table in LONE:
        rows.append(rows[0] | {"customer_id": None})
    return rows


def _value(column: str, kind: str, i: int) -> Any:
    known = {
        "customer_id": i, "linked_customer_id": i % 24 + 1, "customer_type": customer_type(i), "kind": customer_type(i),
        "list_key": f"list-{i:03}", "company_id": i % 24 + 1, "company_type": customer_type(i % 24 + 1),
        "manager_id": manager(i), "employee_id": f"E{i % 6}", "region_code": region(i), "sex": "MF"[i % 2],
        "birth_date": dt.date(1970 + i, 5, 1 + i % 28), "age_years": 20 + i, "birthday_in_days": i * 7,
        "paid_date": dt.date(2026, 10, 1 + i % 28), "month_end": dt.date(2026, 10, 31),
    }  # fmt: skip
    if column in known:
        return known[column]
    texts = {
        "phone": f"+99890123{i:04}", "contact_phone": f"+99890456{i:04}", "msisdn": f"+99891456{i:04}",
        "main_msisdn": f"+99893456{i:04}", "email": f"user{i}@firm{i}.uz", "pinfl": f"312019000000{i:02}",
        "passport": f"AB12345{i:02}", "full_name": f"Каримов Жасур {i:02}", "last_name": f"Каримов{i}",
        "first_name": f"Жасур{i}", "middle_name": f"Ботирович{i}", "imei": f"35693803564{i:04}",
        "imsi": f"43404123456{i:04}", "short_name": f"Фирма {i}",
    }  # fmt: skip
    if kind == "varchar":
        return texts.get(column, f"{column} {i:03}")
    if kind.startswith("decimal"):
        return Decimal(i)
    simple: dict[str, Any] = {
        "date": dt.date(2026, 10, 1) + dt.timedelta(days=i % 28), "boolean": i % 2 == 0, "double": float(i),
        "timestamp": dt.datetime(2026, 10, 1, 12) + dt.timedelta(hours=i),
    }  # fmt: skip
    return simple.get(kind, i)


def publish_contract_operator(published: Path) -> dict[str, list[Row]]:
    """Publish every mart of the contracts, and `fct_unlisted`, which no policy knows; returns their rows."""
    raw = {table: rows_of(table, columns) for table, columns in contracts().items()}
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA marts")
        for table, columns in contracts().items():
            if table in LIVE_TABLES:
                continue
            listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            con.execute(f"CREATE TABLE marts.{table} ({listed})")
            places = ", ".join("?" for _ in columns)
            con.executemany(f"INSERT INTO marts.{table} VALUES ({places})", [list(row.values()) for row in raw[table]])
        con.execute("CREATE TABLE marts.fct_unlisted AS SELECT 1 AS customer_id, 'тайна' AS secret")
        con.execute("ALTER TABLE marts.dim_agreements ADD COLUMN unlisted VARCHAR DEFAULT 'тайна'")
        catalogue = MartCatalogue({name: MartSpec(name, month_column=column) for name, column in MONTH_FACTS.items()})
        request = PublishRequest(as_of=AS_OF, now=dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC))
        publish(con, published, request, catalogue)
        _write_lists(con, published, raw["list_members"])
    return raw


def _write_lists(con: duckdb.DuckDBPyConnection, published: Path, rows: list[Row]) -> None:
    """Each row as a list of its own, since each has a key of its own."""
    for row in rows:
        folder = list_folder(lists_folder(published), row["list_key"])
        folder.mkdir(parents=True)
        member = f"SELECT {int(row['customer_id'])}::BIGINT AS customer_id"
        con.execute(f"COPY ({member}) TO '{folder / MEMBERS_FILE}' (FORMAT parquet)")
