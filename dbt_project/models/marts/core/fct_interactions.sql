{{ config(
    materialized='month_partition', month_column='interaction_date',
    months_from=[['stg_foris__interactions', 'interaction_date']], batch_rows=6000000) }}

-- One row per interaction with a customer.
with versions as (
  select * from {{ ref('stg_foris__interactions') }}
  where interaction_id in (
    select interaction_id from {{ ref('stg_foris__interactions') }}
    where started_at >= {{ utc_start_of(month_start()) }} and started_at < {{ utc_start_of(month_end() ~ ' + 1') }}
  )
  {{ keep_latest('interaction_id') }}
)

select
  versions.interaction_id,
  records.customer_id,
  versions.channel,
  versions.direction,
  versions.topic,
  versions.started_at,
  versions.interaction_date,
  {{ month_of('versions.interaction_date') }} as month,
  versions.duration_seconds,
  versions.result,
  versions.nps_score,
  versions.employee_id,
  versions.updated_at
from versions
left join {{ ref('int_record_customers') }} as records on records.record_id = versions.record_id
where {{ in_built_months('versions.interaction_date') }}
