"""Drift, declared features, and the rules of the next best action."""

import json

import numpy as np
import polars as pl
import pytest

from signals.models.actions import WrongActions, declared_actions, next_actions, parse_actions
from signals.models.drift import Reference
from signals.models.features import CUSTOMER_TYPES, WrongFeatures, declared_features, features_of, parse_features
from vitrina.dictionary import read_models
from vitrina.settings import REPOSITORY

MODELS = read_models(REPOSITORY / "dbt_project")


def test_every_declared_feature_is_a_column_of_the_mart() -> None:
    columns = {column.name for column in MODELS["churn_features"].columns}
    assert {feature.name for feature in declared_features()} <= columns
    assert not {"is_churned", "label_until_date", "is_eligible"} & {feature.name for feature in declared_features()}
    assert all(features_of(kind) for kind in CUSTOMER_TYPES)


def test_a_wrong_declaration_is_refused() -> None:
    for wrong in ({"a": {"x": {"kind": "colour"}}}, {"a": {"x": {"lag": 40}}}, {"a": {"x": None}, "b": {"x": None}}):
        with pytest.raises(WrongFeatures, match="x"):
            parse_features(wrong)


def test_every_rule_stands_on_columns_that_are_there() -> None:
    known = {column.name for name in ("customer_scores", "customer_profiles") for column in MODELS[name].columns}
    for action in declared_actions():
        assert action.columns <= known, action.key


def test_the_first_rule_that_holds_is_taken_with_its_values() -> None:
    rules = parse_actions([
        {"key": "debt", "title": "Debt", "why": "{days} days", "when": {"days": {">=": 30}}},
        {"key": "call", "title": "Call", "why": "high", "when": {"risk": {"in": ["high"]}}, "of": ["person"]},
    ])  # fmt: skip
    rows = pl.DataFrame({
        "customer_type": ["person", "person", "organisation", "person"], "days": [40, 3, None, 29],
        "risk": ["high", "high", "high", "low"],
    })  # fmt: skip
    told = next_actions(rows, rules)
    assert told["next_action"].to_list() == ["debt", "call", None, None]
    assert json.loads(told["next_action_values"][0]) == {"days": 40}


def test_a_rule_that_cannot_be_read_is_refused() -> None:
    for wrong in ({"when": {}}, {"when": {"x": {"like": 3}}}):
        with pytest.raises(WrongActions, match="rule"):
            parse_actions([{"key": "rule", "title": "T", "why": "W", **wrong}])


def test_drift_is_seen_where_it_is_and_nowhere_else() -> None:
    rng = np.random.default_rng(9)
    matrix = rng.normal(size=(3, 5000)).astype(np.float32)
    reference = Reference.of(("same", "moved", "emptied"), matrix, rng.random(5000))
    later = rng.normal(size=(3, 5000)).astype(np.float32)
    later[1] += 1.2
    later[2][:3000] = np.nan
    told = {each.name: each.state for each in reference.drifts(("same", "moved", "emptied"), later, rng.random(5000))}
    assert told == {"same": "steady", "moved": "alarm", "emptied": "alarm", "churn_probability": "steady"}
