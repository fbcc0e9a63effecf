-- The sample describes no customers: each code that ever bought is a person about whom nothing else is known.
select
  {{ surrogate_id('cdnow_sample', 'customer_code') }} as record_id,
  customer_code as source_id,
  'person' as customer_type,
  'CDNOW sample ' || customer_code as full_name,
  'active' as status,
  'mass' as segment,
  'en' as language,
  false as consent_marketing,
  {{ utc_start_of('min(purchase_date)') }} as created_at,
  max(_loaded_at) as updated_at
from {{ source('cdnow_sample', 'payment') }}
group by customer_code
