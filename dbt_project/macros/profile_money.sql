{% macro profile_money_columns(d) %}
    {%- for type in ['', 'recurring_', 'out_of_bundle_', 'roaming_', 'one_off_'] %}
    coalesce(activity.{{ type }}charge_amount_last_month, 0) as charges_{{ type }}amount_last_month,
    {%- endfor %}
    {%- for type in ['', 'out_of_bundle_', 'roaming_'] %}
    coalesce(activity.{{ type }}charge_amount_12m, 0) as charges_{{ type }}amount_12m,
    {%- endfor %}
    {{ month_average('coalesce(activity.charge_amount_3m, 0)', 3, 'c.tenure_months') }} as arpu_3m,
    {{ month_average('coalesce(activity.charge_amount_12m, 0)', 12, 'c.tenure_months') }} as arpu_12m,
    {{ month_average('coalesce(activity.charge_amount_3m, 0)', 3, 'c.tenure_months') }} / nullif(c.active_count, 0) as arpu_per_subscription_3m,
    {{ change_pct('activity.charge_amount_last_month', 'activity.charge_amount_prior_3m / 3.0') }} as charges_trend_pct,
    {{ share_pct('activity.out_of_bundle_charge_amount_3m', 'activity.charge_amount_3m') }} as out_of_bundle_share_pct_3m,
    {%- for window in ['last_month', '3m', '12m', 'mtd'] %}
    coalesce(activity.payment_amount_{{ window }}, 0) as payments_amount_{{ window }},
    {%- endfor %}
    coalesce(activity.payment_count_12m, 0) as payments_count_12m,
    activity.payment_amount_12m / nullif(activity.payment_count_12m, 0) as payment_average_amount_12m,
    last_activity.last_payment_date as last_payment_date,
    {{ days_between('last_activity.last_payment_date', d) }} as days_since_last_payment,
    latest.last_payment_amount as last_payment_amount,
    latest.last_payment_method as last_payment_method,
    {{ main_payment_method() }} as main_payment_method_12m,
    coalesce(activity.invoice_count_12m, 0) as invoices_count_12m,
    coalesce(activity.invoice_amount_12m, 0) as invoices_amount_12m,
    latest.last_invoice_date as last_invoice_date,
    coalesce(debt.debt_amount, 0) as debt_amount,
    coalesce(debt.not_due_amount, 0) as debt_not_due_amount,
    {%- for bucket, name in [['1_30', '1_30'], ['31_60', '31_60'], ['61_90', '61_90'], ['over_90', '90_plus']] %}
    coalesce(debt.overdue_{{ bucket }}_amount, 0) as debt_overdue_{{ name }}_amount,
    {%- endfor %}
    coalesce(debt.debt_amount - debt.not_due_amount, 0) as debt_overdue_amount,
    coalesce(debt.overdue_days, 0) as overdue_days_max,
    debt.debt_date,
    coalesce(activity.overdue_months_12m, 0) as overdue_months_12m_count
{%- endmacro %}

{% macro profile_evidence_columns(d) %}
    main_device.vendor as main_device_vendor,
    main_device.model as main_device_model,
    main_device.device_type as main_device_type,
    main_device.os as main_device_os,
    year({{ d }}) - main_device.release_year as main_device_age_years,
    main_device.valid_from as main_device_since_date,
    coalesce(devices.devices_count, 0) as devices_count,
    coalesce(devices.device_changes_12m_count, 0) as device_changes_12m_count,
    coalesce(links.formal_count, 0) as links_formal_count,
    coalesce(links.informal_count, 0) as links_informal_count,
    coalesce(links.group_id, c.customer_id) as group_id,
    coalesce(links.group_customers_count, 1) as group_customers_count,
    legal.legal_status,
    legal.legal_status_date,
    coalesce(einvoices.einvoices_count, 0) as einvoices_12m_count,
    coalesce(einvoices.rejected_count, 0) as einvoices_rejected_12m_count,
    {{ share_pct('einvoices.rejected_count', 'einvoices.einvoices_count') }} as einvoices_rejected_pct_12m,
    {%- for channel in ['call', 'sms', 'email', 'telegram', 'office', 'chat'] %}
    coalesce(activity.{{ channel }}_interaction_count_12m, 0) as interactions_{{ channel }}_12m_count,
    {%- endfor %}
    coalesce(activity.interaction_count_12m, 0) as interactions_12m_count,
    coalesce(activity.interaction_in_count_12m, 0) as interactions_in_12m_count,
    coalesce(activity.complaint_interaction_count_12m, 0) as complaints_12m_count,
    coalesce(activity.termination_interaction_count_12m, 0) as termination_requests_12m_count,
    coalesce(activity.escalated_interaction_count_12m, 0) as interactions_escalated_12m_count,
    activity.last_interaction_date as last_interaction_date,
    {{ days_between('activity.last_interaction_date', d) }} as days_since_last_interaction,
    case when activity.last_interaction_date is not null then latest.last_interaction_channel end as last_interaction_channel,
    activity.last_nps_score as nps_last_score,
    rfm.r_score,
    rfm.f_score,
    rfm.m_score,
    coalesce(rfm.rfm_group, 'no_payments') as rfm_group,
    cohorts.cohort_month
{%- endmacro %}
