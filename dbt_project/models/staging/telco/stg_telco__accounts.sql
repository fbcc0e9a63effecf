-- One postpaid billing account per customer of the set.
select
  record_id as account_id,
  record_id as agreement_id,
  source_id as account_number,
  'postpaid' as payment_type,
  'USD' as currency,
  case when is_churned then 'closed' else 'active' end as status,
  cast(null as decimal(18, 2)) as balance,
  activated_date as opened_date,
  updated_at
from {{ ref('stg_telco__customers') }}
