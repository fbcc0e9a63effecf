-- Earlier states of customers whose billing records were delivered with another content before: the profile of a past
-- month end must not show what was entered later. Half-open; the first known state holds backwards, and the present
-- state is not here but in dim_customers. Days are local; of several versions of a day the last holds from that day.
{%- set cleaned = {
  'full_name': clean_text('records.full_name'), 'inn': digits_or_null('records.inn', 9),
  'pinfl': digits_or_null('records.pinfl', 14), 'email': 'lower(' ~ clean_text('records.email') ~ ')',
  'contact_phone': normalise_phone('records.contact_phone')} %}

with versions as (
  select
    identities.customer_id,
    {{ local_date('records.updated_at') }} as told_date,
    records.updated_at,
    {%- for field in customer_state_fields() %}
    {{ cleaned.get(field, 'records.' ~ field) }} as {{ field }}{{ "," if not loop.last }}
    {%- endfor %}
  from (
    select customer_id as record_id, * exclude (customer_id) from {{ source('foris', 'customer') }}
    {{ keep_latest('customer_id, updated_at', version=none) }}
  ) as records
  join {{ ref('int_record_customers') }} as identities on identities.record_id = records.record_id
),

changed as (
  select customer_id from versions group by customer_id having count(distinct told_date) > 1
),

carried as (
  select
    customer_id,
    told_date,
    updated_at,
    {%- for field in customer_state_fields() %}
    last_value({{ field }} ignore nulls) over so_far as {{ field }}{{ "," if not loop.last }}
    {%- endfor %}
  from versions
  where customer_id in (select customer_id from changed)
  window so_far as (partition by customer_id order by updated_at rows between unbounded preceding and current row)
),

days as (
  select * from carried
  qualify row_number() over (partition by customer_id, told_date order by updated_at desc) = 1
),

spans as (
  select
    *,
    case when row_number() over by_day = 1 then cast('1900-01-01' as date) else told_date end as valid_from,
    lead(told_date) over by_day as valid_to
  from days
  window by_day as (partition by customer_id order by told_date)
)

select
  customer_id,
  valid_from,
  valid_to,
  {%- for field in customer_state_fields() %}
  {{ field }}{{ "," if not loop.last }}
  {%- endfor %}
from spans
where valid_to is not null
