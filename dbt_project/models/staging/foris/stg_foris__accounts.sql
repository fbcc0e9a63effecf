{{ config(materialized='table') }}

select
  account_id,
  agreement_id,
  account_number,
  payment_type,
  currency,
  status,
  balance,
  opened_date,
  updated_at
from {{ source('foris', 'account') }}
{{ keep_latest('account_id') }}
