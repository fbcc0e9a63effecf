-- Every delivered version of a row: the month partitions keep the latest while they read one month.
select
  subscription_id,
  {{ month_of('month') }} as month,
  voice_out_onnet_sec,
  voice_out_offnet_sec,
  voice_out_intl_sec,
  voice_in_sec,
  sms_out,
  data_mb,
  roaming_voice_sec,
  roaming_sms,
  roaming_data_mb,
  roaming_country,
  charge_amount,
  active_days,
  _loaded_at,
  _delivery_id,
  _line
from {{ source('foris', 'usage_month') }}
