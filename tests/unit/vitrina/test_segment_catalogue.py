"""What segments are made of, as the property files of the dbt project say it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from vitrina.access.policy import load_policies
from vitrina.dictionary import LANGUAGES, Column, Model, read_models
from vitrina.settings import REPOSITORY

MODELS = read_models(REPOSITORY / "dbt_project")
ASKED = {name: model for name, model in MODELS.items() if model.meta.get("segment_entities")}
CYRILLIC = re.compile("[А-Яа-яЁё]")
WRONG_APOSTROPHE = re.compile("[oOgG]['’‘`]")


def entities() -> Iterator[tuple[Model, dict[str, Any]]]:
    return ((model, entity) for model in ASKED.values() for entity in model.meta["segment_entities"])


def fields(model: Model) -> tuple[Column, ...]:
    return tuple(column for column in model.columns if column.labels)


def test_the_entities_are_those_that_people_ask_about() -> None:
    named = {(entity["kind"], entity["name"]) for _, entity in entities()}
    events = ["usage", "usage_months", "payments", "charges", "invoices", "interactions", "einvoices", "signals",
              "campaign_contacts", "campaign_responses"]  # fmt: skip
    related = [
        "subscriptions",
        "agreements",
        "accounts",
        "invoices",
        "devices",
        "contacts",
        "legal_statuses",
        "group_companies",
        "churn_scores",
    ]
    assert named == {("event", name) for name in events} | {("related", name) for name in related}
    positions = [entity["position"] for _, entity in entities()]
    assert sorted(positions) == list(range(1, len(positions) + 1))


def test_columns_that_an_entity_names_are_columns_of_its_table() -> None:
    for model, entity in entities():
        columns = {column.name: column.data_type for column in model.columns}
        named = [entity.get(key) for key in ("date_column", "valid_from_column", "valid_to_column")]
        assert "customer_id" in columns, model.name
        assert all(columns[name] == "date" for name in named if name), model.name
        assert columns.get(model.meta.get("month_column"), "date") == "date", model.name
        assert entity["kind"] == "related" or entity["date_column"], model.name
        assert ("valid_from_column" in entity) == ("valid_to_column" in entity), model.name


@pytest.mark.parametrize("name", sorted(ASKED))
def test_fields_are_named_in_three_languages_and_hang_together(name: str) -> None:
    model, units = ASKED[name], MODELS["customer_profiles"].meta["units"]
    assert fields(model)
    for column in fields(model):
        assert set(column.labels) == set(LANGUAGES), column.name
        assert not CYRILLIC.search(column.labels["uz"] + column.labels["en"]), column.labels
        assert not WRONG_APOSTROPHE.search(column.labels["uz"]), column.labels
        assert column.meta["unit"] in units, column.name
        assert column.meta["personal_data_class"] in {"none", "pii", "pii_high"}, column.name
        assert column.meta["null_meaning"].startswith(("null", "never null")), column.name
    for language in LANGUAGES:
        labels = [column.labels[language] for column in fields(model)]
        assert len(labels) == len(set(labels)), language


def test_fields_that_the_gate_masks_as_personal_are_marked_so() -> None:
    policies = load_policies()
    for model in ASKED.values():
        for column in fields(model):
            rule = policies[model.name].columns[column.name]
            # Numbers and names of organisations are no personal data in the source contracts; the gate covers them too.
            if (
                rule.is_personal
                and rule.column_class not in ("business_id", "finance_detail")
                and column.name != "short_name"
            ):
                assert column.meta["personal_data_class"] != "none", (model.name, column.name)


def test_pick_lists_lie_in_columns_that_exist() -> None:
    columns = [column for model in (*ASKED.values(), MODELS["customer_profiles"]) for column in model.columns]
    for column in columns:
        if "values_from" in column.meta:
            table, key, label = column.meta["values_from"].split(".")
            there = {each.name for each in MODELS[table].columns}
            assert key in there, column.name
            assert {label.format(lang=language) for language in LANGUAGES} <= there, column.name
