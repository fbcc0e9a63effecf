{{ config(materialized='table') }}

select
  product_id,
  name,
  name_uz,
  name_en,
  family,
  customer_type,
  monthly_fee,
  bundle_minutes,
  bundle_sms,
  bundle_mb,
  valid_from,
  valid_to,
  updated_at
from {{ source('foris', 'product') }}
{{ keep_latest('product_id') }}
