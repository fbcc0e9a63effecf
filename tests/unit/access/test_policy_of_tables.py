"""tables.yaml covers every published mart and every column, and says nothing of what does not exist."""

from pathlib import Path

import pytest
import yaml

from tests.unit.access.contract_operator import contracts, profile_classes
from vitrina.access.policy import BadPolicy, load_policies
from vitrina.access.rights import PERSONAL_CLASSES


def test_every_mart_of_the_contracts_has_a_policy_and_no_policy_is_left_over() -> None:
    assert set(load_policies()) == set(contracts())


@pytest.mark.parametrize("table", contracts())
def test_every_column_of_a_mart_has_a_class(table: str) -> None:
    policy = load_policies()[table]
    harmless = frozenset(name for name, told in profile_classes().items() if told == "none")
    assert [column for column in contracts()[table] if policy.rule(column, harmless) is None] == []
    assert set(policy.columns) - set(contracts()[table]) == set()


def test_no_personal_attribute_of_the_profile_is_open_but_the_name_of_our_own_manager() -> None:
    profile = load_policies()["customer_profiles"]
    personal = {name for name, told in profile_classes().items() if told != "none"}
    assert {name for name in personal if not profile.columns[name].is_personal} == {"manager_name"}


def test_columns_of_one_name_have_one_class_wherever_they_are() -> None:
    """A value that is covered in one table and open in the next is open."""
    found: dict[str, set[str]] = {}
    for policy in load_policies().values():
        for column, rule in policy.columns.items():
            found.setdefault(column, set()).add(rule.column_class)
    told_apart = {
        "full_name": "employees' names are open to colleagues",
        "address": "that of the register of taxpayers is public",
    }
    mixed = {column for column, classes in found.items() if len(classes) > 1 and classes & PERSONAL_CLASSES}
    assert mixed == set(told_apart)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"object": "nothing", "rows": "reference", "columns": {}}, "unknown object"),
        ({"object": "customers", "rows": "all", "columns": {}}, "say nothing"),
        ({"object": "customers", "rows": {"customer": []}, "columns": {}}, "say nothing"),
        (
            {"object": "customers", "rows": {"customer": ["customer_id"]}, "columns": {"open": ["x"]}},
            "not open columns",
        ),
        ({"object": "customers", "rows": "reference", "columns": {"secret": ["x"]}}, "unknown class"),
        ({"object": "customers", "rows": "reference", "columns": {"name.wide": ["x"]}}, "unknown class"),
        ({"object": "customers", "rows": "reference", "columns": {"open": ["x"], "name": ["x"]}}, "listed twice"),
        ({"object": "customers", "rows": "reference", "columns": {}, "mask": "x"}, "unknown keys"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused_by_name(tmp_path: Path, entry: dict, message: str) -> None:
    path = tmp_path / "tables.yaml"
    path.write_text(yaml.safe_dump({"fct_new": entry}), encoding="utf-8")
    with pytest.raises(BadPolicy, match=f"fct_new.*{message}"):
        load_policies(path)
