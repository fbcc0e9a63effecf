{{ config(materialized='table') }}

select
  inn,
  name,
  name_uz,
  legal_status,
  status_date,
  director_name,
  address,
  activity_code,
  updated_at
from {{ source('tax', 'taxpayer') }}
{{ keep_latest('inn, updated_at', version=none) }}
