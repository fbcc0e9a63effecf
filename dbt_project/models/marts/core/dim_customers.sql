-- One row per party that is a customer: persons and organisations in one model. Where several records are one party, each
-- field comes from the most recently changed record that knows it; the identity itself from the record that names it.
with members as (
  select records.*, identities.customer_id
  from {{ ref('int_customer_records') }} as records
  join {{ ref('int_customer_identities') }} as identities
    on identities.source = records.source and identities.source_id = records.source_id
),

merged as (
  select
    customer_id,
    {%- for field in ['full_name', 'last_name', 'first_name', 'middle_name', 'short_name', 'name_uz', 'inn', 'pinfl',
        'passport', 'sex', 'birth_date', 'region_code', 'district', 'address', 'email', 'contact_phone', 'language',
        'segment', 'industry', 'headcount', 'manager_id', 'consent_marketing'] %}
    arg_max({{ field }}, updated_at) filter (where {{ field }} is not null) as {{ field }},
    {%- endfor %}
    case
      when bool_or(status = 'active') then 'active'
      when bool_or(status = 'suspended') then 'suspended'
      else 'closed'
    end as status,
    min(created_at) as created_at,
    min(created_date) as created_date,
    max(updated_at) as updated_at,
    count(*) as record_count
  from members
  group by customer_id
)

select
  merged.customer_id,
  naming.source,
  naming.customer_type,
  merged.full_name,
  merged.last_name,
  merged.first_name,
  merged.middle_name,
  merged.short_name,
  merged.name_uz,
  {{ name_key('merged.full_name') }} as name_key,
  merged.inn,
  merged.pinfl,
  merged.passport,
  merged.sex,
  merged.birth_date,
  merged.region_code,
  merged.district,
  merged.address,
  merged.email,
  merged.contact_phone,
  merged.language,
  merged.segment,
  merged.industry,
  merged.headcount,
  merged.manager_id,
  merged.status,
  coalesce(merged.consent_marketing, false) as consent_marketing,
  merged.created_at,
  merged.created_date,
  merged.updated_at,
  merged.record_count
from merged
join members as naming on naming.record_id = merged.customer_id
