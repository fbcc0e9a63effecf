-- The other companies of a customer's group, one row per link and side of it, with what the other company is today.
with sides as (
  select link_id, customer_id, linked_customer_id as company_id, link_type, is_formal, valid_from, valid_to
  from {{ ref('dim_customer_links') }}
  union all
  select
    link_id,
    linked_customer_id as customer_id,
    customer_id as company_id,
    case link_type when 'parent_of' then 'subsidiary_of' else link_type end as link_type,
    is_formal,
    valid_from,
    valid_to
  from {{ ref('dim_customer_links') }}
),

joined as (
  select
    sides.*,
    companies.customer_type as company_type,
    companies.short_name,
    companies.inn,
    companies.industry,
    companies.region_code,
    companies.lifecycle_status,
    companies.subscriptions_active_count,
    companies.arpu_3m,
    companies.debt_amount,
    companies.debt_overdue_amount,
    companies.overdue_days_max,
    companies.legal_status,
    companies.rfm_group
  from sides
  join {{ ref('customer_profiles') }} as companies on companies.customer_id = sides.company_id
)

select
  {{ contract_columns() }}
from joined
