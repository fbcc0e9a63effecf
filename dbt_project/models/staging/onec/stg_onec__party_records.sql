-- 1C counterparties in the shape of the party_records interface.
select
  counterparty_id as source_id,
  kind,
  name as full_name,
  inn,
  pinfl,
  phone,
  birth_date
from {{ ref('stg_onec__counterparties') }}
