{{ config(materialized='table') }}

select
  counterparty_id,
  kind,
  {{ clean_text('name') }} as name,
  {{ digits_or_null('inn', 9) }} as inn,
  {{ digits_or_null('pinfl', 14) }} as pinfl,
  {{ normalise_phone('phone') }} as phone,
  birth_date,
  address,
  updated_date
from {{ source('onec', 'counterparty') }}
{{ keep_latest('counterparty_id', version='updated_date') }}
