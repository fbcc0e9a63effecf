{{ config(post_hook="{{ note_identity_changes() }}") }}

-- The customer each source record belongs to. A cluster is named by its smallest billing id, so that the id survives
-- full re-runs; a record that resolution does not know yet stands for itself; parties without any customer get none.
with clustered as (
  select
    records.source,
    records.source_id,
    records.record_id,
    records.is_customer_record,
    members.party_id
  from {{ ref('int_party_records') }} as records
  left join {{ source('resolved', 'party_members') }} as members
    on members.source = records.source and members.source_id = records.source_id
),

clusters as (
  select party_id, min(record_id) as customer_id
  from clustered
  where party_id is not null
  group by party_id
)

select
  clustered.source,
  clustered.source_id,
  clustered.record_id,
  clustered.is_customer_record,
  clustered.party_id,
  coalesce(clusters.customer_id, clustered.record_id) as customer_id
from clustered
left join clusters on clusters.party_id = clustered.party_id
