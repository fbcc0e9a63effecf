"""Models of churn and value: what they scored, how good they are, whom they are about."""

import json
from typing import Any

from apps.data.source import Reader, one

Row = dict[str, Any]


def runs(reader: Reader, customer_type: str) -> dict[str, Row]:
    """What the last run came to, by part (churn, value)."""
    rows = reader.query("select * from model_runs where customer_type = ?", [customer_type]).to_pylist()
    return {row["part"]: row for row in rows}


def versions(reader: Reader, customer_type: str) -> list[Row]:
    """Every model of a type, the newest first, without reports and cards."""
    return reader.query(
        """select version, role, is_current_definition, trained_at, trained_from, trained_until, rows, churned, auc,
                  auc_low, auc_high, pr_auc, lift_10, promoted_at, promoted_by, promoted_because, sha256
           from churn_models where customer_type = ? order by trained_at desc, version""",
        [customer_type],
    ).to_pylist()


def report(reader: Reader, version: str) -> Row:
    """The backtest of a model; empty for one that is not there."""
    found = one(reader.query("select report from churn_models where version = ?", [version]))
    return json.loads(found["report"]) if found else {}


def drift(reader: Reader, customer_type: str) -> list[Row]:
    """Features and the score by how far they moved, the farthest first."""
    return reader.query(
        "select name, psi, state, month_end from model_drift where customer_type = ? order by psi desc, name",
        [customer_type],
    ).to_pylist()


def value(reader: Reader, customer_type: str) -> Row | None:
    """The models of value of a type, with what was said half a year ago and what came."""
    found = one(reader.query("select * from value_models where customer_type = ?", [customer_type]))
    return found | {"holdout": json.loads(found["holdout"])} if found else None


def survival(reader: Reader, customer_type: str, dimension: str) -> list[Row]:
    """Curves of a dimension: value, months, share, share_low, share_high, at_risk, customers."""
    return reader.query(
        """select value, months, share, share_low, share_high, at_risk, customers, left_count from survival_curves
           where customer_type = ? and dimension = ? order by value, months""",
        [customer_type, dimension],
    ).to_pylist()


def feature_labels(reader: Reader, language: str) -> dict[str, str]:
    """Names of features that are attributes of the profile."""
    column = {"ru": "label_ru", "uz": "label_uz"}.get(language, "label_en")
    rows = reader.query(f"select name, {column} as label from attribute_catalogue").to_pylist()
    return {row["name"]: row["label"] for row in rows}


def scores(reader: Reader, customer_id: int) -> Row | None:
    """The latest scores of a customer; reasons and the values of the next action are read out."""
    found = one(reader.query("select * from customer_scores where customer_id = ?", [customer_id]))
    if found is None:
        return None
    reasons, told = found["reasons"], found["next_action_values"]
    return found | {
        "reasons": json.loads(reasons) if reasons else [], "next_action_values": json.loads(told) if told else {},
    }  # fmt: skip


def score_history(reader: Reader, customer_id: int) -> list[Row]:
    """Churn scores of a customer by month end."""
    return reader.query(
        """select month_end, churn_probability, churn_decile, risk_group, is_backtest from customer_scores_history
           where customer_id = ? order by month_end""",
        [customer_id],
    ).to_pylist()
