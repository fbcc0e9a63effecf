-- Where the customers of each group came from: every customer of a month end is in one row, so a month's rows add up to
-- its customers. Who was registered within the month comes from not_yet_customer.
{{ config(
    materialized='month_partition', month_column='month_end', reach=var('profile_lookback_months'),
    months_from=[['customer_rfm_history', 'month_end']], batch_rows=12000000) }}

with arrivals as (
  select customer_id, customer_type, month_end, rfm_group,
    {{ last_day_of(add_months(month_of('month_end'), -1)) }} as month_end_before
  from {{ ref('customer_rfm_history') }}
  where month_end between {{ month_start() }} and {{ month_end() }}
),

departures as (
  select customer_id, month_end, rfm_group
  from {{ ref('customer_rfm_history') }}
  where month_end between {{ add_months(month_start(), -1) }} and {{ month_end() }}
),

result as (
  select
    arrivals.month_end,
    arrivals.customer_type,
    coalesce(departures.rfm_group, 'not_yet_customer') as from_group,
    arrivals.rfm_group as to_group,
    count(*) as customers
  from arrivals
  left join departures
    on departures.customer_id = arrivals.customer_id and departures.month_end = arrivals.month_end_before
  group by arrivals.month_end, arrivals.customer_type, coalesce(departures.rfm_group, 'not_yet_customer'), arrivals.rfm_group
)

select
  {{ contract_columns() }}
from result
