-- One row per stretch of days in which a subscription was used in one device, half-open as all histories.
-- The source reports changes only, so a device holds until the next one is seen.
with reports as (
  select * from {{ ref('stg_dms__devices') }}
  where event_date <= {{ as_of() }}
  qualify row_number() over (partition by subscription_id, event_date order by imei desc) = 1
),

marked as (
  select
    *,
    coalesce(imei <> lag(imei) over (partition by subscription_id order by event_date), true) as is_change
  from reports
),

numbered as (
  select *, sum(case when is_change then 1 else 0 end) over (partition by subscription_id order by event_date) as stretch
  from marked
),

stretches as (
  select
    subscription_id,
    stretch,
    min(event_date) as valid_from,
    max(event_date) as last_reported_date,
    arg_max(imei, event_date) as imei,
    arg_max(vendor, event_date) as vendor,
    arg_max(model, event_date) as model,
    arg_max(device_type, event_date) as device_type,
    arg_max(os, event_date) as os,
    arg_max(os_version, event_date) as os_version,
    arg_max(release_year, event_date) as release_year
  from numbered
  group by subscription_id, stretch
),

spans as (
  select
    *,
    coalesce(lead(valid_from) over (partition by subscription_id order by valid_from), {{ end_of_time() }}) as valid_to
  from stretches
)

select
  spans.subscription_id,
  spans.valid_from,
  spans.valid_to,
  spans.valid_to = {{ end_of_time() }} as is_current,
  subscriptions.customer_id,
  spans.imei,
  spans.vendor,
  spans.model,
  spans.device_type,
  spans.os,
  spans.os_version,
  spans.release_year,
  min(spans.valid_from) over (partition by spans.subscription_id, spans.imei) as first_seen_date,
  max(spans.last_reported_date) over (partition by spans.subscription_id, spans.imei) as last_seen_date
from spans
left join {{ ref('int_subscriptions') }} as subscriptions on subscriptions.subscription_id = spans.subscription_id
