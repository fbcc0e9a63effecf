-- What was agreed of each agreement and since when that was told: a renewal writes a new end into the same record, so the
-- end that a past day knew is in the versions delivered before. Half-open by local days; before the first told version
-- nothing of the end was known (is_told is false). A source that keeps no time of change tells from the signing on.
with versions as (
  select
    agreements.agreement_id,
    agreements.customer_id,
    agreements.source,
    agreements.signed_date,
    agreements.end_date,
    agreements.status,
    agreements.updated_at
  from {{ ref('dim_agreements') }} as agreements
  union all
  select
    present.agreement_id,
    present.customer_id,
    present.source,
    past.signed_date,
    past.end_date,
    past.status,
    past.updated_at
  from (
    select * from {{ source('foris', 'agreement') }}
    {{ keep_latest('agreement_id, updated_at', version=none) }}
  ) as past
  join {{ ref('dim_agreements') }} as present
    on present.agreement_id = past.agreement_id and present.source = 'foris' and past.updated_at < present.updated_at
),

days as (
  select *, greatest(coalesce({{ local_date('updated_at') }}, signed_date), signed_date) as told_date
  from versions
  qualify row_number() over (partition by source, agreement_id, told_date order by updated_at desc) = 1
),

told as (
  select
    *,
    true as is_told,
    told_date as valid_from,
    coalesce(
      lead(told_date) over (partition by source, agreement_id order by told_date), {{ end_of_time() }}) as valid_to
  from days
),

untold as (
  select * replace (false as is_told, signed_date as valid_from, told_date as valid_to)
  from told
  qualify row_number() over (partition by source, agreement_id order by told_date) = 1
)

select agreement_id, customer_id, source, signed_date, end_date, status, is_told, valid_from, valid_to
from told
union all
select agreement_id, customer_id, source, signed_date, end_date, status, is_told, valid_from, valid_to
from untold
where valid_from < valid_to
