{{ config(materialized="table") }}

-- The set is one photograph without dates: tenure is counted back from the last complete month before as_of.
select
  customer_id as source_id,
  {{ surrogate_id('telco', 'customer_id') }} as record_id,
  case gender when 'Female' then 'F' else 'M' end as sex,
  senior_citizen = 1 as is_senior,
  tenure as tenure_months,
  phone_service = 'Yes' as has_phone,
  internet_service,
  contract,
  payment_method,
  monthly_charges,
  coalesce(total_charges, 0) as total_charges,
  churn = 'Yes' as is_churned,
  {{ add_months(month_of(as_of()), "-cast(greatest(tenure, 1) as integer)") }} as activated_date,
  {{ days_before(month_of(as_of()), 1) }} as last_month_end,
  _loaded_at as updated_at
from {{ source('telco', 'customer') }}
{{ keep_latest('customer_id', version=none) }}
