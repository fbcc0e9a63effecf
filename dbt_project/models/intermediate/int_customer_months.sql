{{ config(
    materialized='month_partition', reach='all',
    months_from=[['fct_usage_monthly', 'month'], ['fct_charges', 'month'], ['fct_payments', 'month'],
                 ['fct_interactions', 'month'], ['fct_debt_monthly', 'month']],
    batch_rows=4000000, order_by='month, customer_id') }}

-- One row per customer and month in which anything happened: what the profile of any later date is made of. Several
-- subscriptions and accounts of a customer are added up; days are counted once per subscription.
{% set usage_sums = ['voice_out_onnet_sec', 'voice_out_offnet_sec', 'voice_out_intl_sec', 'voice_in_sec', 'sms_out',
  'data_mb', 'roaming_voice_sec', 'roaming_sms', 'roaming_data_mb', 'roaming_days'] %}
{% set payment_methods = ['cash', 'card', 'bank_transfer', 'wallet', 'terminal'] %}
{% set charge_types = ['recurring', 'out_of_bundle', 'roaming', 'one_off'] %}
{% set channels = ['call', 'sms', 'email', 'telegram', 'office', 'chat'] %}
{% set topics = ['billing', 'network', 'tariff', 'roaming', 'equipment', 'complaint', 'termination'] %}

with usage as (
  select
    customer_id,
    month,
    {%- for column in usage_sums %}
    sum({{ column }}) as {{ column }},
    {%- endfor %}
    sum(charge_amount) as usage_charge_amount,
    sum(active_days) as usage_active_days,
    max(active_days) as usage_active_days_max,
    count(*) as usage_subscriptions,
    min(first_usage_date) as first_usage_date,
    max(last_usage_date) as last_usage_date,
    max(roaming_country) as roaming_country
  from {{ ref('fct_usage_monthly') }}
  where month between {{ month_start() }} and {{ month_end() }} and customer_id is not null
  group by customer_id, month
),

charges as (
  select
    customer_id,
    month,
    sum(amount) as charge_amount,
    {%- for type in charge_types %}
    sum(case when charge_type = '{{ type }}' then amount else 0 end) as {{ type }}_charge_amount,
    {%- endfor %}
    count(*) as charge_count,
    count(distinct subscription_id) as charged_subscriptions
  from {{ ref('fct_charges') }}
  where charge_date between {{ month_start() }} and {{ month_end() }} and customer_id is not null
  group by customer_id, month
),

payments as (
  select
    customer_id,
    month,
    sum(amount) as payment_amount,
    count(*) as payment_count,
    max(amount) as payment_max_amount,
    {%- for method in payment_methods %}
    sum(case when method = '{{ method }}' then 1 else 0 end) as {{ method }}_payment_count,
    {%- endfor %}
    min(paid_date) as first_payment_date,
    max(paid_date) as last_payment_date
  from {{ ref('fct_payments') }}
  where paid_date between {{ month_start() }} and {{ month_end() }} and customer_id is not null
  group by customer_id, month
),

invoices as (
  select customer_id, month, sum(amount) as invoice_amount, count(*) as invoice_count
  from {{ ref('fct_invoices') }}
  where issued_date between {{ month_start() }} and {{ month_end() }} and customer_id is not null
  group by customer_id, month
),

debt as (
  select
    customer_id,
    month,
    sum(debt_amount) as debt_amount,
    sum(debt_amount - not_due_amount) as overdue_amount,
    {%- for bucket in ['overdue_1_30', 'overdue_31_60', 'overdue_61_90', 'overdue_over_90'] %}
    sum({{ bucket }}_amount) as {{ bucket }}_amount,
    {%- endfor %}
    max(overdue_days) as overdue_days,
    sum(advance_amount) as advance_amount,
    sum(open_invoices) as open_invoices
  from {{ ref('fct_debt_monthly') }}
  where month_end between {{ month_start() }} and {{ month_end() }} and customer_id is not null
  group by customer_id, month
),

