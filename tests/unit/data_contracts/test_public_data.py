"""Data that nobody here wrote keeps the contracts written for it, and its known blanks are all that is missing."""

from pathlib import Path

import duckdb
import pytest

from data_contracts.loader import load_contract
from data_contracts.sql import pass_sql
from vitrina.settings import REPOSITORY, get_settings

SOURCES = REPOSITORY / "data_contracts" / "sources"


def public(*parts: str) -> Path:
    path = get_settings().shared_data.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{parts[-1]} is not on this machine")
    return path


def test_the_telco_customers_keep_their_contract() -> None:
    contract = load_contract(SOURCES / "telco" / "customer.odcs.yaml")
    path = public("ibm_telco", "WA_Fn-UseC_-Telco-Customer-Churn.csv")
    query = pass_sql(contract, f"read_csv('{path}', header=true, all_varchar=true)")
    found = (
        duckdb.connect()
        .execute(
            f"SELECT count(*), count(_faults), count(*) - count(total_charges), "
            f"count(*) FILTER (churn = 'Yes') FROM ({query})"
        )
        .fetchone()
    )
    assert found == (7043, 0, 11, 1869)


def test_the_cdnow_purchases_keep_their_contract() -> None:
    contract = load_contract(SOURCES / "cdnow" / "payment.odcs.yaml")
    path = public("cdnow", "CDNOW_master.txt")
    words = "regexp_split_to_array(trim(line, ' ' || chr(13)), ' +')"
    fields = ", ".join(f"{words}[{place}] AS {name}" for place, name in enumerate(contract.names, start=1))
    lines = f"read_csv('{path}', columns={{'line': 'VARCHAR'}}, header=true, delim='\\0', quote='', auto_detect=false)"
    query = pass_sql(contract, f"(SELECT {fields} FROM {lines})")
    found = (
        duckdb.connect()
        .execute(
            f"SELECT count(*), count(_faults), count(DISTINCT customer_code), "
            f"min(purchase_date)::VARCHAR, max(purchase_date)::VARCHAR, sum(units) "
            f"FROM ({query})"
        )
        .fetchone()
    )
    assert found == (69659, 0, 23570, "1997-01-01", "1998-06-30", 167881)
