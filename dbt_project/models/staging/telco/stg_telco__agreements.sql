-- One agreement per customer of the set.
select
  record_id as agreement_id,
  record_id,
  source_id as agreement_number,
  activated_date as signed_date,
  case when is_churned then last_month_end end as end_date,
  case when is_churned then 'terminated' else 'active' end as status,
  updated_at
from {{ ref('stg_telco__customers') }}
