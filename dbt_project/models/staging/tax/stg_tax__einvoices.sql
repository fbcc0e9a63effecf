{{ config(materialized='table') }}

select
  einvoice_id,
  seller_inn,
  buyer_inn,
  number,
  issued_date,
  amount,
  vat_amount,
  status,
  updated_at
from {{ source('tax', 'einvoice') }}
{{ keep_latest('einvoice_id, updated_at', version=none) }}
