"""Great Expectations and the SQL pass are two engines over one list of checks: they must flag the same rows."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from data_contracts.expectations import build_docs, validate_sample
from data_contracts.loader import load_contract
from data_contracts.model import Contract
from data_contracts.sql import Dialect, pass_sql
from ingest.rules import find_faults
from vitrina.settings import REPOSITORY

SOURCES = REPOSITORY / "data_contracts" / "sources"
DIALECT = Dialect(decimal_separator=",")
USAGE = {
    "subscription_id": "1",
    "usage_date": "2024-02-01",
    "voice_out_onnet_sec": "10",
    "voice_out_offnet_sec": "0",
    "voice_out_intl_sec": "0",
    "voice_in_sec": "5",
    "sms_out": "1",
    "data_mb": "10,125",
    "roaming_voice_sec": "0",
    "roaming_sms": "0",
    "roaming_data_mb": "0,000",
    "roaming_country": None,
    "charge_amount": "3,50",
}
CUSTOMER = {
    "customer_id": "1",
    "customer_type": "person",
    "full_name": "Иванова Анна",
    "last_name": "Иванова",
    "first_name": "Анна",
    "middle_name": None,
    "short_name": None,
    "name_uz": None,
    "inn": "123456789",
    "pinfl": "30101850010011",
    "passport": "AA1234567",
    "sex": "F",
    "birth_date": "1985-01-01",
    "region_code": "1726",
    "district": None,
    "address": None,
    "email": "a@b.uz",
    "contact_phone": "+998901234567",
    "language": "ru",
    "segment": "mass",
    "industry": None,
    "headcount": None,
    "manager_id": None,
    "status": "active",
    "consent_marketing": "1",
    "created_at": "2020-01-01T00:00:00Z",
    "updated_at": "2024-01-01 10:00:00",
}
PLANTED = {
    "foris/usage": {
        "subscription_id": ["", "abc", "0", "2.5"],
        "usage_date": ["2024-02-30", "01.02.2024", None],
        "voice_in_sec": ["-5", "1,5"],
        "data_mb": ["1,2345", "-1", "x"],
        "charge_amount": ["1,239", None],
        "roaming_country": ["турция", "Ð¢ÑƒÑ€"],
    },
    "foris/customer": {
        "customer_type": ["firm", None],
        "inn": ["12345678", "1234567890"],
        "sex": ["f"],
        "passport": ["7654321"],
        "birth_date": ["1899-12-31", "1985-13-01"],
        "language": ["de"],
        "contact_phone": ["998901234567"],
        "email": ["nobody"],
        "headcount": ["-1", "ten"],
        "consent_marketing": ["maybe"],
        "updated_at": ["today", "2024-02-30 10:00:00"],
        "full_name": ["", "я" * 301],
    },
}


def planted_frame(name: str, good: dict[str, str | None], key: str) -> tuple[pd.DataFrame, set[int]]:
    """Good rows with own keys, every third with a planted value, at the end two repeated keys; and the bad rows."""
    faults = [(field, value) for field, values in PLANTED[name].items() for value in values]
    rows = 3 * len(faults) + 9
    lines = [{**good, key: str(number)} for number in range(1, rows + 1)]
    for place, (field, value) in enumerate(faults):
        lines[3 * place + 1][field] = value
    lines[-1][key] = lines[-2][key] = lines[-3][key]
    return pd.DataFrame(lines, dtype="string"), {*range(2, 3 * len(faults), 3), rows - 1, rows}


def flagged_by_sql(contract: Contract, frame: pd.DataFrame) -> dict[str, tuple[int, ...]]:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.register("frame", frame.astype(object).where(frame.notna(), None))
    columns = ", ".join(f'"{name}"::VARCHAR AS "{name}"' for name in frame.columns)
    con.execute(f"CREATE TABLE delivered AS SELECT {columns} FROM frame")
    con.execute(f"CREATE TABLE staged AS SELECT *, 0 AS _f FROM ({pass_sql(contract, 'delivered', DIALECT)})")
    find_faults(con, contract, {})
    found: dict[str, list[int]] = {}
    for row, rule in con.execute('SELECT r + 1, "rule" FROM faults').fetchall():
        found.setdefault(rule, []).append(row)
    con.close()
    return {rule: tuple(sorted(rows)) for rule, rows in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "good", "key"), [("foris/usage", USAGE, "subscription_id"), ("foris/customer", CUSTOMER, "customer_id")]
)
def test_both_engines_flag_the_same_rows_for_the_same_rules(
    tmp_path: Path, name: str, good: dict[str, str | None], key: str
) -> None:
    contract = load_contract(SOURCES / f"{name}.odcs.yaml")
    frame, bad = planted_frame(name, good, key)
    by_sql = flagged_by_sql(contract, frame)
    result = validate_sample(contract, frame, tmp_path / "docs", DIALECT)
    assert result.broken == by_sql
    assert {row for rows in by_sql.values() for row in rows} == bad
    assert not result.success
    assert result.rows == len(frame)


@pytest.mark.slow
def test_a_clean_sample_succeeds_and_the_docs_show_no_personal_data(tmp_path: Path) -> None:
    contract = load_contract(SOURCES / "foris" / "customer.odcs.yaml")
    clean = pd.DataFrame([CUSTOMER, {**CUSTOMER, "customer_id": "2"}])
    assert validate_sample(contract, clean, tmp_path / "docs").success
    secret = {**CUSTOMER, "passport": "SECRET-PASSPORT", "contact_phone": "77777777777", "segment": "open-fault"}
    assert not validate_sample(contract, pd.DataFrame([secret]), tmp_path / "docs").success
    index = build_docs(tmp_path / "docs")
    assert index.is_file()
    texts = [
        path.read_text(encoding="utf-8", errors="ignore")
        for path in (tmp_path / "docs").rglob("*")
        if path.suffix in (".html", ".json")
    ]
    assert any("open-fault" in text for text in texts)
    assert not any(word in text for text in texts for word in ("SECRET-PASSPORT", "77777777777", "Иванова"))
