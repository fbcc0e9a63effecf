{{ config(materialized='table') }}

select
  invoice_key,
  number,
  invoice_date,
  counterparty_id,
  counterparty_inn,
  amount,
  vat_amount,
  currency,
  foris_invoice_number
from {{ source('onec', 'invoice') }}
{{ keep_latest('invoice_key', version=none) }}
