"""The data dictionary and the profile attributes behind it."""

import re
from pathlib import Path

import pytest

from vitrina.dictionary import LANGUAGES, Column, Model, read_attributes, read_models, render
from vitrina.settings import REPOSITORY

PROJECT = REPOSITORY / "dbt_project"
PERSONAL_DATA_CLASSES = {"none", "pii", "pii_high"}
TYPES = {"bigint", "integer", "double", "decimal(18,2)", "varchar", "date", "boolean"}
CYRILLIC = re.compile("[А-Яа-яЁё]")
WRONG_APOSTROPHE = re.compile("[oOgG]['’‘`]")
TAKEN_OVER_TERMS = {"RFM", "ARPU", "MSISDN", "NPS", "SMS", "IoT"}


@pytest.fixture(scope="module")
def attributes() -> tuple[Column, ...]:
    return read_attributes(PROJECT)


def test_the_profile_has_at_least_a_hundred_attributes(attributes: tuple[Column, ...]) -> None:
    assert len(attributes) >= 100
    assert len({column.name for column in attributes}) == len(attributes)


def test_every_attribute_is_described_completely(attributes: tuple[Column, ...]) -> None:
    profile = read_models(PROJECT)["customer_profiles"]
    for column in attributes:
        assert column.description.endswith("."), column.name
        assert column.data_type in TYPES, column.name
        assert column.meta["group"] in profile.meta["groups"], column.name
        assert column.meta["unit"] in profile.meta["units"], column.name
        assert column.meta["personal_data_class"] in PERSONAL_DATA_CLASSES, column.name
        assert column.meta["sources"], column.name
        assert column.meta["null_meaning"].startswith(("null", "never null")), column.name


def test_every_attribute_group_and_unit_is_named_in_three_languages(attributes: tuple[Column, ...]) -> None:
    profile = read_models(PROJECT)["customer_profiles"]
    labels = [column.labels for column in attributes]
    labels += [*profile.meta["groups"].values(), *profile.meta["units"].values()]
    for label in labels:
        assert set(label) == set(LANGUAGES)
        assert all(text.strip() == text and text for text in label.values()), label
        assert not CYRILLIC.search(label["uz"] + label["en"]), label
        assert not WRONG_APOSTROPHE.search(label["uz"]), f"{label['uz']} must be written with oʻ and gʻ"


def test_russian_labels_are_russian_and_unique(attributes: tuple[Column, ...]) -> None:
    for column in attributes:
        assert CYRILLIC.search(column.labels["ru"]) or any(t in column.labels["ru"] for t in TAKEN_OVER_TERMS)
    for language in LANGUAGES:
        names = [column.labels[language] for column in attributes]
        assert sorted(names) == sorted(set(names)), language


def test_what_identifies_a_person_is_marked_as_personal_data(attributes: tuple[Column, ...]) -> None:
    classes = {column.name: column.meta["personal_data_class"] for column in attributes}
    assert {classes[name] for name in ("pinfl", "passport")} == {"pii_high"}
    for name in ("full_name", "birth_date", "main_msisdn", "contact_phone", "email", "address", "manager_name"):
        assert classes[name] == "pii", name


def test_history_has_the_columns_of_the_profile() -> None:
    models = read_models(PROJECT)
    assert models["customer_profiles_history"].columns == models["customer_profiles"].columns


def test_the_written_dictionary_is_up_to_date() -> None:
    page = (REPOSITORY / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    assert page == render(read_models(PROJECT)), "run: python -m vitrina.dictionary"


def test_a_model_described_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for name in ("one.yml", "two.yml"):
        (tmp_path / "models" / name).write_text("models: [{name: dim_a, description: A.}]", encoding="utf-8")
    with pytest.raises(ValueError, match="described twice"):
        read_models(tmp_path)


def test_a_bar_in_a_description_does_not_break_the_table() -> None:
    model = Model("dim_a", "marts/core", "A.", (Column("a", "varchar", "x | y"),))
    assert r"x \| y" in render({"dim_a": model})


def test_a_description_may_come_from_a_docs_block(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "blocks.md").write_text("{% docs key %}The key.{% enddocs %}", encoding="utf-8")
    properties = "models: [{name: dim_a, description: A., columns: [{name: a, description: \"{{ doc('key') }}\"}]}]"
    (tmp_path / "models" / "a.yml").write_text(properties, encoding="utf-8")
    assert read_models(tmp_path)["dim_a"].columns[0].description == "The key."


def test_a_missing_docs_block_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    properties = "models: [{name: dim_a, description: \"{{ doc('nowhere') }}\"}]"
    (tmp_path / "models" / "a.yml").write_text(properties, encoding="utf-8")
    with pytest.raises(ValueError, match="nowhere"):
        read_models(tmp_path)
