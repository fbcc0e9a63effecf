-- Everybody is active in the month of the cohort, nobody is active before it, and over all cohorts a month's revenue is
-- the charges of customers with a billing account and the payments of the others.
with retention as (
  select activity_month, sum(revenue) as revenue from {{ ref('cohort_retention') }} group by activity_month
),

months as (
  select
    months.month,
    sum(case when accounts.customer_id is not null then months.charge_amount else months.payment_amount end) as revenue
  from {{ ref('int_customer_months') }} as months
  left join (select distinct customer_id from {{ ref('dim_billing_accounts') }}) as accounts
    on accounts.customer_id = months.customer_id
  where months.month_end <= {{ as_of() }}
  group by months.month
)

select 'cohort month' as what, cohort_month as month
from {{ ref('cohort_retention') }}
where (months_since = 0 and active_customers <> customers) or active_customers > customers or months_since < 0
union all
select 'revenue', months.month
from months
left join retention on retention.activity_month = months.month
where months.revenue is distinct from coalesce(retention.revenue, 0)
