-- One row per billing account.
select
  account_id,
  agreement_id,
  customer_id,
  source,
  account_number,
  payment_type,
  currency,
  status,
  balance,
  opened_date,
  updated_at
from {{ ref('int_accounts') }}
