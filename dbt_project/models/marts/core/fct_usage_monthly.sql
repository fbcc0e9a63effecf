{{ config(
    materialized='month_partition',
    months_from=[['fct_usage_daily', 'month'], ['stg_foris__usage_months', 'month']], batch_rows=12000000) }}

-- One row per subscription and month with any usage: rolled up from the days; from the billing's archive for the months
-- that are older than the daily files. Days win wherever a subscription has them.
with from_days as (
  select
    subscription_id,
    month,
    sum(voice_out_onnet_sec) as voice_out_onnet_sec,
    sum(voice_out_offnet_sec) as voice_out_offnet_sec,
    sum(voice_out_intl_sec) as voice_out_intl_sec,
    sum(voice_in_sec) as voice_in_sec,
    sum(sms_out) as sms_out,
    sum(data_mb) as data_mb,
    sum(roaming_voice_sec) as roaming_voice_sec,
    sum(roaming_sms) as roaming_sms,
    sum(roaming_data_mb) as roaming_data_mb,
    max(roaming_country) as roaming_country,
    count(roaming_country) as roaming_days,
    sum(charge_amount) as charge_amount,
    count(*) as active_days,
    min(usage_date) as first_usage_date,
    max(usage_date) as last_usage_date,
    'daily' as measured_by
  from {{ ref('fct_usage_daily') }}
  where usage_date between {{ month_start() }} and {{ month_end() }}
  group by subscription_id, month
),

from_archive as (
  select
    subscription_id, month, voice_out_onnet_sec, voice_out_offnet_sec, voice_out_intl_sec, voice_in_sec, sms_out, data_mb,
    roaming_voice_sec, roaming_sms, roaming_data_mb, roaming_country, cast(null as bigint) as roaming_days, charge_amount,
    active_days, cast(null as date) as first_usage_date, cast(null as date) as last_usage_date, 'archive' as measured_by
  from {{ ref('stg_foris__usage_months') }}
  where {{ in_built_months('month') }}
  {{ keep_latest('subscription_id, month', version=none) }}
),

usage as (
  select * from from_days
  union all
  select from_archive.* from from_archive
  anti join from_days
    on from_days.subscription_id = from_archive.subscription_id and from_days.month = from_archive.month
)

select
  usage.subscription_id,
  usage.month,
  subscriptions.account_id,
  subscriptions.customer_id,
  usage.measured_by,
  cast(usage.active_days as bigint) as active_days,
  usage.first_usage_date,
  usage.last_usage_date,
  {%- for measure in ['voice_out_onnet_sec', 'voice_out_offnet_sec', 'voice_out_intl_sec', 'voice_in_sec', 'sms_out'] %}
  cast(usage.{{ measure }} as bigint) as {{ measure }},
  {%- endfor %}
  cast(usage.data_mb as decimal(18, 3)) as data_mb,
  cast(usage.roaming_voice_sec as bigint) as roaming_voice_sec,
  cast(usage.roaming_sms as bigint) as roaming_sms,
  cast(usage.roaming_data_mb as decimal(18, 3)) as roaming_data_mb,
  cast(usage.roaming_days as bigint) as roaming_days,
  usage.roaming_country,
  cast(usage.charge_amount as decimal(18, 2)) as charge_amount
from usage
left join {{ ref('int_subscriptions') }} as subscriptions on subscriptions.subscription_id = usage.subscription_id
