{{ config(materialized='table') }}

select
  employee_id,
  kpi,
  result_date,
  month,
  cast(sum(value) as decimal(18, 2)) as value,
  cast(count(*) as bigint) as customers
from {{ ref('customer_results') }}
group by employee_id, kpi, result_date, month
