{{ config(
    materialized='month_partition', month_column='usage_date', months_from=[['stg_foris__usages', 'usage_date']],
    batch_rows=6000000) }}

-- One row per subscription and day with any usage. A day that was sent again replaces what was sent before.
with latest as (
  {{ latest_of_many(ref('stg_foris__usages'), 'subscription_id, usage_date', in_built_months('usage_date')) }}
)

select
  latest.subscription_id,
  latest.usage_date,
  {{ month_of('latest.usage_date') }} as month,
  subscriptions.account_id,
  subscriptions.customer_id,
  latest.voice_out_onnet_sec,
  latest.voice_out_offnet_sec,
  latest.voice_out_intl_sec,
  latest.voice_in_sec,
  latest.sms_out,
  latest.data_mb,
  latest.roaming_voice_sec,
  latest.roaming_sms,
  latest.roaming_data_mb,
  latest.roaming_country,
  latest.charge_amount
from latest
left join {{ ref('int_subscriptions') }} as subscriptions on subscriptions.subscription_id = latest.subscription_id
