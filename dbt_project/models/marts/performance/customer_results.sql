{{ config(materialized='table') }}

-- What each client gave to each indicator on each day, with the manager of that day. Only clients with a manager, and
-- only since charges are known: what cards tell of earlier years has no money beside it.
with first_day as (
  select coalesce({{ month_of('min(charge_date)') }}, cast('1900-01-01' as date)) as known_from
  from {{ ref('fct_charges') }}
),

managed as (
  select * from {{ ref('int_customer_managers') }} where manager_id is not null
),

found as (
{%- for kpi in kpi_definitions() %}
  select
    {{ sql_text(kpi.code) }} as kpi,
    facts.customer_id,
    managed.manager_id as employee_id,
    facts.{{ kpi.day }} as result_date,
    sum({{ kpi.value }}) as value
  from {{ ref(kpi.from) }} as facts
  join managed
    on managed.customer_id = facts.customer_id
    and managed.valid_from <= facts.{{ kpi.day }} and managed.valid_to > facts.{{ kpi.day }}
  where {{ kpi.where }} and facts.{{ kpi.day }} <= {{ as_of() }}
  group by facts.customer_id, managed.manager_id, facts.{{ kpi.day }}
  {{ "union all" if not loop.last }}
{%- endfor %}
)

select
  kpi,
  customer_id,
  employee_id,
  cast(result_date as date) as result_date,
  {{ month_of('result_date') }} as month,
  cast(value as decimal(18, 2)) as value
from found
where value <> 0 and result_date >= (select known_from from first_day)
