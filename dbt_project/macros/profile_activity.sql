{# The customer's last full months and the running one, with their distance from the last full month. #}
{% macro profile_months(d, columns, full_months) %}
  select
    {{ columns }},
    {{ months_between('month', profile_month(d)) }} as months_ago
  from {{ ref('int_customer_months') }}
  where month between {{ profile_month(d, full_months - 1) }} and {{ month_of(d) }}
{% endmacro %}

{# Usage, charges, payments, invoices and interactions of a customer in the windows of the profile. #}
{% macro profile_activity(d) %}
  select
    customer_id,
    {%- for measure in ['voice_out_sec', 'data_mb', 'charge_amount'] %}
    {{ in_month(measure) }} as {{ measure }}_last_month,
    {{ window_sum(measure, 3) }} as {{ measure }}_3m,
    {{ window_sum(measure, 3, skip=1) }} as {{ measure }}_prior_3m,
    {{ window_sum(measure, 12) }} as {{ measure }}_12m,
    {%- endfor %}
    {{ in_month('voice_out_intl_sec') }} as voice_intl_sec_last_month,
    {{ window_sum('voice_out_intl_sec', 3) }} as voice_intl_sec_3m,
    {{ in_month('voice_out_onnet_sec + voice_out_offnet_sec') }} as voice_home_sec_last_month,
    {{ in_month('voice_in_sec') }} as voice_in_sec_last_month,
    {{ in_month('sms_out') }} as sms_out_last_month,
    {{ window_sum('data_mb', 6) }} as data_mb_6m,
    {{ in_running_month('voice_out_sec') }} as voice_out_sec_mtd,
    {{ in_running_month('data_mb') }} as data_mb_mtd,
    {{ window_sum('roaming_voice_sec', 12) }} as roaming_voice_sec_12m,
    {{ window_sum('roaming_data_mb', 12) }} as roaming_data_mb_12m,
    {{ window_sum('roaming_data_mb', 3) }} as roaming_data_mb_3m,
    {{ window_sum('case when roaming_voice_sec + roaming_sms + roaming_data_mb > 0 then 1 end', 12) }} as roaming_months_12m,
    {{ window_sum('usage_active_days_max', 3) }} as active_days_3m,
    {{ window_sum('case when usage_active_days > 0 then 1 end', 12) }} as active_months_12m,
    {{ in_month('usage_charge_amount') }} as usage_charge_amount_last_month,
    {%- for step in range(7) %}
    {{ in_month('usage_active_days_max', step) }} as active_days_{{ step }},
    {{ in_month('charge_amount', step) }} as charges_{{ step }},
    {%- endfor %}
    {%- for type in ['recurring', 'out_of_bundle', 'roaming', 'one_off'] %}
    {{ in_month(type ~ '_charge_amount') }} as {{ type }}_charge_amount_last_month,
    {%- endfor %}
    {{ window_sum('out_of_bundle_charge_amount', 3) }} as out_of_bundle_charge_amount_3m,
    {{ window_sum('out_of_bundle_charge_amount', 12) }} as out_of_bundle_charge_amount_12m,
    {{ window_sum('roaming_charge_amount', 12) }} as roaming_charge_amount_12m,
    {{ in_month('payment_amount') }} as payment_amount_last_month,
    {{ window_sum('payment_amount', 3) }} as payment_amount_3m,
    {{ window_sum('payment_amount', 12) }} as payment_amount_12m,
    {{ window_sum('payment_count', 12) }} as payment_count_12m,
    {{ in_running_month('payment_amount') }} as payment_amount_mtd,
    {%- for method in payment_methods() %}
    {{ window_sum(method ~ '_payment_count', 12) }} as {{ method }}_payment_count_12m,
    {%- endfor %}
    {{ window_sum('invoice_count', 12) }} as invoice_count_12m,
    {{ window_sum('invoice_amount', 12) }} as invoice_amount_12m,
    {{ window_sum('case when overdue_amount > 0 then 1 end', 12) }} as overdue_months_12m,
    {%- for kind in ['', '_in', 'call_', 'sms_', 'email_', 'telegram_', 'office_', 'chat_', 'complaint_', 'termination_',
        'escalated_'] %}
    {%- set column = 'interaction' ~ kind ~ '_count' if kind in ['', '_in'] else kind ~ 'interaction_count' %}
    {{ window_sum(column, 12) }} as {{ column }}_12m,
    {%- endfor %}
    max(last_interaction_date) as last_interaction_date,
    max_by(last_nps_score, last_nps_date) as last_nps_score
  from (
    {{ profile_months(d, '*, voice_out_onnet_sec + voice_out_offnet_sec + voice_out_intl_sec as voice_out_sec', 12) }}
  ) as months
  where {{ customers_in_pass('customer_id') }}
  group by customer_id
{% endmacro %}

{# The last usage and the last payment within the look-back, which is longer than the windows. #}
{% macro profile_last_activity(d) %}
  select
    customer_id,
    -- The archive of the billing knows only the month of usage.
    max(case when usage_active_days > 0 then coalesce(last_usage_date, least(month_end, {{ d }})) end) as last_usage_date,
    max(last_payment_date) as last_payment_date
  from {{ ref('int_customer_months') }}
  where month between {{ profile_month(d, var('profile_lookback_months') - 1) }} and {{ month_of(d) }}
    and {{ customers_in_pass('customer_id') }}
  group by customer_id
{% endmacro %}

{# Methods of payment that int_customer_months counts, in the order that settles equals. #}
{% macro payment_methods() %}{{ return(['bank_transfer', 'card', 'cash', 'terminal', 'wallet']) }}{% endmacro %}

{# The method of most payments in the 12 months; null when none of the known methods was used. #}
{% macro main_payment_method() -%}
  {%- set counts = [] -%}
  {%- for method in payment_methods() -%}{%- do counts.append(method ~ '_payment_count_12m') -%}{%- endfor -%}
  case
    {%- for method in payment_methods() %}
    when {{ method }}_payment_count_12m > 0 and {{ method }}_payment_count_12m = greatest({{ counts | join(', ') }})
      then '{{ method }}'
    {%- endfor %}
  end
{%- endmacro %}

{# The latest payment, interaction and invoice of a customer within the look-back. #}
{% macro profile_latest(d) %}
  select
    customer_id,
    max_by(last_payment_amount, last_payment_date) as last_payment_amount,
    max_by(last_payment_method, last_payment_date) as last_payment_method,
    max_by(last_interaction_channel, last_interaction_date) as last_interaction_channel,
    max(last_invoice_date) as last_invoice_date
  from {{ ref('int_customer_month_lasts') }}
  where month between {{ profile_month(d, var('profile_lookback_months') - 1) }} and {{ month_of(d) }}
    and {{ customers_in_pass('customer_id') }}
  group by customer_id
{% endmacro %}

{# Up to which day usage and payments are stored. #}
{% macro profile_freshness(d) %}
  select
    max(last_usage_date) as usage_data_date,
    max(last_payment_date) as payments_data_date
  from {{ ref('int_customer_months') }}
  where month between {{ profile_month(d, 2) }} and {{ month_of(d) }}
{% endmacro %}

{# Debt and its ageing on a date, summed over the customer's accounts. fct_debt_monthly measures the running month at as_of. #}
{% macro profile_debt(d) %}
  select
    customer_id,
    max(measured_date) as debt_date,
    sum(debt_amount) as debt_amount,
    sum(not_due_amount) as not_due_amount,
    sum(overdue_1_30_amount) as overdue_1_30_amount,
    sum(overdue_31_60_amount) as overdue_31_60_amount,
    sum(overdue_61_90_amount) as overdue_61_90_amount,
    sum(overdue_over_90_amount) as overdue_over_90_amount,
    max(overdue_days) as overdue_days
  from {{ ref('fct_debt_monthly') }}
  where month_end = {{ last_day_of(d) }} and measured_date <= {{ d }} and {{ customers_in_pass('customer_id') }}
  group by customer_id
{% endmacro %}
