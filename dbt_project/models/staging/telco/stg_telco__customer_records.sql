-- The Telco customers in the shape of the customers interface.
select
  record_id,
  source_id,
  'person' as customer_type,
  'Telco ' || source_id as full_name,
  sex,
  case when is_churned then 'closed' else 'active' end as status,
  'mass' as segment,
  'en' as language,
  false as consent_marketing,
  {{ utc_start_of('activated_date') }} as created_at,
  updated_at
from {{ ref('stg_telco__customers') }}
