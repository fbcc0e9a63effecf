{{ config(materialized='table') }}

select
  subscription_id,
  account_id,
  msisdn,
  imsi,
  product_id,
  status,
  activated_date,
  terminated_date,
  updated_at
from {{ source('foris', 'subscription') }}
{{ keep_latest('subscription_id') }}
