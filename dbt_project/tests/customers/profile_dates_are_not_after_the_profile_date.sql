-- A profile tells of nothing that had not happened yet; only the end of an agreement may lie ahead.
select customer_id, profile_date
from (
  select * from {{ ref('customer_profiles') }}
  union all
  select * from {{ ref('customer_profiles_history') }} where {{ tested_months_only('month_end') }}
) as profiles
where false
  {%- for column in ['month_end', 'created_date', 'agreement_first_signed_date', 'subscription_first_activated_date',
      'subscription_last_activated_date', 'main_product_since_date', 'last_usage_date', 'last_payment_date',
      'last_invoice_date', 'debt_date', 'main_device_since_date', 'legal_status_date', 'last_interaction_date',
      'cohort_month', 'usage_data_date', 'payments_data_date'] %}
  or {{ column }} > profile_date
  {%- endfor %}
  or agreement_next_end_date <= profile_date
