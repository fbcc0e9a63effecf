{# History of every subscription up to a date, each stretch with what held before it. #}
{% macro profile_subscription_history(d) %}
  select
    customer_id, subscription_id, msisdn, status, product_id, activated_date, valid_from, valid_to,
    lag(status) over (partition by subscription_id order by valid_from) as status_before,
    lag(product_id) over (partition by subscription_id order by valid_from) as product_before
  from {{ ref('dim_subscriptions') }}
  where valid_from <= {{ d }} and {{ customers_in_pass('customer_id') }}
{% endmacro %}

{# State of every subscription on a date, with its product: one row per subscription known by then. #}
{% macro profile_subscription_states(d) %}
  select
    s.customer_id,
    s.subscription_id,
    s.msisdn,
    s.status,
    s.activated_date,
    s.valid_from,
    s.product_id,
    p.product_name,
    p.family as product_family,
    coalesce(p.valid_to <= {{ d }}, false) as product_is_archived,
    p.monthly_fee,
    p.bundle_minutes,
    p.bundle_sms,
    p.bundle_mb
  from subscription_history as s
  left join {{ ref('dim_products') }} as p on p.product_id = s.product_id
  where s.valid_to > {{ d }}
{% endmacro %}

{# Counts and sums over a customer's subscriptions on a date. #}
{% macro profile_subscription_totals() %}
  select
    customer_id,
    count(*) as ever_count,
    count(case when status = 'active' then 1 end) as active_count,
    count(case when status = 'suspended' then 1 end) as suspended_count,
    count(case when status = 'terminated' then 1 end) as terminated_count,
    count(case when status = 'active' and product_family = 'iot' then 1 end) as iot_active_count,
    min(activated_date) as first_activated_date,
    max(activated_date) as last_activated_date,
    count(distinct case when status = 'active' then product_id end) as products_active_count,
    coalesce(sum(case when status = 'active' then monthly_fee end), 0) as monthly_fees_amount,
    coalesce(sum(case when status = 'active' then bundle_minutes end), 0) as bundle_minutes,
    coalesce(sum(case when status = 'active' then bundle_sms end), 0) as bundle_sms,
    coalesce(sum(case when status = 'active' then bundle_mb end), 0) as bundle_mb
  from subscription_states
  group by customer_id
{% endmacro %}

{# The subscription that stands for the customer: the oldest active one, else suspended, else the one ended last. #}
{% macro profile_main_subscription() %}
  select * from subscription_states
  qualify row_number() over (
    partition by customer_id
    order by case status when 'active' then 1 when 'suspended' then 2 else 3 end,
      case when status = 'terminated' then valid_from end desc nulls last, activated_date, subscription_id
  ) = 1
{% endmacro %}

{# Since when the main subscription has its product: the start of the latest stretch that brought another one. #}
{% macro profile_main_product_since() %}
  select main.customer_id, max(history.valid_from) as since_date
  from main_subscription as main
  join subscription_history as history on history.subscription_id = main.subscription_id
  where history.product_before is distinct from history.product_id
  group by main.customer_id
{% endmacro %}

{# What happened to the subscriptions within the 12 full months, and the base at the month end three months before. #}
{% macro profile_subscription_changes(d) %}
  select
    customer_id,
    count(case when in_window and product_before <> product_id then 1 end) as tariff_changes_12m_count,
    count(case when in_window and status = 'terminated' and status_before <> 'terminated' then 1 end)
      as terminated_12m_count,
    count(case when status <> 'terminated' and valid_from < {{ profile_month(d, 2) }}
      and valid_to >= {{ profile_month(d, 2) }} then 1 end) as open_3m_ago_count,
    count(case when status = 'active' and valid_from < {{ profile_month(d, 2) }}
      and valid_to >= {{ profile_month(d, 2) }} then 1 end) as active_3m_ago_count
  from (
    select *, valid_from between {{ profile_month(d, 11) }} and ({{ profile_month_end(d) }}) as in_window
    from subscription_history
  ) as history
  group by customer_id
{% endmacro %}

{# Agreements signed by a date, as they were told by then. An end that lies ahead is a plan: what was written into the record
   later (a renewal, a termination) was not known yet, so such an agreement is in force without an end. #}
{% macro profile_agreements(d) %}
  select
    customer_id,
    count(*) as ever_count,
    count(case when end_date is null or end_date > {{ d }} then 1 end) as active_count,
    min(signed_date) as first_signed_date,
    min(case when end_date > {{ d }} and status <> 'terminated' then end_date end) as next_end_date
  from (
    select customer_id, signed_date, status, case when is_told or end_date <= {{ d }} then end_date end as end_date
    from {{ ref('int_agreement_terms') }}
    where signed_date <= {{ d }} and valid_from <= {{ d }} and valid_to > {{ d }} and {{ customers_in_pass('customer_id') }}
  ) as agreed
  group by customer_id
{% endmacro %}

{# Billing accounts opened by a date. #}
{% macro profile_accounts(d) %}
  select
    customer_id,
    count(*) as accounts_count,
    case when min(payment_type) = max(payment_type) then min(payment_type) else 'mixed' end as payment_type
  from {{ ref('dim_billing_accounts') }}
  where opened_date <= {{ d }} and {{ customers_in_pass('customer_id') }}
  group by customer_id
{% endmacro %}
