-- What was known of each customer at a month end, and whether the customer left afterwards. Features come from the
-- profile history only, the label only from after the gap, and it is filled once the whole horizon is stored.
-- Persons churn by inactivity: no usage in any month of the horizon. Organisations churn by a shrinking base: at the end
-- of the horizon they have lost at least churn_base_loss_pct of the subscriptions that were open.
{{ config(
    materialized='month_partition', month_column='month_end', batch_rows=-1,
    reach=var('profile_lookback_months') - 1, reach_back=var('churn_gap_months') + var('churn_horizon_months'),
    months_from=[['customer_profiles_history', 'month_end']]) }}

with observed as (
  select *, {{ churn_label_until('month_end') }} as label_until_date
  from {{ ref('customer_profiles_history') }}
  where month_end between {{ month_start() }} and {{ month_end() }}
),

used_later as (
  select distinct customer_id
  from {{ ref('int_customer_months') }}
  where usage_active_days > 0
    and month between {{ churn_label_from(month_end()) }} and {{ month_of(churn_label_until(month_end())) }}
),

open_later as (
  select customer_id, count(*) as open_count
  from {{ ref('dim_subscriptions') }}
  where status <> 'terminated' and valid_from <= {{ churn_label_until(month_end()) }}
    and valid_to > {{ churn_label_until(month_end()) }}
  group by customer_id
),

labelled as (
  select
    observed.*,
    case
      when observed.customer_type = 'person' then observed.subscriptions_active_count > 0 and not observed.is_inactive
      else observed.subscriptions_active_count + observed.subscriptions_suspended_count > 0
    end as is_eligible,
    used_later.customer_id is not null as has_used_later,
    100 * (observed.subscriptions_active_count + observed.subscriptions_suspended_count - coalesce(open_later.open_count, 0))
      >= {{ var('churn_base_loss_pct') }} * (observed.subscriptions_active_count + observed.subscriptions_suspended_count)
      as has_lost_base
  from observed
  left join used_later on used_later.customer_id = observed.customer_id
  left join open_later on open_later.customer_id = observed.customer_id
),

result as (
  select
    *,
    {{ var('churn_gap_months') }} as label_gap_months,
    {{ var('churn_horizon_months') }} as label_horizon_months,
    case when is_eligible and label_until_date <= {{ as_of() }} then
      case when customer_type = 'person' then not has_used_later else has_lost_base end
    end as is_churned
  from labelled
)

select
  {{ contract_columns() }}
from result
