"""A contract that cannot be trusted is refused with the file and the place."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from data_contracts.loader import load_contract, load_source
from data_contracts.model import ContractError


def document(**changes: Any) -> dict[str, Any]:
    column = {"name": "amount", "logicalType": "number", "physicalType": "DECIMAL(18,2)", **changes.pop("column", {})}
    table = {"name": "shop__sale", "properties": [column], **changes.pop("table", {})}
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "x",
        "status": "active",
        "version": "1.0.0",
        "schema": [table],
        **changes,
    }


def write(tmp_path: Path, content: dict[str, Any] | str, name: str = "sale") -> Path:
    path = tmp_path / "shop" / f"{name}.odcs.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


def test_a_contract_loads_with_its_rules(tmp_path: Path) -> None:
    column = {
        "required": True,
        "logicalTypeOptions": {"exclusiveMinimum": 0},
        "classification": "pii",
        "customProperties": [{"property": "unit", "value": "UZS"}],
    }
    sla = [{"property": "freshness", "value": 2, "unit": "d"}, {"property": "minimumVolume", "value": 0.5}]
    contract = load_contract(write(tmp_path, document(column=column, slaProperties=sla)))
    amount = contract.column("amount")
    assert (contract.raw_table, contract.freshness_hours, contract.minimum_volume) == ("shop__sale", 48.0, 0.5)
    assert (amount.required, amount.range.exclusive_minimum, amount.unit) == (True, 0, "UZS")


@pytest.mark.parametrize(
    ("changes", "place", "reason"),
    [
        ({"column": {"name": "amount; drop table x"}}, "schema", "is not a name"),
        ({"column": {"name": "Amount"}}, "schema.Amount", "is not a name"),
        ({"column": {"physicalType": "VARCHAR"}}, "schema.amount", "does not hold a number"),
        ({"column": {"physicalType": "DECIMAL(18,2)); drop"}}, "schema.amount", "does not hold a number"),
        ({"column": {"logicalType": "object"}}, "schema.amount", "is not one of"),
        ({"column": {"classification": "secret"}}, "schema.amount", "pii_high"),
        ({"column": {"relationships": [{"to": "foris__customer.id)--"}]}}, "schema.amount", "is not a name"),
        ({"column": {"quality": [{"metric": "nullValues", "mustBe": 0}]}}, "schema.amount", "not supported"),
        (
            {"column": {"quality": [{"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": [True]}}]}},
            "schema.amount",
            "must be texts",
        ),
        ({"column": {"primaryKey": True}}, "schema", "must count 1, 2"),
        ({"table": {"name": "shop__other"}}, "schema", "asks for 'shop__sale'"),
        ({"schema": []}, "schema", "exactly one"),
        ({"version": "1.0"}, "version", "semantic version"),
        (
            {"slaProperties": [{"property": "freshness", "value": "soon", "unit": "h"}]},
            "slaProperties.freshness",
            "number",
        ),
        ({"slaProperties": [{"property": "freshness", "value": 1, "unit": "week"}]}, "slaProperties.freshness", "unit"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_place(
    tmp_path: Path, changes: dict[str, Any], place: str, reason: str
) -> None:
    with pytest.raises(ContractError) as caught:
        load_contract(write(tmp_path, document(**changes)))
    assert str(caught.value).startswith(f"shop/sale.odcs.yaml: {place}")
    assert reason in str(caught.value)


def test_a_pattern_that_is_no_regular_expression_is_refused(tmp_path: Path) -> None:
    column = {"logicalType": "string", "physicalType": "VARCHAR", "logicalTypeOptions": {"pattern": "("}}
    with pytest.raises(ContractError, match=r"schema.amount: pattern '\(' is not a regular expression"):
        load_contract(write(tmp_path, document(column=column)))


def test_a_date_format_is_translated_and_an_unknown_letter_refused(tmp_path: Path) -> None:
    column = {"logicalType": "date", "physicalType": "DATE", "logicalTypeOptions": {"format": "dd.MM.yyyy"}}
    assert load_contract(write(tmp_path, document(column=column))).columns[0].date_format == "%d.%m.%Y"
    column["logicalTypeOptions"] = {"format": "dd MMM yyyy"}
    with pytest.raises(ContractError, match="uses letters other than"):
        load_contract(write(tmp_path, document(column=column)))


def test_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    twice = document()
    twice["schema"][0]["properties"] *= 2
    with pytest.raises(ContractError, match="names amount twice"):
        load_contract(write(tmp_path, twice))


def test_broken_yaml_and_missing_files_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"shop/sale\.odcs\.yaml: contract: is not readable YAML"):
        load_contract(write(tmp_path, "a: ["))
    with pytest.raises(ContractError, match="no such file"):
        load_contract(tmp_path / "shop" / "nothing.odcs.yaml")
    with pytest.raises(ContractError, match="nowhere: no such folder"):
        load_source(tmp_path / "nowhere")


def test_a_document_that_is_not_odcs_is_refused_at_its_place(tmp_path: Path) -> None:
    from vitrina.settings import get_settings

    schema = get_settings().shared_data / "odcs" / "schema" / "odcs-json-schema-v3.1.0.json"
    if not schema.exists():
        pytest.skip("the standard's JSON schema is not on this machine")
    with pytest.raises(ContractError, match=r"sale\.odcs\.yaml: schema\.0\.properties\.0\.required: .yes. is not"):
        load_contract(write(tmp_path, document(column={"required": "yes"})), schema)
