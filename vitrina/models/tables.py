"""The marts of models in the build, made anew by every run."""

import json
from typing import Any, Final

import duckdb

from vitrina.models.store import ModelStore
from vitrina.warehouse.engine import literal, quoted

TABLES: Final = {
    "customer_scores": (
        "customer_id BIGINT, customer_type VARCHAR, as_of DATE, churn_month DATE, churn_probability DOUBLE,"
        " churn_decile INTEGER, risk_group VARCHAR, reason_1 VARCHAR, reason_2 VARCHAR, reason_3 VARCHAR,"
        " reasons VARCHAR, p_alive DOUBLE, expected_payments_12m DOUBLE, expected_payment_amount DECIMAL(18,2),"
        " value_12m DECIMAL(18,2), value_tenth INTEGER, next_action VARCHAR, next_action_values VARCHAR,"
        " model_version VARCHAR"
    ),
    "customer_scores_history": (
        "customer_id BIGINT, customer_type VARCHAR, month_end DATE, valid_from DATE, valid_to DATE,"
        " churn_probability DOUBLE, churn_decile INTEGER, risk_group VARCHAR, reason_1 VARCHAR,"
        " model_version VARCHAR, is_backtest BOOLEAN"
    ),
    "churn_models": (
        "version VARCHAR, customer_type VARCHAR, role VARCHAR, is_current_definition BOOLEAN, trained_at TIMESTAMP,"
        " trained_from DATE, trained_until DATE, judged_until DATE, rows BIGINT, churned BIGINT, auc DOUBLE,"
        " auc_low DOUBLE, auc_high DOUBLE, pr_auc DOUBLE, lift_10 DOUBLE, brier DOUBLE, sha256 VARCHAR,"
        " promoted_at TIMESTAMP, promoted_by VARCHAR, promoted_because VARCHAR, report VARCHAR, card VARCHAR"
    ),
    "model_runs": (
        "customer_type VARCHAR, part VARCHAR, state VARCHAR, reason VARCHAR, definition VARCHAR, version VARCHAR,"
        " month_end DATE, customers BIGINT"
    ),
    "model_drift": "customer_type VARCHAR, month_end DATE, version VARCHAR, name VARCHAR, psi DOUBLE, state VARCHAR",
    "value_models": (
        "customer_type VARCHAR, fitted_on DATE, customers BIGINT, r DOUBLE, alpha DOUBLE, a DOUBLE, b DOUBLE,"
        " p DOUBLE, q DOUBLE, v DOUBLE, margin_pct INTEGER, holdout VARCHAR"
    ),
    "survival_curves": (
        "customer_type VARCHAR, dimension VARCHAR, value VARCHAR, months INTEGER, share DOUBLE, share_low DOUBLE,"
        " share_high DOUBLE, at_risk BIGINT, customers BIGINT, left_count BIGINT"
    ),
}
HISTORY: Final = "customer_scores_history"


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Every table, empty: they are there also when nothing can be scored."""
    for name, columns in TABLES.items():
        connection.execute(f"CREATE OR REPLACE TABLE marts.{quoted(name)} ({columns})")


def fill_history(
    connection: duckdb.DuckDBPyConnection, store: ModelStore, customer_type: str, definition: str
) -> int:  # fmt: skip
    """Append the kept scores of past months; a month's score holds until the next month's. Returns the rows."""
    files = store.history_files(customer_type, definition)
    months = [file.stem for file in files]
    for file, month, until in zip(files, months, [*months[1:], "9999-12-31"], strict=True):
        connection.execute(
            f"""INSERT INTO marts.{HISTORY} BY NAME
                SELECT *, ? AS customer_type, ?::DATE AS month_end, ?::DATE AS valid_from, ?::DATE AS valid_to
                FROM read_parquet({literal(str(file))})""",
            [customer_type, month, month, until],
        )
    return len(files)


def version_rows(store: ModelStore, customer_type: str, definition: str) -> list[dict[str, Any]]:
    """Rows of churn_models: every version of a type, with what its report says."""
    champion, challenger = store.champion(customer_type, definition), store.challenger(customer_type, definition)
    promoted = {each.name: each for each in store.promotions(customer_type)}
    rows = []
    for version in store.versions(customer_type):
        all_, told = version.report.get("all", {}), promoted.get(version.name)
        role = "champion" if version == champion else "challenger" if version == challenger else "retired"
        rows.append({
            "version": version.name, "customer_type": customer_type, "role": role,
            "is_current_definition": version.definition == definition, "sha256": version.sha256,
            "trained_at": _moment(version.trained_at), "judged_until": version.judged_until,
            **{name: version.report.get(name) for name in ("trained_from", "trained_until", "rows", "churned")},
            **{name: all_.get(name) for name in ("auc", "auc_low", "auc_high", "pr_auc", "lift_10", "brier")},
            "promoted_at": _moment(told.at) if told else None, "promoted_by": told.by if told else None,
            "promoted_because": told.reason if told else None,
            "report": json.dumps(version.report, ensure_ascii=False), "card": store.card(version),
        })  # fmt: skip
    return rows


def _moment(text: str) -> str:
    """A moment of UTC as the warehouse writes it, without a zone."""
    return text.split("+")[0].replace("T", " ")
