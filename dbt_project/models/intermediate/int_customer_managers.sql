-- Who looked after a customer when: what the billing told of the past, then what it says now. Half-open days; the first
-- known manager holds backwards.
select customer_id, manager_id, valid_from, valid_to
from {{ ref('int_customer_past_states') }}
union all
select
  customers.customer_id,
  customers.manager_id,
  coalesce(past.until, cast('1900-01-01' as date)) as valid_from,
  {{ end_of_time() }} as valid_to
from {{ ref('dim_customers') }} as customers
left join (
  select customer_id, max(valid_to) as until from {{ ref('int_customer_past_states') }} group by customer_id
) as past on past.customer_id = customers.customer_id
