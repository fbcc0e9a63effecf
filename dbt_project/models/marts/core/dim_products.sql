-- One row per product offering, active and past.
select
  product_id,
  name as product_name,
  name_uz as product_name_uz,
  name_en as product_name_en,
  family,
  customer_type,
  monthly_fee,
  bundle_minutes,
  bundle_sms,
  bundle_mb,
  valid_from,
  coalesce(valid_to, {{ end_of_time() }}) as valid_to,
  valid_from <= {{ as_of() }} and coalesce(valid_to, {{ end_of_time() }}) > {{ as_of() }} as is_on_sale,
  updated_at
from {{ ref('stg_foris__products') }}
