-- One subscription per customer of the set: the services are sold as one line.
select
  record_id as subscription_id,
  record_id as account_id,
  case when is_churned then 'terminated' else 'active' end as status,
  activated_date,
  case when is_churned then last_month_end end as terminated_date,
  updated_at
from {{ ref('stg_telco__customers') }}
