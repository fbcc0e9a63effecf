{{ config(materialized='table') }}

select
  event_id,
  subscription_id,
  event_type,
  event_at,
  {{ local_date('event_at') }} as event_date,
  product_id,
  msisdn,
  reason,
  updated_at
from {{ source('foris', 'subscription_event') }}
{{ keep_latest('event_id') }}
