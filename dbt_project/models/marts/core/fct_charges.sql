{{ config(
    materialized='month_partition', month_column='charge_date', months_from=[['int_charges_unioned', 'charge_date']],
    batch_rows=6000000) }}

-- One row per charge. All versions of a charge that touches the month are compared, so that one that was moved to
-- another month is not kept here as well.
with versions as (
  select * from {{ ref('int_charges_unioned') }}
  where charge_id in (
    select charge_id from {{ ref('int_charges_unioned') }} where {{ in_built_months('charge_date') }}
  )
  {{ keep_latest('charge_id') }}
)

select
  versions.charge_id,
  versions.source,
  versions.account_id,
  versions.subscription_id,
  accounts.customer_id,
  versions.charge_date,
  {{ month_of('versions.charge_date') }} as month,
  versions.charge_type,
  versions.amount,
  versions.currency,
  versions.updated_at
from versions
left join {{ ref('int_accounts') }} as accounts on accounts.account_id = versions.account_id
where {{ in_built_months('versions.charge_date') }}
