-- Every source record with the customer it belongs to and the strongest evidence that put it there.
with evidence as (
  select source_l as source, source_id_l as source_id, source_r as other_source, source_id_r as other_source_id,
    match_probability, match_weight, rule, explanation
  from {{ source('resolved', 'party_matches') }}
  union all
  select source_r, source_id_r, source_l, source_id_l, match_probability, match_weight, rule, explanation
  from {{ source('resolved', 'party_matches') }}
),

strongest as (
  select * from evidence
  qualify row_number() over (
    partition by source, source_id
    order by match_probability desc nulls last, match_weight desc nulls last, other_source, other_source_id
  ) = 1
)

select
  identities.source,
  identities.source_id,
  identities.customer_id,
  identities.is_customer_record,
  coalesce(identities.record_id = identities.customer_id, false) as is_naming_record,
  records.kind,
  records.full_name,
  strongest.other_source as matched_source,
  strongest.other_source_id as matched_source_id,
  strongest.match_probability,
  strongest.match_weight,
  strongest.rule as match_rule,
  strongest.explanation as match_explanation
from {{ ref('int_customer_identities') }} as identities
join {{ ref('int_party_records') }} as records
  on records.source = identities.source and records.source_id = identities.source_id
left join strongest on strongest.source = identities.source and strongest.source_id = identities.source_id
