{# The parts of the profile put together, one row per customer. What is counted is zero where a part has no row;
   what is a state or an average stays null, as the property file says of each attribute. #}
{% macro profile_assembled(d) %}
  select
    {{ profile_identity_columns(d) }},
    {{ profile_subscription_columns(d) }},
    {{ profile_usage_columns(d) }},
    {{ profile_money_columns(d) }},
    {{ profile_evidence_columns(d) }}
  from (
    select
      profile_customers.*,
      totals.first_activated_date,
      coalesce(totals.active_count, 0) as active_count,
      coalesce(totals.active_count, 0) + coalesce(totals.suspended_count, 0) as open_count,
      case when totals.first_activated_date is null then 0
        else greatest({{ months_between('totals.first_activated_date', profile_month(d)) }} + 1, 0)
      end as tenure_months
    from profile_customers
    left join subscription_totals as totals on totals.customer_id = profile_customers.customer_id
  ) as c
  cross join freshness
  {%- for part in ['identities', 'contacts', 'links', 'agreements', 'accounts', 'subscription_totals', 'main_subscription',
      'main_product_since', 'subscription_changes', 'silent_subscriptions', 'main_device', 'devices', 'activity', 'last_activity', 'latest',
      'debt', 'legal', 'einvoices', 'cohorts', 'rfm'] %}
  left join {{ part }} on {{ part }}.customer_id = c.customer_id
  {%- endfor %}
  left join {{ ref('dim_employees') }} as managers on managers.employee_id = c.manager_id
{% endmacro %}

{% macro profile_identity_columns(d) %}
    c.customer_id, {{ d }} as profile_date, {{ profile_month_end(d) }} as month_end, c.customer_type, c.created_date,
    {%- for field in customer_state_fields() if field != 'consent_marketing' %}
    c.{{ field }},
    {%- endfor %}
    {{ complete_years('c.birth_date', d) }} as age_years,
    {{ days_to_birthday('c.birth_date', d) }} as birthday_in_days,
    managers.full_name as manager_name,
    case
      when subscription_totals.customer_id is null then 'never_active'
      when c.open_count = 0 then 'left'
      when c.active_count = 0 then 'suspended'
      when {{ days_between('c.first_activated_date', d) }} <= {{ var('new_customer_days') }} then 'new'
      else 'active'
    end as lifecycle_status,
    coalesce(c.consent_marketing, false) as has_marketing_consent,
    coalesce(identities.source_records_count, 0) as source_records_count,
    coalesce(contacts.contacts_count, 0) as contacts_count,
    coalesce(contacts.deciding_count, 0) as contacts_deciding_count,
    coalesce(agreements.ever_count, 0) as agreements_ever_count,
    coalesce(agreements.active_count, 0) as agreements_active_count,
    agreements.first_signed_date as agreement_first_signed_date,
    agreements.next_end_date as agreement_next_end_date,
    {{ days_between(d, 'agreements.next_end_date') }} as agreement_days_to_end,
    coalesce(accounts.accounts_count, 0) as accounts_count,
    accounts.payment_type as payment_type
{%- endmacro %}

{% macro profile_subscription_columns(d) %}
    {%- for name in ['ever', 'active', 'suspended', 'terminated', 'iot_active'] %}
    coalesce(subscription_totals.{{ name }}_count, 0) as subscriptions_{{ name }}_count,
    {%- endfor %}
    coalesce(subscription_changes.terminated_12m_count, 0) as subscriptions_terminated_12m_count,
    c.first_activated_date as subscription_first_activated_date,
    subscription_totals.last_activated_date as subscription_last_activated_date,
    {{ days_between('c.first_activated_date', d) }} as tenure_days,
    c.tenure_months as tenure_months_count,
    main_subscription.msisdn as main_msisdn,
    main_subscription.product_id as main_product_id,
    main_subscription.product_name as main_product_name,
    main_subscription.product_family as main_product_family,
    main_product_since.since_date as main_product_since_date,
    main_subscription.product_is_archived as main_product_is_archived,
    main_subscription.monthly_fee as main_product_monthly_fee,
    {%- for name in ['products_active_count', 'monthly_fees_amount', 'bundle_minutes', 'bundle_sms', 'bundle_mb'] %}
    coalesce(subscription_totals.{{ name }}, 0) as {{ name }},
    {%- endfor %}
    coalesce(subscription_changes.tariff_changes_12m_count, 0) as tariff_changes_12m_count,
    c.active_count - coalesce(subscription_changes.active_3m_ago_count, 0) as subscriptions_active_change_3m,
    coalesce(silent_subscriptions.silent_count, 0) as subscriptions_silent_count,
    case when c.customer_type = 'organisation' and subscription_changes.open_3m_ago_count > 0 then
      100.0 * (subscription_changes.open_3m_ago_count - c.open_count)
        >= {{ var('base_shrink_pct') }} * subscription_changes.open_3m_ago_count
    end as is_base_shrinking
{%- endmacro %}

{% macro profile_usage_columns(d) %}
    {%- for name in ['voice_out_sec_last_month', 'voice_out_sec_12m', 'voice_out_sec_mtd', 'voice_intl_sec_last_month',
        'voice_in_sec_last_month', 'roaming_voice_sec_12m'] %}
    {{ minutes('coalesce(activity.' ~ name ~ ', 0)') }} as {{ name | replace('_sec_', '_minutes_') }},
    {%- endfor %}
    {{ month_average('coalesce(activity.voice_out_sec_3m, 0) / 60.0', 3, 'c.tenure_months') }} as voice_out_minutes_avg_3m,
    {{ change_pct('activity.voice_out_sec_last_month', 'activity.voice_out_sec_prior_3m / 3.0') }} as voice_out_minutes_trend_pct,
    {{ month_average('coalesce(activity.voice_intl_sec_3m, 0) / 60.0', 3, 'c.tenure_months') }} as voice_intl_minutes_avg_3m,
    coalesce(activity.sms_out_last_month, 0) as sms_out_count_last_month,
    {%- for name in ['data_mb_last_month', 'data_mb_12m', 'data_mb_mtd', 'roaming_data_mb_12m'] %}
    coalesce(activity.{{ name }}, 0) as {{ name }},
    {%- endfor %}
    {{ month_average('coalesce(activity.data_mb_3m, 0)', 3, 'c.tenure_months') }} as data_mb_avg_3m,
    {{ month_average('coalesce(activity.data_mb_6m, 0)', 6, 'c.tenure_months') }} as data_mb_avg_6m,
    {{ change_pct('activity.data_mb_last_month', 'activity.data_mb_prior_3m / 3.0') }} as data_mb_trend_pct,
    coalesce(activity.roaming_months_12m, 0) as roaming_months_12m_count,
    {{ share_pct('activity.roaming_data_mb_3m', '(activity.data_mb_3m + activity.roaming_data_mb_3m)') }} as roaming_data_share_pct_3m,
    coalesce(activity.active_days_0, 0) as active_days_last_month,
    {{ month_average('coalesce(activity.active_days_3m, 0)', 3, 'c.tenure_months') }} as active_days_avg_3m,
    coalesce(activity.active_months_12m, 0) as active_months_12m_count,
    last_activity.last_usage_date as last_usage_date,
    {{ days_between('last_activity.last_usage_date', d) }} as days_since_last_usage,
    {{ share_pct('coalesce(activity.voice_home_sec_last_month, 0)', '(subscription_totals.bundle_minutes * 60)') }} as bundle_minutes_utilisation_pct,
    {{ share_pct('coalesce(activity.sms_out_last_month, 0)', 'subscription_totals.bundle_sms') }} as bundle_sms_utilisation_pct,
    {{ share_pct('coalesce(activity.data_mb_last_month, 0)', 'subscription_totals.bundle_mb') }} as bundle_mb_utilisation_pct,
    coalesce(activity.usage_charge_amount_last_month, 0) as out_of_bundle_usage_amount_last_month,
    {{ falls_in_a_row('activity.active_days', 6) }} as usage_decline_months_count,
    {{ falls_in_a_row('activity.charges', 6) }} as charges_decline_months_count,
    case when c.active_count > 0 then
      {{ days_between('c.first_activated_date', d) }} >= {{ var('inactivity_days') }}
      and coalesce({{ days_between('last_activity.last_usage_date', d) }} >= {{ var('inactivity_days') }}, true)
    end as is_inactive,
    freshness.usage_data_date,
    freshness.payments_data_date
{%- endmacro %}
