{{ config(
    materialized='month_partition', month_column='paid_date', months_from=[['int_payments_unioned', 'paid_date']],
    batch_rows=6000000) }}

-- One row per payment. Bank documents of 1C are the other end of the billing's bank transfers and are not added here:
-- fct_bank_documents says which payment each of them is.
with versions as (
  select * from {{ ref('int_payments_unioned') }}
  where payment_id in (
    select payment_id from {{ ref('int_payments_unioned') }}
    where paid_at >= {{ utc_start_of(month_start()) }} and paid_at < {{ utc_start_of(month_end() ~ ' + 1') }}
  )
  {{ keep_latest('payment_id') }}
)

select
  versions.payment_id,
  versions.source,
  versions.account_id,
  coalesce(accounts.customer_id, records.customer_id) as customer_id,
  versions.paid_at,
  versions.paid_date,
  {{ month_of('versions.paid_date') }} as month,
  versions.amount,
  versions.currency,
  versions.method,
  versions.updated_at
from versions
left join {{ ref('int_accounts') }} as accounts on accounts.account_id = versions.account_id
left join {{ ref('int_record_customers') }} as records on records.record_id = versions.record_id
where {{ in_built_months('versions.paid_date') }}
