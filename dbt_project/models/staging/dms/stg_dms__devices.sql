{{ config(materialized='table') }}

select
  event_date,
  subscription_id,
  imei,
  vendor,
  model,
  device_type,
  os,
  os_version,
  release_year
from {{ source('dms', 'device') }}
{{ keep_latest('event_date, subscription_id, imei', version=none) }}
