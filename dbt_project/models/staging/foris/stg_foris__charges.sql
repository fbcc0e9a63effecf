-- Every delivered version of a row: the month partitions keep the latest while they read one month.
select
  charge_id,
  account_id,
  subscription_id,
  charge_date,
  charge_type,
  amount,
  currency,
  updated_at,
  _loaded_at,
  _delivery_id,
  _line
from {{ source('foris', 'charge') }}
