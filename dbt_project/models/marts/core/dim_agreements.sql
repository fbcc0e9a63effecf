-- One row per agreement.
with agreements as (
  {{ union_interface('agreements', [
    ['agreement_id', 'bigint'], ['record_id', 'bigint'], ['agreement_number', 'varchar'], ['signed_date', 'date'],
    ['end_date', 'date'], ['status', 'varchar'], ['updated_at', 'timestamp'],
  ]) }}
)

select
  agreements.agreement_id,
  records.customer_id,
  agreements.source,
  agreements.agreement_number,
  agreements.signed_date,
  agreements.end_date,
  agreements.status,
  agreements.updated_at
from agreements
left join {{ ref('int_record_customers') }} as records on records.record_id = agreements.record_id
