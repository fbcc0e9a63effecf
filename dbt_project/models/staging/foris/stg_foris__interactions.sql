-- Every delivered version of a row: the month partitions keep the latest while they read one month.
select
  interaction_id,
  customer_id as record_id,
  channel,
  direction,
  topic,
  started_at,
  {{ local_date('started_at') }} as interaction_date,
  duration_seconds,
  result,
  nps_score,
  employee_id,
  updated_at,
  _loaded_at,
  _delivery_id,
  _line
from {{ source('foris', 'interaction') }}
