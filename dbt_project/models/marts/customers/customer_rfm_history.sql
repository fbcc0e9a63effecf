-- The scores as the profile had them at each month end.
{{ config(
    materialized='month_partition', month_column='month_end', reach=var('profile_lookback_months') - 1,
    months_from=[['customer_profiles_history', 'month_end']], batch_rows=12000000) }}

with result as (
  select
    customer_id,
    month_end,
    customer_type,
    days_since_last_payment as recency_days,
    payments_count_12m as frequency_12m,
    payments_amount_12m as monetary_12m,
    r_score,
    f_score,
    m_score,
    rfm_group
  from {{ ref('customer_profiles_history') }}
  where month_end between {{ month_start() }} and {{ month_end() }}
)

select
  {{ contract_columns() }}
from result
