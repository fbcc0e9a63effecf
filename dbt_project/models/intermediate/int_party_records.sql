-- Input of identity resolution: customers of the billing-like sources and the parties that other systems know.
with records as (
  select
    source, source_id, customer_type as kind, full_name, inn, pinfl, contact_phone as phone, email, birth_date,
    region_code, true as is_customer_record, record_id
  from {{ ref('int_customer_records') }}
  union all
  select
    source, source_id, kind, full_name, inn, pinfl, phone, email, birth_date,
    region_code, false as is_customer_record, cast(null as bigint) as record_id
  from (
    {{ union_interface('party_records', [
      ['source_id', 'varchar'], ['kind', 'varchar'], ['full_name', 'varchar'], ['inn', 'varchar'], ['pinfl', 'varchar'],
      ['phone', 'varchar'], ['email', 'varchar'], ['birth_date', 'date'], ['region_code', 'varchar'],
    ]) }}
  ) as parties
)

select
  source,
  source_id,
  kind,
  full_name,
  case when kind = 'organisation' then {{ organisation_key('full_name') }} else {{ name_key('full_name') }} end as name_key,
  inn,
  pinfl,
  phone,
  email,
  birth_date,
  region_code,
  is_customer_record,
  record_id
from records