interactions as (
  select
    customer_id,
    month,
    count(*) as interaction_count,
    sum(case when direction = 'in' then 1 else 0 end) as interaction_in_count,
    {%- for channel in channels %}
    sum(case when channel = '{{ channel }}' then 1 else 0 end) as {{ channel }}_interaction_count,
    {%- endfor %}
    {%- for topic in topics %}
    sum(case when topic = '{{ topic }}' then 1 else 0 end) as {{ topic }}_interaction_count,
    {%- endfor %}
    sum(case when result = 'escalated' then 1 else 0 end) as escalated_interaction_count,
    sum(case when result = 'no_answer' then 1 else 0 end) as no_answer_interaction_count,
    sum(case when result = 'refused' then 1 else 0 end) as refused_interaction_count,
    sum(duration_seconds) as interaction_seconds,
    arg_max(nps_score, started_at) filter (where nps_score is not null) as last_nps_score,
    max(interaction_date) filter (where nps_score is not null) as last_nps_date,
    max(interaction_date) as last_interaction_date,
    max(interaction_date) filter (where topic = 'complaint') as last_complaint_date
  from {{ ref('fct_interactions') }}
  where interaction_date between {{ month_start() }} and {{ month_end() }} and customer_id is not null
  group by customer_id, month
),

keys as (
  select customer_id, month from usage
  union select customer_id, month from charges
  union select customer_id, month from payments
  union select customer_id, month from invoices
  union select customer_id, month from debt
  union select customer_id, month from interactions
)

select
  keys.customer_id,
  keys.month,
  {{ last_day_of('keys.month') }} as month_end,
  {%- for column in usage_sums if not column.endswith('_mb') %}
  cast(coalesce(usage.{{ column }}, 0) as bigint) as {{ column }},
  {%- endfor %}
  cast(coalesce(usage.data_mb, 0) as decimal(18, 3)) as data_mb,
  cast(coalesce(usage.roaming_data_mb, 0) as decimal(18, 3)) as roaming_data_mb,
  cast(coalesce(usage.usage_charge_amount, 0) as decimal(18, 2)) as usage_charge_amount,
  cast(coalesce(usage.usage_active_days, 0) as bigint) as usage_active_days,
  cast(coalesce(usage.usage_active_days_max, 0) as bigint) as usage_active_days_max,
  cast(coalesce(usage.usage_subscriptions, 0) as bigint) as usage_subscriptions,
  usage.first_usage_date,
  usage.last_usage_date,
  usage.roaming_country,
  cast(coalesce(charges.charge_amount, 0) as decimal(18, 2)) as charge_amount,
  {%- for type in charge_types %}
  cast(coalesce(charges.{{ type }}_charge_amount, 0) as decimal(18, 2)) as {{ type }}_charge_amount,
  {%- endfor %}
  cast(coalesce(charges.charge_count, 0) as bigint) as charge_count,
  cast(coalesce(charges.charged_subscriptions, 0) as bigint) as charged_subscriptions,
  cast(coalesce(payments.payment_amount, 0) as decimal(18, 2)) as payment_amount,
  cast(coalesce(payments.payment_count, 0) as bigint) as payment_count,
  cast(payments.payment_max_amount as decimal(18, 2)) as payment_max_amount,
  {%- for method in payment_methods %}
  cast(coalesce(payments.{{ method }}_payment_count, 0) as bigint) as {{ method }}_payment_count,
  {%- endfor %}
  payments.first_payment_date,
  payments.last_payment_date,
  cast(coalesce(invoices.invoice_amount, 0) as decimal(18, 2)) as invoice_amount,
  cast(coalesce(invoices.invoice_count, 0) as bigint) as invoice_count,
  {%- for column in ['debt', 'overdue', 'overdue_1_30', 'overdue_31_60', 'overdue_61_90', 'overdue_over_90', 'advance'] %}
  cast(coalesce(debt.{{ column }}_amount, 0) as decimal(18, 2)) as {{ column }}_amount,
  {%- endfor %}
  cast(coalesce(debt.overdue_days, 0) as bigint) as overdue_days,
  cast(coalesce(debt.open_invoices, 0) as bigint) as open_invoices,
  cast(coalesce(interactions.interaction_count, 0) as bigint) as interaction_count,
  cast(coalesce(interactions.interaction_in_count, 0) as bigint) as interaction_in_count,
  {%- for name in channels + topics + ['escalated', 'no_answer', 'refused'] %}
  cast(coalesce(interactions.{{ name }}_interaction_count, 0) as bigint) as {{ name }}_interaction_count,
  {%- endfor %}
  cast(coalesce(interactions.interaction_seconds, 0) as bigint) as interaction_seconds,
  interactions.last_nps_score,
  interactions.last_nps_date,
  interactions.last_interaction_date,
  interactions.last_complaint_date
from keys
{%- for part in ['usage', 'charges', 'payments', 'invoices', 'debt', 'interactions'] %}
left join {{ part }} on {{ part }}.customer_id = keys.customer_id and {{ part }}.month = keys.month
{%- endfor %}
