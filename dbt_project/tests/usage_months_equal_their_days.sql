-- The months rolled up from days hold exactly what the days hold.
with days as (
  select month, sum(voice_out_onnet_sec + voice_out_offnet_sec + voice_out_intl_sec + voice_in_sec) as voice,
    sum(sms_out) as sms, sum(data_mb) as data, sum(charge_amount) as charge, count(*) as days
  from {{ ref('fct_usage_daily') }}
  where {{ tested_months_only('usage_date') }}
  group by month
),

months as (
  select month, sum(voice_out_onnet_sec + voice_out_offnet_sec + voice_out_intl_sec + voice_in_sec) as voice,
    sum(sms_out) as sms, sum(data_mb) as data, sum(charge_amount) as charge, sum(active_days) as days
  from {{ ref('fct_usage_monthly') }}
  where measured_by = 'daily' and {{ tested_months_only('month') }}
  group by month
)

select days.*
from days
full join months on months.month = days.month
where days.voice is distinct from months.voice or days.sms is distinct from months.sms
  or days.data is distinct from months.data or days.charge is distinct from months.charge
  or days.days is distinct from months.days
