{{ config(materialized='table') }}

select
  contact_id,
  customer_id as record_id,
  {{ clean_text('full_name') }} as full_name,
  role,
  decision_influence,
  {{ normalise_phone('phone') }} as phone,
  email,
  power_of_attorney_until,
  updated_at
from {{ source('foris', 'contact') }}
{{ keep_latest('contact_id') }}
