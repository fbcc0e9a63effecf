-- What was known of each customer at a month end, and whether the customer left afterwards. Features come from the
-- profile history only, the label only from after the gap, and it is filled once the whole horizon is stored.
-- Persons churn by inactivity: no usage in any month of the horizon. Organisations churn by a shrinking base: at the end
-- of the horizon they have lost at least base_loss_pct of the subscriptions that were open. Gap, horizon and the rest are
-- the administrator's (macros/churn_definition.sql).
{{ config(
    materialized='month_partition', month_column='month_end', batch_rows=-1,
    reach=var('profile_lookback_months') - 1, by_churn_definition=true,
    months_from=[['customer_profiles_history', 'month_end']]) }}

with observed as (
  select *, {{ churn_label_until('month_end', 'customer_type') }} as label_until_date
  from {{ ref('customer_profiles_history') }}
  where month_end between {{ month_start() }} and {{ month_end() }}
),

used_later as (
  select distinct customer_id
  from {{ ref('int_customer_months') }}
  where usage_active_days > 0
    and month between {{ add_months(month_of(month_end()), churn_definition('person', 'gap_months') ~ ' + 1') }}
      and {{ month_of(churn_label_until(month_end(), "'person'")) }}
),

open_later as (
  select customer_id, count(*) as open_count
  from {{ ref('dim_subscriptions') }}
  where status <> 'terminated' and valid_from <= {{ churn_label_until(month_end(), "'organisation'") }}
    and valid_to > {{ churn_label_until(month_end(), "'organisation'") }}
  group by customer_id
),

-- What customers turned to us about in the last three months: recent trouble tells more than a year's.
asked as (
  select
    customer_id,
    count(*) as asked,
    count(*) filter (where topic = 'network') as network,
    count(*) filter (where topic in ('tariff', 'roaming')) as tariff,
    count(*) filter (where topic = 'billing') as billing,
    count(*) filter (where topic = 'complaint') as complaint,
    count(*) filter (where topic = 'termination') as termination
  from {{ ref('fct_interactions') }}
  where direction = 'in'
    and interaction_date between {{ add_months(month_start(), -2) }} and {{ month_end() }}
  group by customer_id
),

labelled as (
  select
    observed.*,
    coalesce(asked.asked, 0) as requests_3m_count,
    coalesce(asked.network, 0) as requests_network_3m_count,
    coalesce(asked.tariff, 0) as requests_tariff_3m_count,
    coalesce(asked.billing, 0) as requests_billing_3m_count,
    coalesce(asked.complaint, 0) as complaints_3m_count,
    coalesce(asked.termination, 0) as termination_requests_3m_count,
    case
      when observed.customer_type = 'person' then observed.subscriptions_active_count > 0 and not (
        observed.tenure_days >= {{ churn_definition('person', 'inactivity_days') }}
        and coalesce(observed.days_since_last_usage >= {{ churn_definition('person', 'inactivity_days') }}, true))
      else observed.subscriptions_active_count + observed.subscriptions_suspended_count > 0
    end as is_eligible,
    used_later.customer_id is not null as has_used_later,
    100 * (observed.subscriptions_active_count + observed.subscriptions_suspended_count - coalesce(open_later.open_count, 0))
      >= {{ churn_definition('organisation', 'base_loss_pct') }} * (observed.subscriptions_active_count + observed.subscriptions_suspended_count)
      as has_lost_base
  from observed
  left join used_later on used_later.customer_id = observed.customer_id
  left join open_later on open_later.customer_id = observed.customer_id
  left join asked on asked.customer_id = observed.customer_id
),

result as (
  select
    *,
    {{ churn_definition_of('customer_type', 'gap_months') }} as label_gap_months,
    {{ churn_definition_of('customer_type', 'horizon_months') }} as label_horizon_months,
    case when is_eligible and label_until_date <= {{ as_of() }} then
      case when customer_type = 'person' then not has_used_later else has_lost_base end
    end as is_churned
  from labelled
)

select
  {{ contract_columns() }}
from result
