-- The latest state of each taxpayer in the shape of the party_records interface.
select
  inn as source_id,
  'organisation' as kind,
  name as full_name,
  {{ digits_or_null('inn', 9) }} as inn,
  cast(null as varchar) as pinfl,
  cast(null as varchar) as phone,
  cast(null as date) as birth_date
from {{ ref('stg_tax__taxpayers') }}
qualify row_number() over (partition by inn order by updated_at desc) = 1
