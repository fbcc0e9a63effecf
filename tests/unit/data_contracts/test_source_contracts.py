"""The contracts that ship: valid by the standard's own schema, complete, and consistent with each other."""

from pathlib import Path

import duckdb
import pytest

from data_contracts.checks import compile_checks
from data_contracts.loader import load_source
from data_contracts.messages import LANGUAGES, check_text
from data_contracts.model import Contract
from vitrina.settings import REPOSITORY, get_settings

SOURCES = REPOSITORY / "data_contracts" / "sources"
CONTRACTS = [contract for folder in sorted(SOURCES.iterdir()) if folder.is_dir() for contract in load_source(folder)]
BY_TABLE = {contract.raw_table: contract for contract in CONTRACTS}
MUST_BE_PERSONAL = (
    "full_name",
    "last_name",
    "first_name",
    "middle_name",
    "pinfl",
    "passport",
    "birth_date",
    "msisdn",
    "imsi",
    "contact_phone",
    "phone",
    "email",
    "director_name",
)


def test_every_contract_is_valid_by_the_schema_of_the_standard() -> None:
    schema = get_settings().shared_data / "odcs" / "schema" / "odcs-json-schema-v3.1.0.json"
    if not schema.exists():
        pytest.skip("the standard's JSON schema is not on this machine")
    for folder in sorted(SOURCES.iterdir()):
        if folder.is_dir():
            load_source(folder, schema)


def test_every_source_entity_of_the_operator_has_a_contract() -> None:
    expected = {
        "foris": {
            "department",
            "employee",
            "customer",
            "customer_link",
            "contact",
            "product",
            "agreement",
            "account",
            "subscription",
            "subscription_event",
            "charge",
            "invoice",
            "payment",
            "interaction",
            "usage",
            "usage_month",
        },
        "onec": {"bank_document", "bank_statement", "counterparty", "invoice", "reconciliation_act"},
        "tax": {"taxpayer", "einvoice"},
        "dms": {"device"},
        "cdnow": {"payment"},
        "telco": {"customer"},
    }
    for source, entities in expected.items():
        assert {contract.entity for contract in CONTRACTS if contract.source == source} >= entities


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.raw_table)
def test_references_lead_to_a_key_column_of_the_same_type(contract: Contract) -> None:
    for column in contract.columns:
        if column.reference:
            target = BY_TABLE[column.reference.table]
            assert target.column(column.reference.column).duckdb_type == column.duckdb_type
            assert column.reference.column in target.key


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.raw_table)
def test_every_column_is_described_and_named_in_three_languages(contract: Contract) -> None:
    for column in contract.columns:
        assert column.description.endswith("."), column.name
        assert set(column.labels) == set(LANGUAGES), column.name
        assert all(column.labels.values()), column.name


@pytest.mark.parametrize(
    "contract", [c for c in CONTRACTS if c.source in ("foris", "onec", "tax")], ids=lambda contract: contract.raw_table
)
def test_columns_that_identify_a_person_are_classified_as_personal_data(contract: Contract) -> None:
    for column in contract.columns:
        if column.name in MUST_BE_PERSONAL:
            assert column.classification != "none", column.name


def test_patterns_mean_the_same_to_the_engine_that_runs_them() -> None:
    con = duckdb.connect()
    for contract in CONTRACTS:
        for column in contract.columns:
            if column.pattern:
                assert column.pattern.startswith("^"), "an open pattern finds its text anywhere in the value"
                assert column.pattern.endswith("$"), "an open pattern finds its text anywhere in the value"
                con.execute("SELECT regexp_matches('', ?)", [column.pattern])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_of_every_contract_can_be_told_in_each_language(language: str) -> None:
    more = {"columns": "a, b", "rows": 1, "usual": 100, "percent": 1}
    for contract in CONTRACTS:
        for check in compile_checks(contract):
            extra = more if check.scope == "delivery" else {}
            sentence = check_text(check, language, contract, "found", 17 if check.scope == "row" else None, **extra)
            assert sentence
            assert "{" not in sentence.replace(str(check.args.get("pattern", "")), "")


def test_a_source_of_the_same_kind_reuses_contracts_under_its_own_name() -> None:
    reused = BY_TABLE["onec_real__invoice"]
    assert reused.names == BY_TABLE["onec__invoice"].names
    assert reused.column("counterparty_id").reference.table == "onec_real__counterparty"  # type: ignore[union-attr]


def test_the_shipped_folder_holds_one_contract_per_file() -> None:
    files = list(Path(SOURCES).glob("*/*.odcs.yaml"))
    own = [c for c in CONTRACTS if not (SOURCES / c.source / "contracts.yaml").exists()]
    assert len(files) == len(own)
