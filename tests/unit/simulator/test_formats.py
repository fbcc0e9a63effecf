"""Each system gives its data in its own form, with the fields that the contracts describe."""

import re
from pathlib import Path

import polars as pl
import pytest
import yaml

from simulator.foris_writer import foris_metadata
from simulator.onec_tags import DOCUMENTS
from simulator.tax_register import TABLES as TAX_TABLES

CONTRACTS = Path(__file__).resolve().parents[3] / "data_contracts" / "sources"
FORIS_TABLES = list(foris_metadata().tables)


def contract_columns(source: str, entity: str) -> list[str]:
    contract = yaml.safe_load((CONTRACTS / source / f"{entity}.odcs.yaml").read_text())
    return [p["name"] for p in contract["schema"][0]["properties"]]


@pytest.mark.parametrize("table", FORIS_TABLES)
def test_billing_tables_have_the_columns_of_their_contract(table: str) -> None:
    assert set(foris_metadata().tables[table].columns.keys()) == set(contract_columns("foris", table))


@pytest.mark.parametrize("entity", list(DOCUMENTS))
def test_documents_of_accounting_have_a_field_for_each_contract_column(entity: str) -> None:
    assert set(DOCUMENTS[entity][2]) == set(contract_columns("onec", entity))


@pytest.mark.parametrize("entity", list(TAX_TABLES))
def test_the_tax_register_has_the_columns_of_its_contract(entity: str) -> None:
    assert set(TAX_TABLES[entity]) == set(contract_columns("tax", entity))


def test_usage_files_have_the_columns_of_their_contract(all_usage: pl.DataFrame) -> None:
    assert all_usage.columns == contract_columns("foris", "usage")


def test_usage_files_are_windows_1251_with_decimal_comma(clean_operator: Path) -> None:
    import gzip

    paths = sorted((clean_operator / "inbox" / "foris" / "usage").glob("*.csv.gz"))
    content = b"".join(gzip.decompress(p.read_bytes()) for p in paths)
    assert "Турция".encode("cp1251") in content
    assert re.search(rb";\d+,\d{1,3};", content)
    assert not re.search(rb"\d\.\d", content)
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


def test_personal_numbers_have_their_official_form(operator: Path, foris) -> None:
    rows = foris(operator, "SELECT customer_type, inn, pinfl, passport, contact_phone, birth_date, sex FROM customer")
    for kind, inn, pinfl, passport, phone, born, sex in rows:
        assert kind == "person" or re.fullmatch(r"[23]\d{8}", inn)
        assert inn is None or re.fullmatch(r"\d{9}", inn)
        assert passport is None or re.fullmatch(r"A[ABCD]\d{7}", passport)
        assert re.fullmatch(r"\+998\d{9}", phone)
        if pinfl:
            assert re.fullmatch(r"[3-6]\d{13}", pinfl)
            assert pinfl[1:7] == born[8:10] + born[5:7] + born[2:4]
            assert (int(pinfl[0]) % 2 == 0) == (sex == "F")
    phones = [r[0] for r in foris(operator, "SELECT msisdn FROM subscription")]
    assert len(set(phones)) == len(phones) > 400
