-- The sample has no key: equal purchases of a customer on a day are told apart by their order in the delivery, so a purchase
-- that comes again in another delivery keeps its id.
with numbered as (
  select
    *,
    row_number() over (
      partition by _delivery_id, customer_code, purchase_date, units, amount order by _line
    ) as occurrence
  from {{ source('cdnow_sample', 'payment') }}
)

select
  {{ surrogate_id('cdnow_sample', "customer_code || '|' || purchase_date || '|' || units || '|' || amount || '|' || occurrence") }}
    as payment_id,
  cast(null as bigint) as account_id,
  {{ surrogate_id('cdnow_sample', 'customer_code') }} as record_id,
  {{ utc_start_of('purchase_date') }} as paid_at,
  purchase_date as paid_date,
  amount,
  'USD' as currency,
  'other' as method,
  _loaded_at as updated_at,
  _loaded_at,
  _delivery_id,
  _line
from numbered
-- A promotional disc costs nothing and is no payment.
where amount > 0
