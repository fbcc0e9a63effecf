"""Connector files: the ones we ship are right, and a wrong one is told by file and field."""

from pathlib import Path

import pytest

from data_contracts.loader import load_source
from ingest.config import ConnectorError, load_connector

SOURCES = Path(__file__).resolve().parents[3] / "data_contracts" / "sources"


@pytest.mark.parametrize("name", sorted(path.parent.name for path in SOURCES.glob("*/connector.yaml")))
def test_each_shipped_entity_has_a_contract_and_names_its_columns(name: str) -> None:
    connector = load_connector(SOURCES / name / "connector.yaml")
    contracts = {contract.entity: contract for contract in load_source(SOURCES / name)}
    assert set(connector.entities) <= set(contracts)
    for entity in connector.entities.values():
        named = [entity.event_date] if entity.event_date else []
        named += list(getattr(entity, "fields", {})) + list(getattr(entity, "key", []))
        assert set(named) <= set(contracts[entity.entity].names), entity.table


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("source: x\nentities:\n  sale: {kind: files}\n", "entities.sale.path: Field required"),
        ("source: x\nentities:\n  sale: {kind: carrier_pigeon}\n", "entities.sale"),
        ("source: x\nentities:\n  sale: {kind: files, path: a, delimeter: ';'}\n", "entities.sale.delimeter"),
        ("source: x\nentities:\n  sale: {kind: files, path: a, date_in_name: '\\d'}\n", "entities.sale.date_in_name"),
        ("source: x\nentities:\n  sale: {connection: db}\n", "entities.sale.connection: no connection 'db'"),
        ("source: x\nretries: 3\nentities:\n  sale: {kind: files, path: a}\n", "retries: unknown field"),
        ("source: x\n", "entities: at least one is needed"),
        ("[1, 2]", "a mapping"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_wrong_entry_is_told_by_file_and_field(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "connector.yaml"
    path.write_text(text)
    with pytest.raises(ConnectorError) as error:
        load_connector(path)
    assert str(path) in str(error.value)
    assert told in str(error.value)
