-- Every pair of records that resolution put together, explained.
select
  matches.source_l,
  matches.source_id_l,
  matches.source_r,
  matches.source_id_r,
  identities.customer_id,
  left_records.full_name as full_name_l,
  right_records.full_name as full_name_r,
  matches.match_probability,
  matches.match_weight,
  matches.rule as match_rule,
  matches.explanation as match_explanation
from {{ source('resolved', 'party_matches') }} as matches
join {{ ref('int_customer_identities') }} as identities
  on identities.source = matches.source_l and identities.source_id = matches.source_id_l
join {{ ref('int_party_records') }} as left_records
  on left_records.source = matches.source_l and left_records.source_id = matches.source_id_l
join {{ ref('int_party_records') }} as right_records
  on right_records.source = matches.source_r and right_records.source_id = matches.source_id_r
