{{ config(materialized='table') }}

select
  invoice_id,
  account_id,
  invoice_number,
  period_start,
  issued_date,
  due_date,
  amount,
  currency,
  updated_at
from {{ source('foris', 'invoice') }}
{{ keep_latest('invoice_id') }}
