-- History of each subscription: one row per stretch of days in which status, product and number stay as they are.
-- Half-open: a row holds from valid_from up to, not including, valid_to. Of several events on a day the last decides.
with events as (
  select
    subscription_id,
    event_date as valid_from,
    event_type,
    case event_type
      when 'activated' then 'active'
      when 'resumed' then 'active'
      when 'suspended' then 'suspended'
      when 'terminated' then 'terminated'
    end as status,
    product_id,
    msisdn,
    reason,
    event_at,
    event_id
  from {{ ref('stg_foris__subscription_events') }}
  where event_date <= {{ as_of() }}
),

carried as (
  select
    subscription_id,
    valid_from,
    event_type,
    reason,
    last_value(status ignore nulls) over so_far as status,
    last_value(product_id ignore nulls) over so_far as product_id,
    last_value(msisdn ignore nulls) over so_far as msisdn,
    event_at,
    event_id
  from events
  window so_far as (
    partition by subscription_id order by event_at, event_id rows between unbounded preceding and current row
  )
),

days as (
  select * from carried
  qualify row_number() over (partition by subscription_id, valid_from order by event_at desc, event_id desc) = 1
),

-- A subscription whose source sends no events has the history that its own dates tell.
told as (
  select subscription_id, valid_from, event_type, reason, status, product_id, msisdn from days
  union all
  select subscription_id, activated_date, 'activated', null,
    case when terminated_date is null then status else 'active' end, product_id, msisdn
  from {{ ref('int_subscriptions') }}
  where subscription_id not in (select subscription_id from days) and activated_date <= {{ as_of() }}
  union all
  select subscription_id, terminated_date, 'terminated', null, 'terminated', product_id, msisdn
  from {{ ref('int_subscriptions') }}
  where subscription_id not in (select subscription_id from days)
    and terminated_date <= {{ as_of() }} and terminated_date > activated_date
),

spans as (
  select
    *,
    coalesce(lead(valid_from) over (partition by subscription_id order by valid_from), {{ end_of_time() }}) as valid_to
  from told
)

select
  spans.subscription_id,
  spans.valid_from,
  spans.valid_to,
  spans.valid_to = {{ end_of_time() }} as is_current,
  subscriptions.account_id,
  subscriptions.customer_id,
  subscriptions.source,
  coalesce(spans.msisdn, subscriptions.msisdn) as msisdn,
  subscriptions.imsi,
  coalesce(spans.product_id, subscriptions.product_id) as product_id,
  coalesce(spans.status, subscriptions.status) as status,
  spans.event_type as started_by,
  spans.reason as started_reason,
  subscriptions.activated_date,
  subscriptions.terminated_date
from spans
join {{ ref('int_subscriptions') }} as subscriptions on subscriptions.subscription_id = spans.subscription_id
