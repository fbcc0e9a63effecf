"""What the models left in the small operator: scores of sixty customers, one champion with its report, curves."""

import json
from typing import Any

import duckdb

from vitrina.models.tables import make_tables
from vitrina.warehouse.askable import fill

CHAMPION = "person-2026-06-0a1b2c3d"
_FIGURES = {"auc": 0.81, "auc_low": 0.79, "auc_high": 0.83, "pr_auc": 0.31, "brier": 0.011, "lift_10": 6.2}
_TENTHS = [6.2, 1.1, 0.6, 0.5, 0.4, 0.3, 0.3, 0.2, 0.2, 0.2]
REPORT: dict[str, Any] = {
    "all": _FIGURES | {"rows": 1200, "churned": 40}, "base_rate": 0.033, "judged_until": "2026-07-31",
    "months": [_FIGURES | {"month": f"2026-0{n}-28", "rows": 60, "churned": 2, "origin": "2026-01-31"} for n in (5, 6)],
    "baselines": {name: _FIGURES | {"auc": 0.6} for name in ("base_rate", "rule", "logistic")},
    "lift": [
        {"decile": n, "rows": 120, "churned": 4, "rate": 0.03, "low": 0.02, "high": 0.05, "lift": times}
        for n, times in enumerate(_TENTHS, 1)
    ],
    "calibration": [{"rows": 120, "said": 0.01 * n, "came": 0.009 * n, "low": 0.0, "high": 0.2} for n in range(10)],
    "features": [{"feature": "data_mb_trend_pct", "word": "usage", "weight": 0.4}],
    "leaks": [{"feature": "nps_last_score", "sign": "alone", "now": 0.97, "before": 0.6, "of": ""}],
    "definition": {"gap_months": 1, "horizon_months": 2, "inactivity_days": 60, "base_loss_pct": 50}, "duel": None,
    "recipe": {"rounds": 150}, "rows": 1500, "churned": 52, "trained_from": "2024-01-31",
    "trained_until": "2026-03-31", "calibrated_until": "2026-05-31",
}  # fmt: skip


def write_models(con: duckdb.DuckDBPyConnection) -> None:
    """Fill the tables of models; `base` and `month_ends` have to be there. Organisations have no model, and why."""
    make_tables(con)
    con.execute("""
        INSERT INTO marts.customer_scores BY NAME
        SELECT customer_id, customer_type, DATE '2026-11-22' AS as_of, DATE '2026-10-31' AS churn_month,
          CASE WHEN customer_id % 9 = 0 THEN 0.31 ELSE 0.02 END AS churn_probability,
          1 + customer_id % 10 AS churn_decile,
          CASE WHEN customer_id % 9 = 0 THEN 'high' ELSE 'low' END AS risk_group, 'usage' AS reason_1,
          '[{"word":"usage","feature":"data_mb_trend_pct","value":-41.5,"effect":1.2}]' AS reasons,
          0.93 AS p_alive, 11.5 AS expected_payments_12m, 45000 AS expected_payment_amount, 181125 AS value_12m,
          1 + customer_id % 10 AS value_tenth, CASE WHEN customer_id % 9 = 0 THEN 'keep_offer' END AS next_action,
          CASE WHEN customer_id % 9 = 0 THEN '{"churn_probability": 0.31}' END AS next_action_values,
          'person-2026-06-0a1b2c3d' AS model_version
        FROM base WHERE NOT has_left""")
    con.execute("""
        INSERT INTO marts.customer_scores_history BY NAME
        SELECT customer_id, customer_type, month_end, month_end AS valid_from,
          CASE WHEN month_end = DATE '2026-10-31' THEN DATE '9999-12-31' ELSE last_day(month_end + INTERVAL 1 DAY) END
            AS valid_to,
          CASE WHEN customer_id % 9 = 0 THEN 0.31 ELSE 0.02 END AS churn_probability,
          1 + customer_id % 10 AS churn_decile,
          CASE WHEN customer_id % 9 = 0 THEN 'high' ELSE 'low' END AS risk_group,
          'person-2026-06-0a1b2c3d' AS model_version, month_end < DATE '2026-10-31' AS is_backtest
        FROM base CROSS JOIN month_ends WHERE month_end >= DATE '2026-08-31'""")
    fill(con, "churn_models", [{
        "version": CHAMPION, "customer_type": "person", "role": "champion", "is_current_definition": True,
        "trained_at": "2026-11-22 03:00:00", "promoted_at": "2026-11-22 03:00:00", "promoted_by": "pipeline",
        "promoted_because": "first", **{k: _FIGURES[k] for k in ("auc", "auc_low", "auc_high", "pr_auc", "lift_10")},
        "report": json.dumps(REPORT), "card": "# The card of the model", "sha256": "0" * 64,
    }, {
        "version": "person-2026-07-9f8e7d6c", "customer_type": "person", "role": "challenger",
        "is_current_definition": True, "trained_at": "2026-11-21 03:00:00", "auc": 0.8, "auc_low": 0.78,
        "auc_high": 0.82, "lift_10": 6.0, "report": json.dumps(REPORT), "card": "", "sha256": "1" * 64,
    }])  # fmt: skip
    few = {"message": "{stored} month ends are stored, {needed} are needed.", "values": {"stored": 5, "needed": 14}}
    fill(con, "model_runs", [
        {"customer_type": "person", "part": "churn", "state": "scored", "version": CHAMPION, "customers": 40,
         "month_end": "2026-10-31", "definition": "{}", "reason": None},
        {"customer_type": "organisation", "part": "churn", "state": "none", "reason": json.dumps(few)},
    ])  # fmt: skip
    fill(con, "model_drift", [
        {"customer_type": "person", "month_end": "2026-10-31", "name": "arpu_3m", "psi": 0.31, "state": "alarm"}
    ])  # fmt: skip
    fill(con, "value_models", [
        {"customer_type": "person", "customers": 40, "r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4, "p": 6.0, "q": 4.0,
         "v": 15.0, "margin_pct": 35, "holdout": json.dumps({
             "said": 100.0, "came": 96.0, "said_amount": 5e6, "came_amount": 4.9e6, "rank_correlation": 0.8})}
    ])  # fmt: skip
    fill(con, "survival_curves", [
        {"customer_type": "person", "dimension": "all", "value": "all", "months": month, "share": 1 - month / 50,
         "share_low": 0.9 - month / 50, "share_high": 1.0, "at_risk": 60, "customers": 60, "left_count": 9}
        for month in range(6)
    ])  # fmt: skip
