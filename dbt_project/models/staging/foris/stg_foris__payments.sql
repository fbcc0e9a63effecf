-- Every delivered version of a row: the month partitions keep the latest while they read one month.
select
  payment_id,
  account_id,
  cast(null as bigint) as record_id,
  paid_at,
  {{ local_date('paid_at') }} as paid_date,
  amount,
  currency,
  method,
  updated_at,
  _loaded_at,
  _delivery_id,
  _line
from {{ source('foris', 'payment') }}
