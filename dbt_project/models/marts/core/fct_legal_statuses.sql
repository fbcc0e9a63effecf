-- History of the legal status of each taxpayer: one row per stretch of one status, half-open.
with states as (
  select inn, name, legal_status, status_date, director_name, address, activity_code, updated_at
  from {{ ref('stg_tax__taxpayers') }}
  where status_date <= {{ as_of() }}
  -- Of several states told for one date the last told is right.
  qualify row_number() over (partition by inn, status_date order by updated_at desc) = 1
),

changes as (
  select * from states
  qualify coalesce(legal_status <> lag(legal_status) over (partition by inn order by status_date), true)
),

spans as (
  select *, coalesce(lead(status_date) over (partition by inn order by status_date), {{ end_of_time() }}) as valid_to
  from changes
),

customers as (
  select inn, min(customer_id) as customer_id
  from {{ ref('dim_customers') }}
  where inn is not null and customer_type = 'organisation'
  group by inn
)

select
  spans.inn,
  spans.status_date as valid_from,
  spans.valid_to,
  spans.valid_to = {{ end_of_time() }} as is_current,
  customers.customer_id,
  spans.legal_status,
  lag(spans.legal_status) over (partition by spans.inn order by spans.status_date) as previous_status,
  spans.name as taxpayer_name,
  spans.director_name,
  spans.address,
  spans.activity_code,
  spans.updated_at
from spans
left join customers on customers.inn = spans.inn
