-- Of clients who never changed their manager, revenue and payments of a month are what the facts say of them.
with steady as (
  select customer_id, min(manager_id) as manager_id
  from {{ ref('int_customer_managers') }}
  group by customer_id
  having count(*) = 1 and min(manager_id) is not null
),

facts as (
  select 'revenue' as kpi, steady.manager_id, facts.month, sum(facts.amount) as value
  from {{ ref('fct_charges') }} as facts
  join steady on steady.customer_id = facts.customer_id
  group by steady.manager_id, facts.month
  union all
  select 'payments', steady.manager_id, facts.month, sum(facts.amount)
  from {{ ref('fct_payments') }} as facts
  join steady on steady.customer_id = facts.customer_id
  group by steady.manager_id, facts.month
),

results as (
  select results.kpi, results.employee_id as manager_id, results.month, sum(results.value) as value
  from {{ ref('customer_results') }} as results
  join steady on steady.customer_id = results.customer_id
  where results.kpi in ('revenue', 'payments')
  group by results.kpi, results.employee_id, results.month
)

select coalesce(facts.kpi, results.kpi) as kpi, facts.value as expected, results.value as found
from facts
full join results
  on results.kpi = facts.kpi and results.manager_id = facts.manager_id and results.month = facts.month
where coalesce(facts.value, 0) <> coalesce(results.value, 0)
