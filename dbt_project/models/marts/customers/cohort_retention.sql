-- Cohorts by month of first activity, in every complete month since: who was active again, and the revenue. A cohort of
-- which nobody was active keeps its row with zeros. Revenue is what was charged; of customers without a billing account
-- (a source that tells of payments only) it is what they paid.
{{ config(
    materialized='month_partition', month_column='activity_month', fill_months=true, reach='all',
    months_from=[['int_customer_months', 'month']], batch_rows=4000000) }}

with cohorts as (
  select cohorts.customer_id, cohorts.cohort_month, customers.customer_type
  from {{ ref('int_customer_cohorts') }} as cohorts
  join {{ ref('dim_customers') }} as customers on customers.customer_id = cohorts.customer_id
),

cohort_sizes as (
  select cohort_month, customer_type, count(*) as customers from cohorts group by cohort_month, customer_type
),

activity as (
  select
    months.month,
    cohorts.cohort_month,
    cohorts.customer_type,
    count(case when {{ is_active_month() }} then 1 end) as active_customers,
    sum(case when accounts.customer_id is not null then charge_amount else payment_amount end) as revenue
  from {{ ref('int_customer_months') }} as months
  join cohorts on cohorts.customer_id = months.customer_id
  left join (select distinct customer_id from {{ ref('dim_billing_accounts') }}) as accounts
    on accounts.customer_id = months.customer_id
  where months.month between {{ month_start() }} and {{ month_end() }}
  group by months.month, cohorts.cohort_month, cohorts.customer_type
),

grid as (
  select cast(m as date) as month, cohort_sizes.*
  from generate_series({{ month_start() }}, {{ month_end() }}, interval 1 month) as series(m)
  join cohort_sizes on cohort_sizes.cohort_month <= cast(m as date)
  where {{ last_day_of('cast(m as date)') }} <= {{ as_of() }}
),

result as (
  select
    grid.cohort_month,
    {{ months_between('grid.cohort_month', 'grid.month') }} as months_since,
    grid.month as activity_month,
    grid.customer_type,
    grid.customers,
    coalesce(activity.active_customers, 0) as active_customers,
    round(100.0 * coalesce(activity.active_customers, 0) / grid.customers, 2) as retention_pct,
    coalesce(activity.revenue, 0) as revenue,
    coalesce(activity.revenue, 0) / grid.customers as revenue_per_customer
  from grid
  left join activity
    on activity.month = grid.month and activity.cohort_month = grid.cohort_month
    and activity.customer_type = grid.customer_type
)

select
  {{ contract_columns() }}
from result
