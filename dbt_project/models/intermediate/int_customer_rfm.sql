{{ config(
    materialized='month_partition', month_column='month_end', fill_months=true, batch_rows=-1, reach=12,
    months_from=[['int_customer_months', 'month']]) }}

-- RFM scores of everybody who paid within the 12 full months, at each month end (in the running month: at as_of). A score
-- compares a customer with all others, so it is made here, before the profile passes over the customers range by range.
{%- set d -%} least({{ month_end() }}, {{ as_of() }}) {%- endset %}

with payers as (
  select
    months.customer_id,
    min(customers.customer_type) as customer_type,
    {{ days_between('max(last_payment_date)', d) }} as recency_days,
    {{ window_sum('payment_count', 12) }} as payment_count,
    {{ window_sum('payment_amount', 12) }} as payment_amount
  from (
    {{ profile_months(d, 'customer_id, last_payment_date, payment_count, payment_amount', 12) }}
  ) as months
  join {{ ref('dim_customers') }} as customers
    on customers.customer_id = months.customer_id and customers.created_date <= {{ d }}
  group by months.customer_id
),

scored as (
  select
    customer_id,
    {{ quintile('recency_days', 'low', 'customer_type') }} as r_score,
    {{ quintile('payment_count', 'high', 'customer_type') }} as f_score,
    {{ quintile('payment_amount', 'high', 'customer_type') }} as m_score
  from payers
  where payment_count > 0
)

select
  customer_id,
  {{ month_end() }} as month_end,
  {{ d }} as measured_date,
  r_score,
  f_score,
  m_score,
  {{ rfm_group('r_score', 'f_score', 'm_score') }} as rfm_group
from scored
