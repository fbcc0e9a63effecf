{# Attributes of the profile that the churn models may learn from: behaviour and state, nothing that names a person, and
   nothing that is known only as it stands today (records resolved, contacts). #}
{% macro churn_feature_columns() %}
  {{ return([
    'segment', 'region_code', 'language', 'industry', 'headcount', 'age_years', 'sex', 'payment_type', 'lifecycle_status',
    'tenure_months_count', 'subscriptions_active_count', 'subscriptions_suspended_count', 'subscriptions_terminated_12m_count',
    'subscriptions_active_change_3m', 'subscriptions_silent_count', 'main_product_id', 'main_product_family',
    'main_product_is_archived', 'products_active_count', 'monthly_fees_amount', 'tariff_changes_12m_count',
    'voice_out_minutes_last_month', 'voice_out_minutes_avg_3m', 'voice_out_minutes_trend_pct', 'voice_in_minutes_last_month',
    'sms_out_count_last_month', 'data_mb_last_month', 'data_mb_avg_3m', 'data_mb_avg_6m', 'data_mb_trend_pct',
    'roaming_months_12m_count', 'active_days_last_month', 'active_days_avg_3m', 'active_months_12m_count',
    'days_since_last_usage', 'bundle_minutes_utilisation_pct', 'bundle_mb_utilisation_pct', 'usage_decline_months_count',
    'charges_amount_last_month', 'arpu_3m', 'arpu_12m', 'charges_trend_pct', 'out_of_bundle_share_pct_3m',
    'charges_decline_months_count', 'payments_count_12m', 'payments_amount_12m', 'days_since_last_payment', 'debt_amount',
    'debt_overdue_amount', 'overdue_days_max', 'overdue_months_12m_count', 'main_device_type', 'main_device_age_years',
    'device_changes_12m_count', 'group_customers_count', 'legal_status', 'einvoices_rejected_pct_12m',
    'interactions_12m_count', 'complaints_12m_count', 'termination_requests_12m_count', 'interactions_escalated_12m_count',
    'days_since_last_interaction', 'nps_last_score', 'r_score', 'f_score', 'm_score', 'is_base_shrinking'
  ]) }}
{% endmacro %}
