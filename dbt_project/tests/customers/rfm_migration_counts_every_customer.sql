-- The rows of a month add up to its customers, and each group has the customers that the history gives it.
with moved as (
  select month_end, to_group as rfm_group, sum(customers) as customers
  from {{ ref('rfm_migration') }} group by month_end, to_group
),

stored as (
  select month_end, rfm_group, count(*) as customers
  from {{ ref('customer_rfm_history') }} group by month_end, rfm_group
)

select coalesce(moved.month_end, stored.month_end) as month_end, coalesce(moved.rfm_group, stored.rfm_group) as rfm_group
from moved
full join stored on stored.month_end = moved.month_end and stored.rfm_group = moved.rfm_group
where moved.customers is distinct from stored.customers
