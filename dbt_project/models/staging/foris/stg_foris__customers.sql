{{ config(materialized='table') }}

select
  customer_id as record_id,
  cast(customer_id as varchar) as source_id,
  customer_type,
  {{ clean_text('full_name') }} as full_name,
  last_name,
  first_name,
  middle_name,
  short_name,
  name_uz,
  {{ digits_or_null('inn', 9) }} as inn,
  {{ digits_or_null('pinfl', 14) }} as pinfl,
  passport,
  sex,
  birth_date,
  region_code,
  district,
  address,
  lower({{ clean_text('email') }}) as email,
  {{ normalise_phone('contact_phone') }} as contact_phone,
  language,
  segment,
  industry,
  headcount,
  manager_id,
  status,
  consent_marketing,
  created_at,
  updated_at
from {{ source('foris', 'customer') }}
{{ keep_latest('customer_id') }}
